import { AnnotationMetadataEntryType } from "cdktf";
import { IConstruct } from "constructs";

/**
 * What a synth has to say besides its output: exceptions with their reasons, values that it could not judge. Of
 * those that differ in nothing but the resource, they are counted.
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
  return [...alike].map(([key, [first, ...others]]) => {
    const [rule, reason] = key.split("|");
    return others.length > 0
      ? `${rule ?? ""}: excepted ${others.length + 1} times, ${reason ?? ""}`
      : (first ?? "");
  });
}
