import { drawAll } from "./charts/chart";
import type { Document, Sales } from "./data/document";
import { inflate } from "./data/inflate";
import { unpack } from "./data/unpack";
import { viewOf } from "./figures/view";
import { type Choice, fromHash, spanText, toHash } from "./filter/choice";
import { Controls } from "./filter/controls";
import { cost } from "./sections/cost";
import { customers } from "./sections/customers";
import { forecast } from "./sections/forecast";
import { inventory } from "./sections/inventory";
import { overview } from "./sections/overview";
import { products } from "./sections/products";
import { quality } from "./sections/quality";
import { returns } from "./sections/returns";
import { stores } from "./sections/stores";
import { today, withoutToday } from "./sections/today";
import { trend } from "./sections/trend";
import { element, nowrap, word } from "./ui/dom";
import { reload, scrolledBefore } from "./ui/reload";

/** Sections that follow the filter. */
const FILTERED = [
  today,
  overview,
  trend,
  forecast,
  products,
  inventory,
  stores,
  customers,
  returns,
  withoutToday,
];

async function show(): Promise<void> {
  const made = unpack(await inflate("document"));
  const place = required("sections", HTMLElement);
  const fixed = [quality(made.quality), cost(made.cost, made.quality.runs)];
  const scrolled = scrolledBefore();
  required("as-of", HTMLElement).replaceChildren(...asOf(made));
  if (made.reload_seconds !== undefined) required("as-of", HTMLElement).append(reload(made.reload_seconds));
  const filtered = element("div", {});
  place.append(filtered, ...fixed);
  if (made.sales) follow(made.sales, filtered);
  else filtered.append(element("section", {}, word("No line is loaded yet: run npm run etl on a lake.")));
  drawAll();
  redraw();
  if (scrolled > 0) scrollTo(0, scrolled);
}

/** Shows the sales of the address, and again when it changes. */
function follow(sales: Sales, place: HTMLElement): void {
  const controls = new Controls(required("filter", HTMLFormElement), sales, (choice) => {
    location.hash = toHash(choice);
  });
  const render = (): void => {
    const choice: Choice = fromHash(location.hash, sales);
    const view = viewOf(choice, sales);
    controls.show(choice);
    place.replaceChildren(...FILTERED.map((make) => make(view)).filter((made) => made !== null));
    document.title = `Sales, ${spanText(view.span, sales)}`;
    drawAll();
  };
  // The address says what is shown before anything is chosen, too.
  history.replaceState(null, "", toHash(fromHash(location.hash, sales)));
  addEventListener("hashchange", render);
  render();
}

/** Until when the figures are, and which days the page leaves out. */
function asOf({ sales, quality }: Document): (string | HTMLElement)[] {
  const run = quality.runs.find(({ status }) => status === "done");
  const last = run ? [" Last run done: ", nowrap(`${run.finished_at} UTC`), "."] : [];
  if (!sales) return ["No sales yet.", ...last];
  const [first, end] = sales.days;
  return [
    "Data as of ",
    nowrap(end),
    ".",
    ...last,
    " Days since ",
    nowrap(first),
    ".",
    sales.first_day < first ? ` Earlier days, since ${sales.first_day}, are in the tables.` : "",
    sales.newest_day > end ? ` Days after the last run, to ${sales.newest_day}, are left out.` : "",
  ];
}

/** A chart does not follow the window, the theme or the paper by itself. */
function redraw(): void {
  const again = (): void => {
    drawAll(true);
  };
  let width = innerWidth;
  addEventListener("resize", () => {
    // A phone's address bar changes the height alone.
    if (innerWidth !== width) again();
    width = innerWidth;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  matchMedia("print").addEventListener("change", again);
}

function required<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}

show().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  required("as-of", HTMLElement).textContent =
    `The figures cannot be shown (${reason}): write the report again.`;
  throw error;
});
