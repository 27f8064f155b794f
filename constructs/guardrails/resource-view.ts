/** One resource as Terraform reads it: snake_case attributes, references as `${...}`. */
export class ResourceView {
  constructor(
    readonly type: string,
    /** `<type>.<logical id>`, as in plans and errors. */
    readonly address: string,
    private readonly attributes: unknown,
    private readonly resolve: (value: unknown) => unknown,
  ) {}

  /** Attribute at `path` (`settings.ip_configuration.ipv4_enabled`); undefined where it is not set. */
  get(path: string): unknown {
    const found = path.split(".").reduce<unknown>((value, key) => {
      // Terraform's JSON writes a block as an object, or as a list of one.
      const block: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
      return isObject(block) ? block[key] : undefined;
    }, this.attributes);
    return found === undefined ? undefined : this.resolve(found);
  }

  /**
   * Like {@link get}, for a rule that needs the value itself.
   *
   * @throws {@link NotKnownAtSynth} for a reference
   */
  known(path: string): unknown {
    const value = this.get(path);
    if (isReference(value)) throw new NotKnownAtSynth(path, String(value));
    return value;
  }

  /**
   * Members of the list at `path`.
   *
   * @throws {@link NotKnownAtSynth} for a reference
   */
  list(path: string): unknown[] {
    const value = this.known(path);
    const items: unknown[] = value === undefined ? [] : Array.isArray(value) ? (value as unknown[]) : [value];
    for (const item of items) if (isReference(item)) throw new NotKnownAtSynth(path, String(item));
    return items;
  }

  /** Every string in the resource, with its path. */
  strings(): [string, string][] {
    const found: [string, string][] = [];
    const walk = (path: string, value: unknown): void => {
      if (typeof value === "string") found.push([path, value]);
      else if (Array.isArray(value)) {
        value.forEach((item, index) => {
          walk(`${path}[${index}]`, item);
        });
      } else if (isObject(value)) {
        for (const [key, item] of Object.entries(value))
          if (key !== "//") walk(path ? `${path}.${key}` : key, item);
      }
    };
    walk("", this.resolve(this.attributes));
    return found;
  }
}

/** A rule needs a value that is known only after an apply. */
export class NotKnownAtSynth extends Error {
  constructor(path: string, value: string) {
    super(`${path} is ${value}, which is not known at synth: look at the plan`);
  }
}

function isReference(value: unknown): boolean {
  return typeof value === "string" && value.includes("${");
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
