import { element } from "./dom";

/**
 * Loads the page again after `seconds`, at the same place: a command writes it while messages arrive.
 *
 * @returns what says so, with a button that ends it
 */
export function reload(seconds: number): HTMLElement {
  const timer = setTimeout(() => {
    history.replaceState({ scrolled: scrollY }, "");
    location.reload();
  }, seconds * 1000);
  const stop = element("button", { type: "button" }, "Stop");
  const place = element("span", {}, ` Loads itself again every ${String(seconds)} seconds. `, stop);
  stop.addEventListener("click", () => {
    clearTimeout(timer);
    place.replaceChildren(" Does not load itself again.");
  });
  return place;
}

/** How far the page was scrolled before it loaded itself again; 0 of any other page. */
export function scrolledBefore(): number {
  const { scrolled } = (history.state ?? {}) as { scrolled?: number };
  return scrolled ?? 0;
}
