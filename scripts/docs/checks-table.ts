import { readChecks } from "./catalog/source";
import { table } from "./markdown";

/** The checks of a publication, as Markdown. */
export function checksTable(root: string): string {
  const rows = Object.entries(readChecks(root).publication).map(([name, { rule, severity = "" }]) => [
    `\`${name}\``,
    rule.replaceAll("|", "\\|"),
    severity,
  ]);
  return table([["check", "what must hold", "severity"], ...rows]);
}
