import { z } from "zod";
import { parseRange } from "./ip-ranges";

// A message about a text or a number is a predicate, "is not a region": environments/validation.ts puts the value before it.

/** Part of the name of a resource whose name cannot be reused after a delete. */
export const generation = z.int().min(1);

/** Objects with `min` and `max`. */
export const inOrder = ({ min, max }: { min: number; max: number }): boolean => min <= max;
export const OUT_OF_ORDER = { path: ["max"], error: "is below min" };

/** IPv4 range in CIDR notation. */
export const range = z.string().superRefine((value, context) => {
  const parsed = parseRange(value);
  if (typeof parsed === "string") context.addIssue(parsed);
});

/** IPv4 range of a network outside the platform. */
export const outsideRange = range.refine((value) => !value.endsWith("/0"), "is everywhere, name a network");

export const email = z.string().regex(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, "is not an e-mail address");

/** Name of a server outside Google. Names below googleapis.com have the restricted addresses, which serve no chat. */
export const host = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    "is not a host name, write for example hooks.slack.com",
  )
  .refine(
    (name) => !/(^|\.)googleapis\.com$/.test(name),
    "has the restricted addresses of Google's APIs, which serve no chat",
  );

/** Time of day, HH:MM. */
export const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is not a time of day, write for example 05:00");
