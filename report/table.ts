import { Markup, html } from "./html";

export const card = (label: string, value: string): Markup =>
  html`<div class="card"><span>${label}</span><strong>${value}</strong></div>`;

/** Columns whose head ends with `#` hold numbers. */
export function table(heads: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  const cell = (n: number): Markup => (heads[n]?.endsWith("#") ? html` class="number"` : html``);
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${heads.map((head, n) => html`<th scope="col" ${cell(n)}>${head.replace(/#$/, "")}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((value, n) => html`<td${cell(n)}>${value}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
