import { runInNewContext } from "node:vm";

/** A token's claims; GitHub writes each as text. */
export type Claims = Readonly<Record<string, string>>;

/**
 * Evaluates an attribute condition in the part of CEL that the stacks use: `==`, `in`, `has`, `!`, `&&`, `||` and
 * parentheses. As in CEL, reading a claim that the token lacks is an error, and the token is refused.
 */
export function admits(condition: string, claims: Claims): boolean {
  const unread = condition.replace(
    /"[^"]*"|assertion\.\w+|has\(assertion\.\w+\)|&&|\|\||==|!|[()[\],\s]|\bin\b/g,
    "",
  );
  if (unread !== "") throw new Error(`not understood in a condition: ${unread}`);
  const javaScript = condition
    .replace(/has\(assertion\.(\w+)\)/g, '("$1" in claims)')
    .replace(/assertion\.(\w+) in (\[[^\]]*\])/g, "$2.includes(claims.$1)")
    .replace(/assertion\./g, "claims.")
    .replace(/==/g, "===");
  const strict = new Proxy(claims, {
    get: (held, claim: string) => {
      if (!(claim in held)) throw new NoClaim(`no claim ${claim}`);
      return held[claim];
    },
  });
  try {
    return runInNewContext(javaScript, { claims: strict }) === true;
  } catch (error) {
    if (error instanceof NoClaim) return false;
    throw error;
  }
}

class NoClaim extends Error {}
