import { z } from "zod";
import { isRegion } from "./locations";
import { database, lake, secrets, streaming, warehouse } from "./schema/data";
import { generation } from "./schema/fields";
import { network } from "./schema/network";
import { access, monitoringLevel, notifications, officeHours, operations } from "./schema/operations";
import { organization } from "./schema/organization";
import { orchestration, processing } from "./schema/processing";
import { rules } from "./schema/rules";

/** In the order in which a change reaches them. Every rule about an environment depends on its stage, none on its name. */
export const STAGES = ["development", "staging", "production"] as const;
export type Stage = (typeof STAGES)[number];

const region = z.string().refine(isRegion, "is not a region, write for example us-central1");
const label = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "is not a valid label: start with a letter, then letters, digits and hyphens",
  );

/** One environment: everything in which environments differ, and nothing else. */
const settings = z.strictObject({
  /** Short name; part of every resource name and the value of the label `environment`. */
  name: z.string().regex(/^[a-z][a-z0-9]{1,9}$/, "is not 2 to 10 lower-case letters and digits"),
  stage: z.enum(STAGES),
  /** Project that contains this environment and no other. */
  projectId: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      "is not a project id: 6 to 30 lower-case letters, digits and hyphens",
    ),
  region,
  /**
   * Second region for copies and replicas; same continent as `region`.
   * @default - none
   */
  recoveryRegion: region.optional(),
  /**
   * `protected`: resources with data cannot be destroyed. `destroyable`: all can be.
   * `decommissioning`: a protected environment before its end (`DECOMMISSION=<name>`, see environments/index.ts).
   */
  protection: z.enum(["protected", "destroyable", "decommissioning"]),
  /**
   * Encrypts with keys of the project's own Cloud KMS. Key rings are never deleted: an environment that is made again
   * after its destruction takes the next generation.
   * @default - keys of Google
   */
  customerKeys: z.strictObject({ generation }).optional(),
  /** Team that owns and pays for the environment; the label `team`. */
  team: label,
  costCenter: label,
  network,
  lake,
  secrets,
  database,
  warehouse,
  /**
   * Takes sales as messages too, so that `sales_today` shows the open day.
   * @default - files only
   */
  streaming: streaming.optional(),
  processing,
  orchestration,
  access,
  notifications,
  operations,
  organization,
  /**
   * Hours in which the database runs.
   * @default - always
   */
  officeHours: officeHours.optional(),
});

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type Environment = DeepReadonly<z.infer<typeof settings>>;
export type DatabaseSettings = Environment["database"];
export type OfficeHours = NonNullable<Environment["officeHours"]>;
export type MonitoringLevel = z.infer<typeof monitoringLevel>;

/** Checks one environment: types, values, and rules over several fields. */
export const environmentSchema = settings.superRefine(rules);
