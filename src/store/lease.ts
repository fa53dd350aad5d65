/** One lease an environment, in the store, because that is what a laptop and a CronJob share (DESIGN, rule 7). */

import { DrillError, messageOf } from "../base/errors.ts";
import { type Holder, holderName, isGone, isHolder, thisProcess } from "../base/holder.ts";
import { limits } from "../base/limits.ts";
import { bytesOf, readSmall } from "../base/streams.ts";
import type { ObjectInfo, Store } from "./store.ts";

const FORMAT = 1;

interface LeaseBody {
  format: number;
  verb: string;
  since: string;
  holder: Holder;
}

/** A held lease; disposing gives it back. `confirm` throws when it was lost, and is asked before each manifest and deletion. */
export interface Lease extends AsyncDisposable {
  confirm(): Promise<void>;
}

/**
 * Takes the lease of `environment` for `verb`: writes its own, lists, and withdraws when another live one is there.
 * Two that arrive together both withdraw and try again after a random while, so one of them gets it.
 * @throws DrillError `LEASE_HELD`, naming who holds it and since when.
 */
export async function takeLease(
  store: Store,
  environment: string,
  verb: string,
  options: { tries?: number; signal?: AbortSignal } = {},
): Promise<Lease> {
  const prefix = `${environment}/lease/`;
  for (let left = options.tries ?? 5;; left--) {
    options.signal?.throwIfAborted();
    const key = `${prefix}${crypto.randomUUID()}.json`;
    const body: LeaseBody = { format: FORMAT, verb, since: new Date().toISOString(), holder: thisProcess() };
    const write = () => store.put(key, bytesOf(JSON.stringify(body) + "\n"));
    await write();
    const other = await findLiveOther(store, prefix, key);
    if (!other) return held(store, environment, prefix, key, write);
    await store.delete(key);
    if (left <= 1) throw leaseHeld(environment, other);
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
  }
}

function held(
  store: Store,
  environment: string,
  prefix: string,
  key: string,
  write: () => Promise<unknown>,
): Lease {
  let renewing: Promise<unknown> = Promise.resolve();
  let lost: unknown;
  const renew = setInterval(() => {
    renewing = renewing.then(write).catch((error) => lost = error);
  }, limits.leaseIsRenewed);
  Deno.unrefTimer(renew);
  return {
    async confirm() {
      const other = await findLiveOther(store, prefix, key);
      if (other) throw leaseHeld(environment, other);
      if (lost || !await store.head(key)) {
        throw new DrillError(
          "LEASE_HELD",
          `Cannot go on with ${environment}: our lease is no longer in the store`,
          "It expired or was removed; another run may have begun. Run it again.",
          { cause: lost },
        );
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(renew);
      await renewing;
      await store.delete(key);
    },
  };
}

/** Another's lease that still counts; those of gone processes and those that expired by the store's clock are removed. */
async function findLiveOther(store: Store, prefix: string, ownKey: string): Promise<LeaseBody | undefined> {
  const leases: ObjectInfo[] = [];
  for await (const lease of store.list(prefix)) leases.push(lease);
  const now = leases.find((lease) => lease.key === ownKey)?.modified.getTime() ?? Date.now();
  for (const lease of leases.filter(({ key }) => key !== ownKey)) {
    const body = await readLease(store, lease.key);
    if (!body) continue; // given back while we looked
    if (isGone(body.holder) || now - lease.modified.getTime() > limits.leaseLives) {
      await store.delete(lease.key);
    } else return body;
  }
  return undefined;
}

async function readLease(store: Store, key: string): Promise<LeaseBody | undefined> {
  try {
    return parseLease(new TextDecoder().decode(await readSmall(store.get(key))));
  } catch (error) {
    if (error instanceof DrillError && error.code === "OBJECT_MISSING") return undefined;
    throw new DrillError(
      "STORE_FORMAT",
      `Cannot read the lease ${key}: ${messageOf(error)}`,
      "It is not one of ours, or was damaged. Remove it when no run is under way.",
      { cause: error },
    );
  }
}

function parseLease(text: string): LeaseBody {
  const body = JSON.parse(text) as Partial<LeaseBody> | null;
  if (
    body?.format !== FORMAT || !isHolder(body.holder) || typeof body.verb !== "string" ||
    typeof body.since !== "string"
  ) {
    throw new TypeError("it is no lease of this version");
  }
  return body as LeaseBody;
}

const leaseHeld = (environment: string, { verb, since, holder }: LeaseBody): DrillError =>
  new DrillError(
    "LEASE_HELD",
    `Cannot begin with ${environment}: ${verb} has been running there since ${since} (${holderName(holder)})`,
    "Wait for it to end. One whose process is gone, or that was silent for ten minutes, is taken over by itself.",
  );
