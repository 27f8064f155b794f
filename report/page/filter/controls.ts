import type { NamedPeriod, Sales } from "../data/document";
import { element } from "../ui/dom";
import { type Choice, dayAt, spanOf, storesOf, usual } from "./choice";

const CUSTOM = "custom";

/** The filter: what is chosen in it goes to `choose`. */
export class Controls {
  readonly #form: HTMLFormElement;
  readonly #sales: Sales;
  readonly #choose: (choice: Choice) => void;

  constructor(form: HTMLFormElement, sales: Sales, choose: (choice: Choice) => void) {
    [this.#form, this.#sales, this.#choose] = [form, sales, choose];
    form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLSelectElement || target instanceof HTMLInputElement)
        this.#changed(target.name);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
    });
  }

  /** Shows a choice. A control that has the focus keeps it. */
  show(choice: Choice): void {
    const focused = document.activeElement?.getAttribute("name");
    this.#form.replaceChildren(...this.#fields(choice));
    this.#form.hidden = false;
    if (focused && document.activeElement === document.body) this.#field(focused)?.focus();
  }

  #fields(choice: Choice): HTMLElement[] {
    const sales = this.#sales;
    const named = sales.periods.some(({ name }) => name === choice.period);
    const span = spanOf(choice.period, sales) ?? [0, 0];
    const regions = sales.regions.filter((name) => name !== null);
    const stores = storesOf(sales, choice.region).map((id): [string, string] => {
      const name = sales.stores.store_name[sales.stores.store_id.indexOf(id)];
      return [id, name ? `${name} (${id})` : id];
    });
    const day = (name: string, label: string, value: number): HTMLElement =>
      field(
        label,
        element("input", {
          type: "date",
          name,
          value: dayAt(value, sales),
          min: sales.days[0],
          max: sales.days[1],
          required: true,
        }),
      );
    return [
      select("period", "Period", periodOptions(sales), named ? choice.period : CUSTOM),
      ...(named ? [] : [day("from", "From", span[0]), day("to", "To", span[1])]),
      select(
        "compare",
        "Compared with",
        [
          ["before", "the period before"],
          ["year", "a year before"],
          ["none", "nothing"],
        ],
        choice.compare,
      ),
      ...(regions.length === 0
        ? []
        : [select("region", "Region", [["", "All regions"], ...regions.map(twice)], choice.region ?? "")]),
      select("store", "Store", [["", "All stores"], ...stores], choice.store ?? ""),
      select(
        "category",
        "Category",
        // A value of its own for all: that of products without a reference row is empty.
        [
          ["all", "All categories"],
          ...sales.categories.map((name): [string, string] => [`=${name ?? ""}`, name ?? "no category"]),
        ],
        choice.category === null ? "all" : `=${choice.category}`,
      ),
      this.#reset(),
    ];
  }

  #reset(): HTMLElement {
    const button = element("button", { type: "button" }, "Reset");
    button.addEventListener("click", () => {
      this.#choose(usual(this.#sales));
    });
    return button;
  }

  #field(name: string): HTMLSelectElement | HTMLInputElement | null {
    return this.#form.querySelector(`[name="${name}"]`);
  }

  #changed(name: string): void {
    const value = (field: string): string => this.#field(field)?.value ?? "";
    const region = value("region") || null;
    const store = value("store");
    const category = value("category");
    const period = this.#period(name, value);
    if (period === undefined) return;
    this.#choose({
      period,
      compare: value("compare") as Choice["compare"],
      region,
      // A store outside of the chosen region would leave nothing.
      store: storesOf(this.#sales, region).includes(store) ? store : null,
      category: category.startsWith("=") ? category.slice(1) : null,
    });
  }

  /** The chosen period; undefined while a day is not written whole. */
  #period(changed: string, value: (field: string) => string): string | undefined {
    const period = value("period");
    if (period !== CUSTOM) return period;
    const sales = this.#sales;
    if (changed === "period") {
      // Begins with the days that were shown.
      const shown = spanOf(fromAddress(), sales) ?? [0, 0];
      return `${dayAt(shown[0], sales)}..${dayAt(shown[1], sales)}`;
    }
    const [from, to] = [value("from"), value("to")];
    const ordered = from <= to ? `${from}..${to}` : changed === "from" ? `${from}..${from}` : `${to}..${to}`;
    return spanOf(ordered, sales) ? ordered : undefined;
  }
}

const fromAddress = (): string => new URLSearchParams(location.hash.slice(1)).get("period") ?? "all";

const twice = (name: string): [string, string] => [name, name];

function field(label: string, control: HTMLElement): HTMLElement {
  return element("label", {}, element("span", {}, label), control);
}

function select(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: string,
): HTMLElement {
  const made = options.map(([value, text]) => element("option", { value, selected: value === chosen }, text));
  return field(label, element("select", { name }, ...made));
}

function periodOptions({ periods }: Sales): [string, string][] {
  return [
    ...periods.map((period): [string, string] => [period.name, periodName(period)]),
    [CUSTOM, "From day to day ..."],
  ];
}

function periodName({ name, days }: NamedPeriod): string {
  if (name === "all") return `All days since ${days[0]}`;
  if (name.startsWith("last-")) return `Last ${name.slice("last-".length)} days`;
  return new Date(`${name}-01T00:00:00Z`).toLocaleDateString("en", {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}
