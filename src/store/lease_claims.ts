/** What lies under `<env>/lease/`: one object for each who holds the lease or asks for it. */

import { DrillError, messageOf } from "../base/errors.ts";
import { type Holder, isGone, isHolder } from "../base/holder.ts";
import { bytesOf, readSmall } from "../base/streams.ts";
import type { ObjectInfo, Store } from "./store.ts";

const FORMAT = 1;

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

export interface Look {
  /** Our own claim is still there. */
  own: boolean;
  /** The claims of others that count, by their keys. */
  others: { key: string; claim: Claim }[];
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
 * Looks at all claims under `prefix`. Those of processes that are gone, and those that were silent for too long, do not
 * count and are removed; the time is the store's: that of our own claim, which we have just written.
 */
export async function lookAround(
  store: Store,
  prefix: string,
  ownKey: string,
  limits: LeaseLimits,
): Promise<Look> {
  const listed: ObjectInfo[] = [];
  for await (const one of store.list(prefix)) listed.push(one);
  const now = listed.find(({ key }) => key === ownKey)?.modified.getTime();
  const others = await Promise.all(
    listed.filter(({ key }) => key !== ownKey).map(async ({ key, modified }) => {
      const claim = await readClaim(store, key);
      if (!claim) return []; // given back while we looked
      const lives = claim.state === "held" ? limits.lives : 2 * limits.isAskedFor;
      const silent = (now ?? modified.getTime()) - modified.getTime();
      if (!isGone(claim.holder) && silent <= lives) return [{ key, claim }];
      await store.delete(key);
      return [];
    }),
  );
  return { own: now !== undefined, others: others.flat() };
}

async function readClaim(store: Store, key: string): Promise<Claim | undefined> {
  try {
    return parseClaim(new TextDecoder().decode(await readSmall(store.get(key))));
  } catch (error) {
    if (error instanceof DrillError && error.code !== "STORE_FORMAT") {
      if (error.code === "OBJECT_MISSING") return undefined;
      throw error;
    }
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read the lease ${key}: ${messageOf(error)}`,
      "It is not one of ours, or was damaged. Remove it when no run is under way.",
      { cause: error },
    );
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
