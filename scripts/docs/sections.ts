/**
 * A page with one generated part, between two comments that name it.
 * @param page - the page as it is
 * @param name - of the part
 * @param content - Markdown of the part
 * @throws when the page lacks the comments
 */
export function withPart(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: written by npm run docs -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`keep the comments ${begin} and ${end} on the page: the part is written between them`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}
