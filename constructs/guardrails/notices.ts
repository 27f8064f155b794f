import { AnnotationMetadataEntryType } from "cdktf";
import { IConstruct } from "constructs";
import { EXCEPTED } from "./guardrails";

const WARNING: string = AnnotationMetadataEntryType.WARN;

/** Messages to print after a synth: warnings, and the guardrails with exceptions, counted by rule and reason. */
export function noticesOf(root: IConstruct): string[] {
  const entries = root.node.findAll().flatMap(({ node }) => node.metadata);
  const warnings = entries.filter(({ type }) => type === WARNING).map(({ data }) => String(data));
  const counts = new Map<string, number>();
  for (const { type, data } of entries) {
    if (type !== EXCEPTED) continue;
    const { rule, reason } = data as { rule: string; reason: string };
    const key = `guardrail ${rule}: ${reason}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [
    ...warnings,
    ...[...counts].map(([exception, count]) => `${exception} (${count} exception${count === 1 ? "" : "s"})`),
  ];
}
