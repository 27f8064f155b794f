import { element } from "./dom";

export type Cell = string | Node;

/** A table named `label`; columns whose head ends with `#` hold numbers. Wide ones scroll, by keyboard too. */
export function table(
  label: string,
  heads: readonly string[],
  rows: readonly (readonly Cell[])[],
  kind = "",
): HTMLElement {
  const cell = (tag: "th" | "td", value: Cell, n: number): HTMLElement =>
    element(
      tag,
      {
        ...(heads[n]?.endsWith("#") ? { class: "number" } : {}),
        ...(tag === "th" ? { scope: "col" } : {}),
      },
      value,
    );
  const head = heads.map((name, n) => cell("th", name.replace(/#$/, ""), n));
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      row.map((value, n) => cell("td", value, n)),
    ),
  );
  return element(
    "div",
    { class: `wide ${kind}`.trim(), tabindex: "0", role: "region", "aria-label": label },
    element("table", {}, element("thead", {}, element("tr", {}, head)), element("tbody", {}, body)),
  );
}

/** Name and id; an id without a reference row is marked. */
export const named = (id: string, name: string | null): Cell =>
  element("span", {}, name ?? id, " ", element("small", {}, name === null ? "no reference row" : id));
