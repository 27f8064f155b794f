import { AnnotationMetadataEntryType } from "cdktf";
import { IConstruct } from "constructs";

/**
 * Messages to print after a synth: guardrail exceptions with their reasons, values that could not be checked, and
 * warnings. Exceptions that differ only in the resource are grouped and counted.
 */
export function noticesOf(root: IConstruct): string[] {
  const levels: string[] = [AnnotationMetadataEntryType.INFO, AnnotationMetadataEntryType.WARN];
  const messages = root.node
    .findAll()
    .flatMap((node) => node.node.metadata.filter(({ type }) => levels.includes(type)))
    .map(({ data }) => String(data));
  const grouped = new Map<string, string[]>();
  for (const message of messages) {
    const [rule, ...reason] = message.split(": excepted, ");
    const key = reason.length > 0 ? `${rule?.split(":")[0] ?? ""}|${reason.join("")}` : message;
    grouped.set(key, [...(grouped.get(key) ?? []), message]);
  }
  return [...grouped].map(([key, [first, ...others]]) => {
    const [rule, reason] = key.split("|");
    return others.length > 0
      ? `${rule ?? ""}: excepted ${others.length + 1} times, ${reason ?? ""}`
      : (first ?? "");
  });
}
