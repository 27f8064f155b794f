import { App } from "cdktf";
import { noticesOf } from "../constructs/guardrails/notices";
import { ArtifactFiles } from "../constructs/lake/artifact-files";
import { Words } from "../constructs/catalog/words";
import { Table } from "../constructs/warehouse/table";
import { View } from "../constructs/warehouse/views";
import { CiService } from "../environments/ci";
import { Environment } from "../environments/environment";
import { hasProject } from "../environments/placeholders";
import { BootstrapStack } from "./bootstrap-stack";
import { SalesPlatformStack } from "./sales-platform-stack";

export interface SynthesisProps {
  readonly environments: readonly Environment[];
  readonly ci: CiService;
  /** Files that the stacks ship. */
  readonly files: ArtifactFiles;
  /** Published tables of the catalog. */
  readonly tables: readonly Table[];
  /** Streamed tables of the catalog. */
  readonly streamed: readonly Table[];
  /** Views of the catalog. */
  readonly views: readonly View[];
  /** Measures, terms and checks of the catalog. */
  readonly words: Words;
  /**
   * Bucket of the bootstrap stack's state.
   * @default - a local file
   */
  readonly stateBucket?: string;
  /**
   * Folder of the output.
   * @default - `CDKTF_OUTDIR`, or `cdktf.out`
   */
  readonly outdir?: string;
}

/**
 * Writes the Terraform JSON of every environment's stack and of the bootstrap stack.
 *
 * @returns messages to print beside the output: guardrail exceptions and warnings
 * @throws one line for each broken guardrail
 */
export function synthesize(props: SynthesisProps): string[] {
  const { environments, ci, stateBucket, outdir, ...shipped } = props;
  const app = new App({ outdir });
  for (const environment of environments) {
    const repository = ci.repository?.name;
    new SalesPlatformStack(app, environment.name, { ...shipped, environment, repository });
  }
  // One environment alone can be bootstrapped: the others' projects need not exist.
  const owned = environments.filter(hasProject);
  new BootstrapStack(app, "bootstrap", {
    environments: owned.length > 0 ? owned : environments,
    ci,
    stateBucket,
  });
  app.synth();
  return noticesOf(app);
}

/**
 * Calls `action` with stack traces left empty. CDKTF keeps a full stack trace of every token; formatting them with source
 * maps takes half the CPU time of a synth (7 s instead of 3.5 s). `CDKTF_LOG_LEVEL=debug` keeps them.
 */
export function withoutStackTraces<T>(action: () => T): T {
  if (process.env.CDKTF_LOG_LEVEL === "debug") return action();
  const error: { prepareStackTrace?: unknown } = Error;
  const before = error.prepareStackTrace;
  error.prepareStackTrace = () => "";
  try {
    return action();
  } finally {
    error.prepareStackTrace = before;
  }
}
