// Paths and hashes that the parts of the set-up share.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/process.mjs";

/** A path in the checkout. */
export const at = (...parts) => join(root, ...parts);
export const read = (path) => readFileSync(path, "utf8");
export const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** The interpreter of one of the project's Python environments: for example "job". */
export const python = (environment) => at(".venv", environment, "bin/python");

/** Hash of the lock file of an environment, or of the packages that ship with the job. */
export const lockHash = (environment) => sha256(read(at("requirements", `${environment}.txt`)));
