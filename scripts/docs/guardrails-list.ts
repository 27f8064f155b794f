import { RULES } from "../../constructs/guardrails/rules";
import { table } from "./markdown";

/** Every guardrail, as Markdown. */
export function guardrailsList(): string {
  const rows = RULES.map(({ id, description, remedy }) => [
    `\`${id}\``,
    description,
    remedy.replaceAll("*", "\\*"),
  ]);
  return `# Guardrails

Rules over the synthesized stacks, in \`constructs/guardrails/rules.ts\`. \`npm run synth\` checks every resource. A broken rule stops the synth with
one line: the rule, the resource, the problem and the remedy. A value that only an apply knows gives a warning. \`npm run docs\` writes this page.

${table([["rule", "what it requires", "remedy"], ...rows])}

A construct may break a rule only with a written reason: \`exceptFromGuardrail(scope, rule, reason)\` in \`constructs/guardrails/guardrails.ts\`. Each
synth shows the exceptions.
`;
}
