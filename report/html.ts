/** HTML that is known to be safe: from {@link html} or a trusted generator. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return part.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
  if (typeof part === "number") return String(part);
  return part.map(render).join("");
}

/** A template that escapes every text put into it; markup and lists of markup go in as they are. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(literals.reduce((text, literal, n) => text + render(parts[n - 1] ?? "") + literal));
}
