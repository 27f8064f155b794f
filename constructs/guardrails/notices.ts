import { AnnotationMetadataEntryType } from "cdktf";
import { IConstruct } from "constructs";

/** What a synth has to say besides its output: exceptions with their reasons, values that it could not judge. */
export function noticesOf(root: IConstruct): string[] {
  const levels: string[] = [AnnotationMetadataEntryType.INFO, AnnotationMetadataEntryType.WARN];
  return root.node
    .findAll()
    .flatMap((node) => node.node.metadata.filter(({ type }) => levels.includes(type)))
    .map(({ data }) => String(data));
}
