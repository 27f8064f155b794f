import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { costSection } from "./cost-section";
import { readFigures } from "./figures";
import { page } from "./page";
import { ReportError } from "./report-error";

/** The folder that `npm run synth` writes. */
const SYNTHESIZED = join(__dirname, "../cdktf.out");

/**
 * Writes the report.
 * @param warehouse - the folder of the warehouse
 * @param out - the file to write
 * @param cwd - the folder in which relative paths start
 * @param synthesized - the folder of the synthesized stacks, whose cost is shown
 * @returns the page's path
 * @throws ReportError one line for the user
 */
export async function report(
  warehouse: string,
  out: string,
  cwd: string,
  synthesized = SYNTHESIZED,
): Promise<string> {
  const [database, target] = [resolve(cwd, warehouse, "warehouse.duckdb"), resolve(cwd, out)];
  if (!existsSync(database)) {
    throw new ReportError(
      `--warehouse ${warehouse}: there is no warehouse.duckdb in it: fill it with \`npm run etl\` first`,
      2,
    );
  }
  if (existsSync(target) && statSync(target).isDirectory()) {
    throw new ReportError(`--out ${out} is a folder: name a file`, 2);
  }
  const content = page(await readFigures(database), costSection(synthesized)).text;
  mkdirSync(dirname(target), { recursive: true });
  // Beside the target, so that the rename replaces it at once: a reader never sees half a page.
  const unfinished = join(dirname(target), `.report-${process.pid}.unfinished`);
  try {
    writeFileSync(unfinished, content);
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return target;
}

if (require.main === module) {
  const [warehouse = "", out = ""] = process.argv.slice(2);
  report(warehouse, out, process.env.INIT_CWD ?? process.cwd()).then(
    (path) => {
      console.log(`report: ${path}`);
    },
    (error: unknown) => {
      if (!(error instanceof ReportError)) throw error;
      console.error(`error: ${error.message}`);
      process.exitCode = error.code;
    },
  );
}
