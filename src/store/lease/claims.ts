/** What lies under `<env>/lease/`: one object for each who holds the lease or asks for it. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { type Holder, isGone, isHolder } from "../../base/process/holder.ts";
import { bytesOf, readSmall } from "../../base/streams.ts";
import type { ObjectInfo, Store } from "../store.ts";

const FORMAT = 1;
/** What a claim's key ends with. Anything else under `lease/` is not ours. */
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json$/;

export interface Claim {
  format: typeof FORMAT;
  /** Who only asks never disturbs who holds. */
  state: "asking" | "held";
  verb: string;
  since: string;
  holder: Holder;
}

/** Waits in ms; the named limits of the tool, or shorter ones in a test. */
export interface LeaseLimits {
  lives: number;
  isRenewed: number;
  isAskedFor: number;
}

/** A claim that was damaged, or that a newer version wrote: whose it is nobody knows, but somebody may be at work. */
export interface UnreadableClaim {
  state: "held";
  /** What is wrong with it, and where it is. */
  unreadable: string;
  key: string;
}

export interface ClaimsFound {
  /** Our own claim is still there. */
  own: boolean;
  /** The claims of others that count, by their keys. */
  others: { key: string; claim: Claim | UnreadableClaim }[];
}

export const newClaim = (verb: string, holder: Holder): Claim => ({
  format: FORMAT,
  state: "asking",
  verb,
  since: new Date().toISOString(),
  holder,
});

export const putClaim = (store: Store, key: string, claim: Claim): Promise<void> =>
  store.put(key, bytesOf(JSON.stringify(claim) + "\n"));

/**
 * Looks at all claims under `prefix`; other keys are not looked at. Those of processes that are gone, and those that were silent for too long, do not
 * count and are removed; the time is the store's: that of our own claim, which we have just written.
 */
export async function readClaims(
  store: Store,
  prefix: string,
  ownKey: string,
  limits: LeaseLimits,
): Promise<ClaimsFound> {
  const listed: ObjectInfo[] = [];
  for await (const one of store.list(prefix)) {
    if (NAME.test(one.key.slice(prefix.length))) listed.push(one);
  }
  const now = listed.find(({ key }) => key === ownKey)?.modified.getTime();
  const others = await Promise.all(
    listed.filter(({ key }) => key !== ownKey).map(async ({ key, modified }) => {
      const claim = await readClaim(store, key);
      if (!claim) return []; // given back while we looked
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
  try {
    return parseClaim(new TextDecoder().decode(await readSmall(store.get(key))));
  } catch (error) {
    if (error instanceof DrillError && error.code === "OBJECT_MISSING") return undefined;
    if (error instanceof DrillError && error.code !== "STORE_FORMAT") throw error;
    return { state: "held", unreadable: messageOf(error), key };
  }
}

function parseClaim(text: string): Claim {
  const claim = JSON.parse(text) as Partial<Claim> | null;
  if (
    claim?.format !== FORMAT || !isHolder(claim.holder) || typeof claim.verb !== "string" ||
    typeof claim.since !== "string" || (claim.state !== "asking" && claim.state !== "held")
  ) {
    throw new TypeError("it is no lease of this version");
  }
  return claim as Claim;
}
