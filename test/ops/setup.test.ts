import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/** A folder of programs that print what they are given to print, on both streams. */
function programs(answers: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "programs-"));
  for (const [name, answer] of Object.entries(answers)) {
    const file = join(folder, name);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' '${answer}'\nprintf '%s\\n' '${answer}' >&2\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

/** The value of an expression over the module prerequisites.mjs on a machine with these variables. */
function ask(expression: string, env: NodeJS.ProcessEnv): string {
  const program = `
    import * as machine from "./scripts/setup/prerequisites.mjs";
    try { console.log(${expression}); } catch (error) { console.log("error: " + error.message); }`;
  const done = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: ROOT,
    encoding: "utf8",
    env,
  });
  return done.stdout.trim();
}

describe("Python", () => {
  test("3.11 is preferred, whatever python3 is", () => {
    const PATH = programs({ "python3.11": "3.11 /opt/first", python3: "3.13 /opt/other" });
    expect(ask("machine.findPython()", { PATH })).toBe("/opt/first");
  });

  test("another Python 3 is enough to start with", () => {
    const PATH = programs({ python3: "3.9 /opt/a folder/python" });
    expect(ask("machine.findPython()", { PATH })).toBe("undefined");
    expect(ask("machine.requireAnyPython()", { PATH })).toBe("/opt/a folder/python");
  });

  test.each([
    [{}, ""],
    [{ python3: "3.8 /opt/old", python: "2.7 /opt/older" }, " (python3 is 3.8, python is 2.7)"],
  ])("without one that is new enough, one line says what to install: %j", (found, seen) => {
    expect(ask("machine.requireAnyPython()", { PATH: programs(found) })).toMatch(
      `error: Python 3.9 or newer is needed and was not found on PATH${seen}: install it`,
    );
  });
});

describe("Java", () => {
  const java = (version: string): string =>
    programs({ "bin/java": `java.specification.version = ${version}\n java.home = /opt/java-${version}` });
  const PATH = programs({});

  test("17 is taken from JAVA_HOME, PATH or a usual folder, in that order", () => {
    const folders = JSON.stringify([java("21"), java("17")]);
    const path = join(java("17"), "bin");
    expect(ask("machine.findJava([])", { PATH, JAVA_HOME: java("17") })).toBe("/opt/java-17");
    expect(ask("machine.findJava([])", { PATH: path, JAVA_HOME: java("11") })).toBe("/opt/java-17");
    expect(ask(`machine.findJava(${folders})`, { PATH })).toBe("/opt/java-17");
  });

  test("another version is left aside", () => {
    expect(ask("machine.findJava([])", { PATH: join(java("11"), "bin"), JAVA_HOME: java("21") })).toBe(
      "undefined",
    );
  });
});

describe("jars", () => {
  const JAR = "the bytes of a jar";
  const SHA256 = createHash("sha256").update(JAR).digest("hex");
  const COORDINATE = "com.example.group:tool:hadoop3-1.2:shaded";

  /** Serves a repository that has one jar, and runs the download against it. */
  async function download(path: string, sha256 = SHA256) {
    const server = createServer((request, response) => {
      response.writeHead(request.url === path ? 200 : 404).end(JAR);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const folder = mkdtempSync(join(tmpdir(), "jars-"));
    writeFileSync(
      join(folder, "jars.json"),
      JSON.stringify({ jars: [{ coordinate: COORDINATE, file: "tool.jar", sha256 }] }),
    );
    const child = spawn(process.execPath, ["scripts/setup/download_jars.mjs", folder, "jars"], {
      cwd: ROOT,
      env: { MAVEN_MIRROR: `http://127.0.0.1:${(server.address() as AddressInfo).port}/maven/` },
    });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += String(data)));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    server.close();
    return { code, stderr, jar: join(folder, "tool.jar") };
  }
  const PATH = "/maven/com/example/group/tool/hadoop3-1.2/tool-hadoop3-1.2-shaded.jar";

  test("come from the mirror, in Maven's layout", async () => {
    const { code, stderr, jar } = await download(PATH);
    expect([code, stderr]).toEqual([0, ""]);
    expect(readFileSync(jar, "utf8")).toBe(JAR);
  });

  test("are refused with another hash, and nothing is kept", async () => {
    const { code, stderr, jar } = await download(PATH, "0".repeat(64));
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${COORDINATE}: SHA-256 is ${SHA256}, jars/jars.json says ${"0".repeat(64)}: do not use this file; check MAVEN_MIRROR or the pin\n`,
    );
    expect(existsSync(jar)).toBe(false);
  });

  test("that a repository lacks are named with the remedy", async () => {
    const { code, stderr } = await download("/elsewhere.jar");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: http\S+shaded\.jar was not downloaded \(HTTP 404\): .* MAVEN_MIRROR .*\n$/,
    );
  });
});

test("a part that does not exist is named with those that do", () => {
  const done = spawnSync(process.execPath, ["scripts/setup.mjs", "jar"], { cwd: ROOT, encoding: "utf8" });
  expect([done.status, done.stderr]).toEqual([
    2,
    "error: 'jar' is not a part of the set-up: the parts are node, uv, python, java, job, forecast, airflow, lint, emulators, jars, connectors, bundle, report\n",
  ]);
});
