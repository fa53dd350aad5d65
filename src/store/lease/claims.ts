/** The claims under `<env>/lease/`: one object for each run that holds the lease or asks for it. */

import { z } from "zod";
import { DrillError } from "../../base/errors.ts";
import { type Holder, isGone, isHolder } from "../../base/process/holder.ts";
import { recordKind } from "../../base/versioned_record.ts";
import { listKeys } from "../keys.ts";
import { getRecord, putRecord, readOrReport, type UnreadableRecord } from "../records/stored_record.ts";
import type { Store } from "../store.ts";

const fields = z.object({
  /** One that only asks never disturbs one that holds. */
  state: z.enum(["asking", "held"]),
  verb: z.string(),
  since: z.string(),
  holder: z.custom<Holder>(isHolder),
});

export const claimRecord = recordKind({
  name: "a claim to the lease of ours",
  format: 1,
  minReader: 1,
  fields,
  damaged: { code: "STORE_FORMAT", hint: "Remove it when no run is at work there." },
});

export type Claim = z.infer<typeof fields>;

/** Waits in ms; the named limits of the tool, or shorter ones in a test. */
export interface LeaseLimits {
  lives: number;
  isRenewed: number;
  isAskedFor: number;
}

/** A claim that was damaged, or that a newer version wrote: it counts as held, for a run may be at work. */
export interface UnreadableClaim extends UnreadableRecord {
  state: "held";
}

interface ClaimsFound {
  /** Our own claim is still there. */
  own: boolean;
  /** The claims of others that count, by their keys. */
  others: { key: string; claim: Claim | UnreadableClaim }[];
}

export const newClaim = (verb: string, holder: Holder): Claim => ({
  state: "asking",
  verb,
  since: new Date().toISOString(),
  holder,
});

export const putClaim = (store: Store, key: string, claim: Claim): Promise<void> =>
  putRecord(store, key, claimRecord, claim);

/**
 * Reads all claims to the lease of `environment`. Those of processes that are gone, and those that were not renewed for too
 * long, do not count and are removed; the time is the store's: that of our own claim, which we have just written.
 */
export async function readClaims(
  store: Store,
  environment: string,
  ownKey: string,
  limits: LeaseLimits,
): Promise<ClaimsFound> {
  const listed = await Array.fromAsync(listKeys(store, environment, "lease"));
  const now = listed.find(({ key }) => key === ownKey)?.modified.getTime();
  const others = await Promise.all(
    listed.filter(({ key }) => key !== ownKey).map(async ({ key, modified }) => {
      const claim = await readClaim(store, key);
      if (!claim) return []; // given back in between
      const lives = claim.state === "held" ? limits.lives : 2 * limits.isAskedFor;
      const silent = (now ?? modified.getTime()) - modified.getTime();
      const gone = "holder" in claim && isGone(claim.holder);
      if (!gone && silent <= lives) return [{ key, claim }];
      await store.delete(key);
      return [];
    }),
  );
  return { own: now !== undefined, others: others.flat() };
}

async function readClaim(store: Store, key: string): Promise<Claim | UnreadableClaim | undefined> {
  let unreadable: UnreadableClaim | undefined;
  const read = () => getRecord(store, key, claimRecord);
  try {
    return await readOrReport(key, read, (one) => unreadable = { ...one, state: "held" }) ?? unreadable;
  } catch (error) {
    if (error instanceof DrillError && error.code === "OBJECT_MISSING") return undefined;
    throw error;
  }
}
