import { readWords } from "../../constructs/catalog/words";
import { table } from "./markdown";

/** The checks of a publication, as Markdown. */
export function checksTable(root: string): string {
  const rows = Object.entries(readWords(root).checks.publication).map(([name, { rule, severity = "" }]) => [
    `\`${name}\``,
    rule.replaceAll("|", "\\|"),
    severity,
  ]);
  return table([["check", "what must hold", "severity"], ...rows]);
}
