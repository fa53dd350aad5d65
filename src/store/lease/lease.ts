/**
 * One lease an environment, in the store, because that is what a laptop and a CronJob share (docs/design.md, rule 7). It needs
 * no conditional write: each writes a claim of its own and then looks, so of two at least one sees the other.
 */

import { DrillError } from "../../base/errors.ts";
import { growing, limits, pauses } from "../../base/limits.ts";
import { holderName, thisProcess } from "../../base/process/holder.ts";
import { sleep } from "../../base/time.ts";
import { recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import {
  type Claim,
  type LeaseLimits,
  newClaim,
  putClaim,
  readClaims,
  type UnreadableClaim,
} from "./claims.ts";

/** A held lease; disposing gives it back. `confirm` throws when it was lost, and is asked before each manifest and deletion. */
export interface Lease extends AsyncDisposable {
  confirm(): Promise<void>;
}

interface LeaseOptions {
  /** How often it is asked for while another has it, or while others ask. */
  tries?: number;
  signal?: AbortSignal;
  limits?: Partial<LeaseLimits>;
}

/** Which lease, and its limits. */
interface Terms {
  store: Store;
  environment: string;
  limits: LeaseLimits;
}

/** Whose the lease is now: ours to take, or that of `by`. */
type Answer = "free" | { by: Claim | UnreadableClaim };

/**
 * Takes the lease of `environment` for `verb`: writes a claim that asks for it, and holds it once there is no other claim.
 * If another run holds it, or another that asks comes first, the claim is withdrawn and written again after a random time.
 * @throws DrillError `LEASE_HELD`, naming who holds it and since when.
 */
export async function takeLease(
  store: Store,
  environment: string,
  verb: string,
  { tries = 5, signal, limits: shorter = {} }: LeaseOptions = {},
): Promise<Lease> {
  const terms: Terms = {
    store,
    environment,
    limits: {
      lives: limits.leaseLives,
      isRenewed: limits.leaseIsRenewed,
      isAskedFor: limits.leaseIsAskedFor,
      ...shorter,
    },
  };
  for (let tried = 1;; tried++) {
    signal?.throwIfAborted();
    const key = recordKey(environment, "lease", crypto.randomUUID());
    const claim = newClaim(verb, thisProcess());
    try {
      await putClaim(store, key, claim);
      const answer = await ask(terms, key, claim, signal);
      if (answer === "free") return held(terms, key, { ...claim, state: "held" });
      await store.delete(key);
      if (tried >= tries) throw leaseHeld(environment, answer.by);
    } catch (error) {
      await store.delete(key).catch(() => undefined); // one that is left there does not count after a minute
      throw error;
    }
    await sleep(growing(pauses.lease, tried) * (0.3 + Math.random()), signal);
  }
}

/** Reads the claims until there is no other one, and then holds the lease; or until another run holds it or comes first. */
async function ask(terms: Terms, key: string, claim: Claim, signal?: AbortSignal): Promise<Answer> {
  const { store, environment } = terms;
  const end = Date.now() + terms.limits.isAskedFor;
  while (true) {
    signal?.throwIfAborted();
    const { own, others } = await readClaims(store, environment, key, terms.limits);
    if (own && others.length === 0) {
      await putClaim(store, key, { ...claim, state: "held" });
      const last = await readClaims(store, environment, key, terms.limits);
      const holder = last.others.find(({ claim }) => claim.state === "held");
      return holder ? { by: holder.claim } : "free"; // one that only asks will see ours
    }
    const holder = others.find(({ claim }) => claim.state === "held");
    if (holder) return { by: holder.claim };
    const [first] = others.map((other) => other.key).sort();
    const before = others.find((other) => other.key === first);
    if (before && (before.key < key || Date.now() > end)) return { by: before.claim };
    if (!own) return { by: claim }; // it was taken for that of a dead process: ask again
    await sleep(pauses.leaseIsLookedAt, signal);
  }
}

function held({ store, environment, limits }: Terms, key: string, claim: Claim): Lease {
  let renewed = Date.now();
  let gone = false;
  /** Only what is still there is written again: one that was taken away is another's now. */
  const renew = async () => {
    const now = Date.now();
    if (!await store.head(key)) gone = true;
    if (gone) return;
    await putClaim(store, key, claim);
    renewed = now;
  };
  let renewing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(renew).catch(() => undefined); // the next one tries again, and so does confirm
  }, limits.isRenewed);
  Deno.unrefTimer(timer);
  return {
    async confirm() {
      await renewing;
      if (!gone && Date.now() - renewed > limits.isRenewed) await renew(); // the machine slept, or the store did
      const { own, others } = await readClaims(store, environment, key, limits);
      const other = others.find(({ claim }) => claim.state === "held");
      if (other) throw leaseHeld(environment, other.claim);
      if (own && !gone) return;
      throw new DrillError(
        "LEASE_HELD",
        `Cannot go on with ${environment}: our lease is no longer in the store`,
        "It expired or was removed, and another run may have started. Run it again.",
      );
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await renewing;
      await store.delete(key);
    },
  };
}

function leaseHeld(environment: string, claim: Claim | UnreadableClaim): DrillError {
  if ("error" in claim) {
    const { code, message, hint } = claim.error;
    const expires = "a run may be at work there; its claim counts until it was not renewed for ten minutes";
    return code === "STORE_NEWER"
      ? new DrillError(code, message, hint, { details: [expires] })
      : new DrillError(
        "LEASE_HELD",
        `Cannot begin with ${environment}: the claim ${claim.key} is damaged, and a run may be at work there`,
        "It counts until it was not renewed for ten minutes, and is then removed. Remove it when no run is at work.",
        { details: [message] },
      );
  }
  const { state, verb, since, holder } = claim;
  return new DrillError(
    "LEASE_HELD",
    state === "held"
      ? `Cannot begin with ${environment}: ${verb} has been running there since ${since} (${
        holderName(holder)
      })`
      : `Cannot begin with ${environment}: ${verb} asks for it too, since ${since} (${holderName(holder)})`,
    "Wait for it to end. One whose process is gone, or that was silent for ten minutes, is taken over by itself.",
  );
}
