import { AGE_DAYS, BUCKET_SHARE, DAYS_PER_MONTH, volumes } from "../assumptions";
import { Bill, Line, line, sum } from "../bill";
import { isPriced } from "../price-list";
import { Block, NotEstimated, Resource, block, blocks, days, number, text } from "../synthesized-stack";

/** Days that an object spends in each storage class within {@link AGE_DAYS}, by the bucket's lifecycle rules. */
export function daysByClass(bucket: Block): ReadonlyMap<string, number> {
  const rules = blocks(bucket.lifecycle_rule).map((rule) => ({
    action: block(rule.action),
    condition: block(rule.condition),
  }));
  const live = rules.filter(
    ({ condition }) => typeof condition.age === "number" && text(condition.with_state) !== "ARCHIVED",
  );
  const ages = (type: string): { age: number; storageClass: string }[] =>
    live
      .filter(({ action }) => text(action.type) === type)
      .map(({ action, condition }) => ({
        age: number(condition.age, 0),
        storageClass: text(action.storage_class),
      }))
      .sort((a, b) => a.age - b.age);

  const deleted = Math.min(AGE_DAYS, ...ages("Delete").map(({ age }) => age));
  const steps = [
    { age: 0, storageClass: text(bucket.storage_class) || "STANDARD" },
    ...ages("SetStorageClass").filter(({ age }) => age < deleted),
  ];
  const found = new Map<string, number>();
  const add = (storageClass: string, more: number): void => {
    found.set(storageClass, (found.get(storageClass) ?? 0) + more);
  };
  steps.forEach(({ age, storageClass }, index) => {
    add(storageClass, (steps[index + 1]?.age ?? deleted) - age);
  });
  if (deleted < AGE_DAYS) add(steps.at(-1)?.storageClass ?? "STANDARD", daysAfterDelete(bucket, rules));
  return found;
}

/** Days that a deleted object is kept: as an old version first, then by soft delete. */
function daysAfterDelete(bucket: Block, rules: readonly { action: Block; condition: Block }[]): number {
  const versioned = block(bucket.versioning).enabled === true;
  const old = rules
    .filter(({ action }) => text(action.type) === "Delete")
    .map(({ condition }) => condition.days_since_noncurrent_time)
    .filter((value) => typeof value === "number");
  const soft = days(`${number(block(bucket.soft_delete_policy).retention_duration_seconds, 0)}s`);
  return (versioned ? Math.min(AGE_DAYS, ...old) : 0) + soft;
}

/** A bucket that received the same amount of data every month for {@link AGE_DAYS}. */
export function bucket({ attributes, environment }: Resource): Bill {
  const name = text(attributes.name);
  const share = Object.entries(BUCKET_SHARE).find(([end]) => name.endsWith(`-${end}`))?.[1];
  if (share === undefined) throw new NotEstimated(`bucket ${name}: BUCKET_SHARE has no share for it`);
  const monthly = volumes(environment).lakeGibPerMonth * share;
  const dual = blocks([attributes.custom_placement_config]).some(({ data_locations }) =>
    Array.isArray(data_locations),
  );
  const stored = (storageClass: string, time: number): Line => {
    const price = `gcs.${dual ? "dual." : ""}${storageClass.toLowerCase()}`;
    if (!isPriced(price)) throw new NotEstimated(`bucket ${name}: storage class ${storageClass}`);
    return line(storageClass.toLowerCase(), (monthly * time) / DAYS_PER_MONTH, price);
  };
  const lines = [...daysByClass(attributes)].map(([storageClass, time]) => stored(storageClass, time));
  const turbo = text(attributes.rpo) === "ASYNC_TURBO";
  return {
    lines: [
      ...lines,
      ...(dual ? [line("copies", monthly, turbo ? "gcs.turbo-replication" : "gcs.replication")] : []),
    ],
    savings: [{ measure: "lifecycle rules", usd: stored("STANDARD", AGE_DAYS).usd - sum(lines) }],
  };
}
