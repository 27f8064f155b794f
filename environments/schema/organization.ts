import { z } from "zod";

const number = z.string().regex(/^[0-9]{6,20}$/, "is not a number, write its digits");

/** What the organization around the project enforces. Each part is made where its id is given. */
export const organization = z.strictObject({
  /**
   * Number of the organization that the project belongs to: policies on the project, and the findings of Security
   * Command Center.
   * @default - neither
   */
  organizationId: number.optional(),
  /**
   * Number of the organization's access policy: a perimeter of VPC Service Controls around the project.
   * @default - no perimeter
   */
  accessPolicyId: number.optional(),
  /** `dry-run` logs what the perimeter would refuse, `enforced` refuses it. */
  perimeter: z.enum(["dry-run", "enforced"]),
});
