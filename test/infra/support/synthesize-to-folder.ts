import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../../environments";
import { fewFiles, synthesize } from "./synthesize";
import { NOTICES_FILE } from "./synthesized-stacks";

const [, , outdir = "."] = process.argv;
const { notices } = synthesize(environments, fewFiles(), outdir);
writeFileSync(join(outdir, NOTICES_FILE), JSON.stringify(notices));
