// Programs that set-up looks for on the machine: Node, Python and Java.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/cli.mjs";
import { capture } from "../lib/process.mjs";

/** Python of the Dataproc and Composer images: the job and the DAGs run on no other. */
export const PYTHON = "3.11";
/** The oldest Python 3 that can install uv, which brings the rest. */
const OLDEST_MINOR = 9;
/** Java of the Dataproc image. */
export const JAVA = "17";

/** Refuses a Node that is too old. */
export function requireNode() {
  if (Number(process.versions.node.split(".")[0]) < 20) {
    throw new UserError(
      `Node 20 or newer is needed, this is ${process.versions.node}: install it from your package manager or nodejs.org`,
    );
  }
}

/** @returns {{ name: string, version: string, path: string }[]} the Python interpreters on PATH, 3.11 first */
function interpreters() {
  const probe = "import sys; print('%d.%d %s' % (sys.version_info[0], sys.version_info[1], sys.executable))";
  return [`python${PYTHON}`, "python3", "python"].flatMap((name) => {
    const { status, stdout } = capture(name, ["-c", probe]);
    const [, version, path] = /^(\S+) (.+)$/m.exec(stdout) ?? [];
    return status === 0 && path ? [{ name, version, path }] : [];
  });
}

/** @returns {string | undefined} the path of a Python 3.11 on PATH */
export const findPython = () => interpreters().find(({ version }) => version === PYTHON)?.path;

/** @returns {string} the path of any Python 3 that can install packages */
export function requireAnyPython() {
  const seen = interpreters();
  const found = seen.find(({ version }) => {
    const [major, minor] = version.split(".").map(Number);
    return major === 3 && minor >= OLDEST_MINOR;
  });
  if (found) return found.path;
  const others = seen.map(({ name, version }) => `${name} is ${version}`).join(", ");
  throw new UserError(
    `Python 3.${OLDEST_MINOR} or newer is needed and was not found on PATH${others && ` (${others})`}: install it, best as ${PYTHON} (Debian: apt install python3 python3-venv; macOS: brew install python@${PYTHON})`,
  );
}

/** Folders in which package managers install Java. */
function javaFolders() {
  const below = (parent) => (existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : []);
  return [
    ...below("/usr/lib/jvm"),
    ...below("/Library/Java/JavaVirtualMachines").map((home) => join(home, "Contents/Home")),
    "/opt/homebrew/opt/openjdk@17",
  ].filter((home) => home.includes(JAVA));
}

/**
 * @param {string[]} folders where to look after JAVA_HOME and PATH
 * @returns {string | undefined} the home of a Java 17
 */
export function findJava(folders = javaFolders()) {
  const candidates = [process.env.JAVA_HOME, "", ...folders].filter((home) => home !== undefined);
  for (const home of candidates) {
    const command = home ? join(home, "bin/java") : "java";
    const { status, stderr } = capture(command, ["-XshowSettings:properties", "-version"]);
    const version = /java\.specification\.version = (\S+)/.exec(stderr)?.[1];
    const found = /java\.home = (.+)/.exec(stderr)?.[1]?.trim();
    if (status === 0 && version === JAVA && found) return found;
  }
  return undefined;
}
