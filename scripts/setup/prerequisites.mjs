// What must be on the machine before set-up: Node, Python and Java. Each missing one is one line with its remedy.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/cli.mjs";
import { capture } from "../lib/process.mjs";

/** Refuses a Node that is too old. */
export function requireNode() {
  if (Number(process.versions.node.split(".")[0]) < 20) {
    throw new UserError(
      `Node 20 or newer is needed, this is ${process.versions.node}: install it from your package manager or nodejs.org`,
    );
  }
}

/** @returns {string} the path of a Python 3.11 interpreter */
export function requirePython() {
  const probe = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)";
  const seen = [];
  for (const name of ["python3.11", "python3", "python"]) {
    const { status, stdout } = capture(name, ["-c", probe]);
    const [version, path] = stdout.trim().split(" ");
    if (status === 0 && version === "3.11" && path) return path;
    if (status === 0) seen.push(`${name} is ${version}`);
  }
  const found = seen.length > 0 ? ` (${seen.join(", ")})` : "";
  throw new UserError(
    `Python 3.11 is needed and was not found on PATH${found}: install it (Debian: python3.11 and python3.11-venv; macOS: brew install python@3.11)`,
  );
}

let java;

/** @returns {{ home: string, build: string }} a Java 17 runtime: JAVA_HOME, the one on PATH, or one in a usual place */
export function findJava() {
  return (java ??= searchJava());
}

/** @returns {string} the home of a Java 17 runtime */
export const requireJava = () => findJava().home;

function searchJava() {
  const folders = (parent) =>
    existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
  const usual = [
    ...folders("/usr/lib/jvm"),
    ...folders("/Library/Java/JavaVirtualMachines").map((home) => join(home, "Contents/Home")),
    "/opt/homebrew/opt/openjdk@17",
  ].filter((home) => /17/.test(home));
  const seen = [];
  for (const home of [process.env.JAVA_HOME, "", ...usual]) {
    if (home === undefined) continue;
    const command = home ? join(home, "bin/java") : "java";
    const { status, stderr } = capture(command, ["-XshowSettings:properties", "-version"]);
    const version = /java\.specification\.version = (\S+)/.exec(stderr)?.[1];
    const found = /java\.home = (.+)/.exec(stderr)?.[1]?.trim();
    const build = /java\.vm\.version = (.+)/.exec(stderr)?.[1]?.trim() ?? version;
    if (status === 0 && version === "17" && found) return { home: found, build };
    if (status === 0) seen.push(`${command} is ${version}`);
  }
  const found = seen.length > 0 ? ` (${seen.join(", ")})` : "";
  throw new UserError(
    `Java 17 is needed and was not found${found}: install it (Debian: openjdk-17-jre-headless; macOS: brew install openjdk@17) and put it on PATH or in JAVA_HOME`,
  );
}
