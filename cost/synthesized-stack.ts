/** Part of a synthesized stack, as Terraform reads it. */
export type Block = Readonly<Record<string, unknown>>;

/** A synthesized stack, as far as the estimate reads it. */
export interface StackJson {
  readonly provider?: Readonly<Record<string, readonly Block[]>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Block>>>>;
}

export interface Resource {
  readonly type: string;
  /** `<type>.<logical id>`. */
  readonly address: string;
  /** Name of the construct that it belongs to. */
  readonly component: string;
  readonly environment: string;
  readonly attributes: Block;
}

/** A resource that cannot be priced. The estimate lists it with the reason and never counts it as free. */
export class NotEstimated extends Error {}

export const block = (value: unknown): Block =>
  typeof value === "object" && value !== null ? (value as Block) : {};
export const blocks = (value: unknown): Block[] => (Array.isArray(value) ? value.map(block) : []);
/** A number of the plan, else `otherwise`. */
export const number = (value: unknown, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
/** Days of a duration such as `7776000s`; NaN for anything else. */
export const days = (duration: unknown): number =>
  Number(/^(\d+)s$/.exec(text(duration))?.[1] ?? NaN) / 86_400;

/** All resources of a stack. Environment and component come from labels, or else from the construct's path. */
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

/** Regions of a stack's resources: those of its providers, and those that resources name themselves. */
export function regionsOf({ provider, resource }: StackJson): string[] {
  const providers = Object.values(provider ?? {}).flat();
  const resources = Object.values(resource ?? {}).flatMap((items) => Object.values(items));
  const regions = [...providers, ...resources]
    .map(({ region }) => text(region))
    .filter((region) => region !== "");
  return [...new Set(regions)].sort();
}
