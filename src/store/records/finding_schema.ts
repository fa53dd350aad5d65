/** The form of a finding: something wrong with the ERP as it was when it was backed up (docs/design.md, "Words"). */

import { createHash } from "node:crypto";
import { z } from "zod";
import { isTimestamp } from "../../base/time.ts";

const setName = z.string().refine(isTimestamp);

/** Until when a finding is accepted: to the end of a day, UTC, or for as long as it is the same finding. */
export const acceptedUntil = z.union([z.iso.date(), z.literal("never")]);

export const findingSchema = z.object({
  /** `documents.invoices/FA2610-0004/missing`: the check, what it is about, and what is wrong. The same every night. */
  id: z.string().min(1),
  /** What it is about: a reference, a path, a row. */
  subject: z.string().min(1),
  /** What is wrong, as one sentence without its full stop: `FA2610-0004: facture/... is missing`. */
  sentence: z.string().min(1),
  /** What was compared with what. */
  with: z.string(),
  /** What makes it this finding: an amount, a hash. Where one of them changes it is another finding. */
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The document that is lost or changed, and the SHA-256 of what lies there now; none: nothing does. */
  document: z.object({ path: z.string().min(1), sha256: z.string().optional() }).optional(),
  /** Where a person has accepted it. */
  accepted: z.object({ until: acceptedUntil, reason: z.string(), by: z.string(), at: z.iso.datetime() })
    .optional(),
  /** Where earlier sets tell it. */
  history: z.object({
    /** The oldest set that has it, with none after that in which its subject is right. */
    since: setName,
    /** The newest set in which its subject is still right. */
    stillRightIn: setName.optional(),
  }).optional(),
});

/** As it is found, before it is known what a person decided and what earlier sets hold. */
export const bareFindingSchema = findingSchema.omit({ accepted: true, history: true });

/** Something wrong with the ERP as it was when it was backed up, faithfully preserved in the backup. */
export type Finding = z.infer<typeof findingSchema>;

/** What decides whether two findings are the same. */
export type FindingIdentity = Pick<Finding, "id" | "facts">;

/**
 * The name of a finding in the store: the first 32 hex digits of the SHA-256 over its id and its facts.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * const one = findingHash({ id: "data.payments/PAY1/parts", facts: { paid: "10", parts: "11" } });
 * assertEquals(one, findingHash({ id: "data.payments/PAY1/parts", facts: { parts: "11", paid: "10" } }));
 * assertNotEquals(one, findingHash({ id: "data.payments/PAY1/parts", facts: { paid: "10", parts: "12" } }));
 * ```
 */
export function findingHash({ id, facts }: FindingIdentity): string {
  const sorted = Object.entries(facts).sort(([a], [b]) => a < b ? -1 : 1);
  return createHash("sha256").update(JSON.stringify([id, sorted])).digest("hex").slice(0, 32);
}
