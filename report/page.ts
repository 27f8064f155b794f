import { dailyChart, rankingChart } from "./charts";
import type { Day, Figures, Product, Store } from "./figures";
import { grouped, percent } from "./format";
import { type Markup, html } from "./html";
import { quality } from "./quality";
import { STYLE } from "./style";
import { card, table } from "./table";

/**
 * The whole page: no script, nothing loaded from elsewhere.
 *
 * @param costs the section on what the platform costs
 */
export function page(figures: Figures, costs: Markup): Markup {
  const { firstDay, lastDay } = figures.totals;
  const period = firstDay === null || lastDay === null ? "no sales yet" : `${firstDay} to ${lastDay}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Sales, ${period}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <header>
          <h1>Sales</h1>
          <p>${period}${firstDay === null ? "" : ", net of returns"}</p>
        </header>
        <main>
          ${firstDay === null ? html`<p class="empty">No line is loaded yet: run <code>npm run etl</code> on a lake.</p>` : sales(figures)}
          ${quality(figures)} ${costs}
        </main>
      </body>
    </html> `;
}

function sales({ totals, days, products, stores }: Figures): Markup {
  return html`<section class="cards">
      ${card("Revenue", grouped(totals.revenue))}${card("Gross profit", grouped(totals.profit))}${card("Margin", percent(totals.margin))}${card("Quantity", grouped(totals.quantity))}${card("Returned", grouped(totals.returned))}${card("Return rate", percent(totals.returnRate))}${card("Products", grouped(totals.products))}${card("Stores", grouped(totals.stores))}
    </section>
    <section>
      <h2>Revenue, profit and returns by day</h2>
      <div
        class="wide"
        role="img"
        aria-label="Revenue, gross profit and what came back by day, as in the table below"
      >
        ${dailyChart(days)}
      </div>
      <details>
        <summary>Figures by day</summary>
        ${dayTable(days)}
      </details>
    </section>
    <div class="pair">
      <section>
        <h2>Top products</h2>
        <div role="img" aria-label="Revenue and gross profit of the top products, as in the table below">
          ${rankingChart(products)}
        </div>
        ${rankedTable("Product", products, "Quantity", ({ quantity }) => quantity)}
      </section>
      <section>
        <h2>Top stores</h2>
        <div role="img" aria-label="Revenue and gross profit of the top stores, as in the table below">
          ${rankingChart(stores)}
        </div>
        ${rankedTable("Store", stores, "Customers", ({ customers }) => customers)}
      </section>
    </div>`;
}

const dayTable = (days: readonly Day[]): Markup =>
  table(
    ["Day", "Revenue#", "Gross profit#", "Returned#"],
    days.map(({ day, revenue, profit, returned }) => [
      day,
      grouped(revenue),
      grouped(profit),
      grouped(returned),
    ]),
  );

/** Name and id; an id without a reference row is marked. */
const named = (id: string, name: string | null): Markup =>
  name === null ? html`${id} <small>no reference row</small>` : html`${name} <small>${id}</small>`;

/** Products or stores by their revenue; the last column is the kind's own. */
function rankedTable<T extends Product | Store>(
  kind: string,
  ranked: readonly T[],
  last: string,
  value: (one: T) => string,
): Markup {
  return table(
    [kind, "Revenue#", "Profit#", "Margin#", "Returned#", `${last}#`],
    ranked.map((one) => [
      named(one.id, one.name),
      grouped(one.revenue),
      grouped(one.profit),
      percent(one.margin),
      percent(one.returnRate),
      grouped(value(one)),
    ]),
  );
}
