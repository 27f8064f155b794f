// The Node packages of package-lock.json.
import { existsSync } from "node:fs";
import { at, read } from "./files.mjs";
import { install } from "./install.mjs";

/** npm keeps a copy of the lock file in node_modules: with equal versions nothing is to do. */
function ready() {
  const installed = at("node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const have = JSON.parse(read(installed)).packages;
  const want = JSON.parse(read(at("package-lock.json"))).packages;
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === "" || optional || have[path]?.version === version,
  );
}

const make = () => install("node", "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);

export const node = { needs: [], label: "Node packages", ready, make };
