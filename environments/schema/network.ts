import { z } from "zod";
import { range } from "./fields";
import { parseRange } from "./ip-ranges";

/** IPv4 ranges in CIDR notation; none may overlap another. */
export const network = z
  .strictObject({
    /** Nodes of Composer. */
    publicSubnet: range,
    /** Composer's own components; exactly a /20. */
    composerInternal: range.refine((value) => value.endsWith("/20"), "is not a /20, as Composer needs"),
    /** Machines of Dataproc. */
    privateSubnet: range,
    /** Peered services: Cloud SQL. */
    privateServices: range,
  })
  .superRefine((ranges, context) => {
    const parsed = Object.entries(ranges).flatMap(([field, text]) => {
      const range = parseRange(text);
      return typeof range === "string" ? [] : [{ field, text, ...range }];
    });
    parsed.forEach(({ field, first, last }, index) => {
      for (const other of parsed.slice(0, index))
        if (first <= other.last && other.first <= last) {
          const message = `overlaps ${other.field} (${other.text})`;
          context.addIssue({ code: "custom", path: [field], message });
        }
    });
  });
