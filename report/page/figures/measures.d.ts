/** Made by the build from `sales_job/tables/measures.json`: a measure has one formula, also here. */
declare module "measures" {
  /** The columns that a measure's formula names, by name. */
  type Columns = Readonly<Record<string, bigint>>;
  type Measure = (of: Columns) => bigint | null;
  export const profit_margin: Measure;
  export const basket_value: Measure;
  export const items_per_basket: Measure;
  export const revenue_per_customer: Measure;
  export const return_rate: Measure;
  export const growth: Measure;
  export const retention: Measure;
  export const revenue_per_sqft: Measure;
}
