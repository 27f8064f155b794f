type Part = Node | string | null | readonly Part[];

/** An element: texts go in as texts, so nothing in the data becomes markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | boolean>>,
  ...parts: readonly Part[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, value);
  }
  append(made, parts);
  return made;
}

function append(parent: Node, parts: readonly Part[]): void {
  for (const part of parts) {
    if (part === null) continue;
    if (typeof part === "string") parent.appendChild(document.createTextNode(part));
    else if (part instanceof Node) parent.appendChild(part);
    else append(parent, part);
  }
}

export const paragraph = (...parts: readonly Part[]): HTMLElement => element("p", {}, ...parts);

/** A section of the page; its heading names it. */
export function section(id: string, title: string, ...parts: readonly Part[]): HTMLElement {
  return element(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    ...parts,
  );
}

/** A text that stays in one line, such as a date. */
export const nowrap = (text: string): HTMLElement => element("span", { class: "nowrap" }, text);

export const heading = (title: string): HTMLElement => element("h3", {}, title);

/** Why a figure is not shown. */
export const word = (text: string): HTMLElement => element("p", { class: "word" }, text);

const open = new Set<string>();

/** What a reader can open, such as the table behind a chart; it stays open when the figures change. */
export function details(id: string, summary: string, ...parts: readonly Part[]): HTMLElement {
  const made = element("details", { id, open: open.has(id) }, element("summary", {}, summary), ...parts);
  made.addEventListener("toggle", () => {
    if (made.open) open.add(id);
    else open.delete(id);
  });
  return made;
}
