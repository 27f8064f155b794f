import { runInNewContext } from "node:vm";

/** What a condition reads: claims of a token, or the type and name of a resource. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Evaluates a condition in the part of CEL that the stacks use: `==`, `!=`, `in`, `has`, `startsWith`, `!`, `&&`, `||` and
 * parentheses. As in CEL, reading an attribute that is not there is an error, which grants nothing.
 */
export function allows(condition: string, attributes: Attributes): boolean {
  const unread = condition.replace(
    /"[^"]*"|has\((assertion|resource)\.\w+\)|(assertion|resource)\.\w+(\.startsWith)?|&&|\|\||[!=]=|!|[()[\],\s]|\bin\b/g,
    "",
  );
  if (unread !== "") throw new Error(`not understood in a condition: ${unread}`);
  const javaScript = condition
    .replace(/has\(\w+\.(\w+)\)/g, '("$1" in given)')
    .replace(/\w+\.(\w+) in (\[[^\]]*\])/g, "$2.includes(given.$1)")
    .replace(/\b(assertion|resource)\./g, "given.")
    .replace(/([!=])=/g, "$1==");
  const given = new Proxy(attributes, {
    get: (held, name: string) => {
      if (!(name in held)) throw new NotThere(`no attribute ${name}`);
      return held[name];
    },
  });
  try {
    return runInNewContext(javaScript, { given }) === true;
  } catch (error) {
    if (error instanceof NotThere) return false;
    throw error;
  }
}

class NotThere extends Error {}
