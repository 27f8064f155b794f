/** Part of a synthesized stack, as Terraform reads it. */
export type Block = Readonly<Record<string, unknown>>;

export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
}

export interface Resource {
  readonly type: string;
  /** `<type>.<logical id>`. */
  readonly address: string;
  /** The construct of the stack that it belongs to. */
  readonly component: string;
  readonly environment: string;
  readonly attributes: Block;
}

/** What cannot be priced: listed with its reason, never counted as nothing. */
export class NotEstimated extends Error {}

export const block = (value: unknown): Block =>
  typeof value === "object" && value !== null ? (value as Block) : {};
export const blocks = (value: unknown): Block[] => (Array.isArray(value) ? value.map(block) : []);
/** A number of the plan, or `otherwise` where the plan has none. */
export const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
/** Days of a duration as `7776000s`. */
export const days = (duration: unknown): number =>
  Number(/^(\d+)s$/.exec(text(duration))?.[1] ?? NaN) / 86_400;

/** Every resource of a stack; labels say environment and component, the path of the construct where there are none. */
export function resourcesOf(stack: string, json: StackJson): Resource[] {
  return Object.entries(json.resource ?? {}).flatMap(([type, items]) =>
    Object.entries(items).map(([id, attributes]) => {
      const labels = block(
        attributes.labels ?? attributes.user_labels ?? block(attributes.settings).user_labels,
      );
      const path = text(block(block(attributes["//"]).metadata).path).split("/");
      return {
        type,
        address: `${type}.${id}`,
        component: text(labels.component) || (path[1] ?? "platform"),
        environment: text(labels.environment) || stack,
        attributes,
      };
    }),
  );
}
