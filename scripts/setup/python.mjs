// Python environments, each complete from a lock file with hashes. uv installs them; a plain `venv` installs uv.
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/cli.mjs";
import { at, lockHash, python, read } from "./files.mjs";
import { install } from "./install.mjs";
import { PYTHON, findPython, requireAnyPython } from "./prerequisites.mjs";

const UV = at(".venv/uv/bin/uv");
/** Where uv puts a Python of its own. */
const OWN_PYTHON = at(".venv/python");

const stamp = (environment) => at(".venv", environment, ".locked");

/** An environment is ready when it was completed from the lock file as it is now. */
function ready(environment) {
  const file = stamp(environment);
  return existsSync(file) && existsSync(python(environment)) && read(file) === lockHash(environment);
}

async function makeUv() {
  rmSync(at(".venv/uv"), { recursive: true, force: true });
  const any = requireAnyPython();
  await install("uv", any, ["-m", "venv", at(".venv/uv")]).catch((error) => {
    throw new UserError(
      `${any} cannot make a virtual environment (see above): install its module venv (Debian: apt install python3-venv)`,
      error.code,
    );
  });
  const pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes"];
  await install("uv", python("uv"), [...pip, "-r", at("requirements/uv.txt")]);
  writeFileSync(stamp("uv"), lockHash("uv"));
}

/** @returns {string | undefined} the path of a Python 3.11, the machine's or the one that uv installed */
function findInterpreter() {
  const folders = existsSync(OWN_PYTHON) ? readdirSync(OWN_PYTHON) : [];
  const own = folders.map((name) => join(OWN_PYTHON, name, `bin/python${PYTHON}`));
  return findPython() ?? own.find((path) => existsSync(path));
}

/** uv holds the SHA-256 of every Python that it can download. */
async function makeInterpreter() {
  const options = ["--no-progress", "--no-config", "--no-bin", "--system-certs", "--install-dir", OWN_PYTHON];
  await install("python", UV, ["python", "install", ...options, PYTHON]).catch((error) => {
    throw new UserError(
      `Python ${PYTHON} was not found on PATH and uv could not download it (see above): install Python ${PYTHON} (Debian: apt install python3.11-venv; macOS: brew install python@3.11), or set UV_PYTHON_INSTALL_MIRROR`,
      error.code,
    );
  });
}

async function makeEnvironment(name) {
  const target = at(".venv", name);
  const venv = ["venv", "--quiet", "--clear", "--no-config", "--python"];
  await install(name, UV, [...venv, findInterpreter(), target]);
  await install(name, UV, [
    "pip",
    "sync",
    "--quiet",
    "--no-config",
    // A company's own certificates are in the system's store, not in uv's.
    "--system-certs",
    "--require-hashes",
    "--python",
    target,
    at("requirements", `${name}.txt`),
  ]);
  writeFileSync(stamp(name), lockHash(name));
}

export const uv = { needs: [], label: "uv, the Python installer", ready: () => ready("uv"), make: makeUv };

export const interpreter = {
  needs: ["uv"],
  label: `Python ${PYTHON}`,
  ready: () => findInterpreter() !== undefined,
  make: makeInterpreter,
};

/** The part that installs requirements/`name`.txt. */
export const environment = (name, label) => ({
  needs: ["uv", "python"],
  label,
  ready: () => ready(name),
  make: () => makeEnvironment(name),
});
