// Java libraries, each pinned by its SHA-256 in one of the lists of jars/.
import { existsSync } from "node:fs";
import { at, read } from "./files.mjs";
import { install } from "./install.mjs";

const ready = (list) => {
  const { jars } = JSON.parse(read(at("jars", `${list}.json`)));
  // The hash is checked when a jar is fetched and before a deployment; here its presence is enough.
  return jars.every(({ file }) => existsSync(at("jars", file)));
};

/** A process of its own, because Node reads these settings only when it starts. */
const network = {
  ...process.env,
  // Proxies, for which Node 22.21 or newer is needed, and the certificates of the system and of npm.
  NODE_USE_ENV_PROXY: "1",
  NODE_USE_SYSTEM_CA: "1",
  NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS ?? process.env.npm_config_cafile,
};

const make = (list) =>
  install(list, process.execPath, [at("scripts/setup/download_jars.mjs"), at("jars"), list], {
    env: network,
  });

/** The part that downloads what jars/`list`.json lists. */
export const jars = (list, label) => ({
  needs: [],
  label,
  ready: () => ready(list),
  make: () => make(list),
});
