import type { Estimate } from "../cost/estimate";
import { readEstimates } from "../cost/read-estimates";
import {
  BASIS,
  componentRows,
  dollars,
  notEstimated,
  otherRegions,
  savingRows,
  unconfirmed,
} from "../cost/summary";
import { costChart } from "./cost-chart";
import { type Markup, html } from "./html";
import { card, table } from "./table";

/**
 * The cost of the platform, by the code of `npm run cost`.
 *
 * @param synthesized the folder that `npm run synth` writes; without a stack in it, one line names the command
 */
export function costSection(synthesized: string): Markup {
  return html`<section>
    <h2>What it costs</h2>
    ${costs(synthesized)}
  </section>`;
}

function costs(synthesized: string): Markup {
  let estimates: Estimate[];
  try {
    estimates = readEstimates(synthesized);
  } catch (error) {
    // A half-written stack must not hide the sales figures.
    return html`<p class="empty">
      No estimate (${(error as Error).message}): run <code>npm run synth</code>, then the report again.
    </p>`;
  }
  if (estimates.length === 0) {
    return html`<p class="empty">
      No estimate: no stack is synthesized. Run <code>npm run synth</code>, then the report again.
    </p>`;
  }
  const unknown = notEstimated(estimates);
  return html`<p>
      ${BASIS.join(" ")} ${otherRegions(estimates) ?? ""} ${unconfirmed(estimates) ?? ""} From the stacks as
      they were last synthesized;
      <code>npm run cost</code> synthesizes them again.
    </p>
    <div class="cards">${estimates.map(({ stack, usd }) => card(stack, dollars(usd)))}</div>
    <div class="wide" role="img" aria-label="Cost of a month by component, as in the table below">
      ${costChart(estimates)}
    </div>
    ${amounts(componentRows(estimates))}
    <h3>Saved in a month, already taken off above</h3>
    ${amounts(savingRows(estimates))}
    <h3>Not estimated, not in the sums</h3>
    ${
      unknown.length === 0
        ? html`<p>Nothing.</p>`
        : html`<ul>
            ${unknown.map((line) => html`<li>${line}</li>`)}
          </ul>`
    }`;
}

/** A head and rows of a name and amounts; the last row is their sum. */
function amounts([[name = "", ...stacks] = [], ...rows]: readonly (readonly string[])[]): Markup {
  return html`<div class="sums">${table([name, ...stacks.map((stack) => `${stack}#`)], rows)}</div>`;
}
