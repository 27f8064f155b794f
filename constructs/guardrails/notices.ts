import { AnnotationMetadataEntryType } from "cdktf";
import { IConstruct } from "constructs";

/**
 * What a synth has to say besides its output: exceptions with their reasons, values that it could not judge. Of
 * those that differ in nothing but the resource, the first is shown and the others are counted.
 */
export function noticesOf(root: IConstruct): string[] {
  const levels: string[] = [AnnotationMetadataEntryType.INFO, AnnotationMetadataEntryType.WARN];
  const messages = root.node
    .findAll()
    .flatMap((node) => node.node.metadata.filter(({ type }) => levels.includes(type)))
    .map(({ data }) => String(data));
  const alike = new Map<string, string[]>();
  for (const message of messages) {
    const [rule, ...reason] = message.split(": excepted, ");
    const key = reason.length > 0 ? `${rule?.split(":")[0] ?? ""}|${reason.join("")}` : message;
    alike.set(key, [...(alike.get(key) ?? []), message]);
  }
  return [...alike.values()].map(([first, ...others]) =>
    others.length > 0 ? `${first ?? ""} (and ${others.length} more)` : (first ?? ""),
  );
}
