// Downloads the jars of a list from Maven Central, or from the mirror that MAVEN_MIRROR names.
// Arguments: the folder of lists and jars, the name of the list.
import { Buffer } from "node:buffer";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError, main } from "../lib/cli.mjs";
import { sha256 } from "./files.mjs";

const CENTRAL = "https://repo.maven.apache.org/maven2";
const TRIES = 3;

/** @returns {string} the path of a jar below a repository, in Maven's layout */
export function mavenPath(coordinate) {
  const [group, artifact, version, classifier] = coordinate.split(":");
  const suffix = classifier ? `-${classifier}` : "";
  return `${group.replaceAll(".", "/")}/${artifact}/${version}/${artifact}-${version}${suffix}.jar`;
}

async function download(url) {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(url);
      if (response.ok) return Buffer.from(await response.arrayBuffer());
      throw new Error(`HTTP ${response.status}`);
    } catch (error) {
      if (tries === TRIES)
        throw new UserError(
          `${url} was not downloaded (${error.cause?.code ?? error.cause?.message ?? error.message}): check the network, or set MAVEN_MIRROR to the address of a Maven repository; a proxy needs Node 22.21 or newer`,
        );
    }
  }
}

async function fetchJar(folder, list, repository, { coordinate, file, sha256: expected }) {
  if (existsSync(join(folder, file))) return;
  const content = await download(`${repository}/${mavenPath(coordinate)}`);
  const actual = sha256(content);
  if (actual !== expected)
    throw new UserError(
      `${coordinate}: SHA-256 is ${actual}, jars/${list}.json says ${expected}: do not use this file; check MAVEN_MIRROR or the pin`,
    );
  // Renamed when complete, so that an interrupted download leaves no jar.
  const part = join(folder, `.${file}.${process.pid}.part`);
  writeFileSync(part, content);
  renameSync(part, join(folder, file));
}

await main(async ([folder, list]) => {
  const repository = (process.env.MAVEN_MIRROR || CENTRAL).replace(/\/+$/, "");
  const { jars } = JSON.parse(readFileSync(join(folder, `${list}.json`), "utf8"));
  await Promise.all(jars.map((jar) => fetchJar(folder, list, repository, jar)));
  return 0;
});
