import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TerraformStack } from "cdktf";

const FOLDER = "assets";

/**
 * Files that travel beside a stack's plan, all in one folder. CDKTF's own assets make two folders for every file,
 * which costs a synth time (docs/job/performance.md).
 */
export class Assets {
  private readonly files = new Map<string, string>();

  constructor(
    stack: TerraformStack,
    private readonly root: string,
  ) {
    const { synthesizer } = stack;
    stack.synthesizer = {
      synthesize: (session) => {
        synthesizer.synthesize(session);
        this.copy(join(session.outdir, session.manifest.forStack(stack).workingDirectory, FOLDER));
      },
    };
  }

  /**
   * Ships a file, named by its path under the root.
   *
   * @returns its path relative to the plan: the same for every content, so that a changed file keeps its address
   */
  add(file: string): string {
    const name = file.replaceAll("/", "-");
    const other = this.files.get(name) ?? file;
    if (other !== file) throw new Error(`${file} and ${other} cannot both be shipped: both become ${name}`);
    this.files.set(name, file);
    return `${FOLDER}/${name}`;
  }

  private copy(folder: string): void {
    // What an earlier synth shipped may be there no more.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, file] of this.files) copyFileSync(join(this.root, file), join(folder, name));
  }
}
