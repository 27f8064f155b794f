import { element } from "./dom";

/** A key figure with its label above and what it is compared with below. */
export const card = (label: string, value: string, under: HTMLElement | null): HTMLElement =>
  element(
    "div",
    { class: "card" },
    element("span", {}, label),
    element("strong", { "data-figure": label }, value),
    under,
  );
