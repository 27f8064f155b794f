// Java libraries, each pinned by its SHA-256 in one of the lists of jars/.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireJava } from "./prerequisites.mjs";
import { UserError } from "../lib/cli.mjs";
import { at, read, sha256 } from "./files.mjs";
import { install } from "./install.mjs";

const listed = (list) => JSON.parse(read(at("jars", `${list}.json`))).jars;

/** The hash is checked when a jar is fetched and again before a deployment; here its presence is enough. */
const ready = (list) => listed(list).every(({ file }) => existsSync(at("jars", file)));

/** Fetches the jars by coordinate with the Ivy that Spark itself ships, and checks each against its SHA-256. */
async function make(list) {
  const java = join(requireJava(), "bin/java");
  const spark = at(".venv/job/lib/python3.11/site-packages/pyspark/jars");
  const work = at(".setup/ivy", list);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const jars = listed(list);
  const dependencies = jars.map(({ coordinate }) => {
    const [organisation, name, version, classifier] = coordinate.split(":");
    const extra = classifier ? ` m:classifier="${classifier}"` : "";
    return `<dependency org="${organisation}" name="${name}" rev="${version}" transitive="false"><artifact name="${name}" type="jar" ext="jar"${extra}/></dependency>`;
  });
  writeFileSync(
    join(work, "settings.xml"),
    `<ivysettings><settings defaultResolver="central"/><resolvers><ibiblio name="central" m2compatible="true"/></resolvers></ivysettings>`,
  );
  writeFileSync(
    join(work, "ivy.xml"),
    `<ivy-module version="2.0" xmlns:m="http://ant.apache.org/ivy/maven"><info organisation="local" module="jars"/><dependencies>${dependencies.join("")}</dependencies></ivy-module>`,
  );
  const ivy = readdirSync(spark).find((name) => /^ivy-.*\.jar$/.test(name));
  await install(list, java, [
    `-Divy.default.ivy.user.dir=${work}`,
    "-jar",
    join(spark, ivy),
    "-settings",
    join(work, "settings.xml"),
    "-ivy",
    join(work, "ivy.xml"),
    "-retrieve",
    join(work, "[artifact]-[revision](-[classifier]).[ext]"),
  ]);
  for (const { file, sha256: want, coordinate } of jars) {
    const path = join(work, file);
    const got = existsSync(path) ? sha256(readFileSync(path)) : "nothing";
    if (got !== want)
      throw new UserError(
        `${coordinate}: SHA-256 is ${got}, its list in jars/ says ${want}: do not use this file; check the mirror or the pin`,
      );
    renameSync(path, at("jars", file));
  }
  rmSync(work, { recursive: true, force: true });
}

/** The part that fetches what jars/`list`.json lists. */
export const jars = (list, label) => ({
  needs: ["job"],
  label,
  ready: () => ready(list),
  make: () => make(list),
});
