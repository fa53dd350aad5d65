/**
 * The names of the sets that there were, with the hash of each manifest: `<env>/rosters/<ts>.json`. Each backup and each
 * prune that ends writes one, and the newest two are left: what is gone without a prune, or another one, is told from then on.
 */

import { z } from "zod";
import { PROGRAM } from "../../base/program_name.ts";
import { recordKind } from "../../base/versioned_record.ts";
import { isTimestamp } from "../../base/time.ts";
import { listMoments, recordKey } from "../keys.ts";
import type { Store } from "../store.ts";
import type { PruneRecord } from "./prunes.ts";
import { getRecord, type OnUnreadable, putAmongNewest, readOrReport } from "./stored_record.ts";

const timestamp = z.string().refine(isTimestamp, "a UTC timestamp such as 20260630T155313Z");

const fields = z.object({
  environment: z.string().min(1),
  /** The moment that the record is named after: when the backup ended, or of the prune. */
  at: timestamp,
  /** Every set with a manifest; also one that was missing already, and that nobody accepted as gone. */
  sets: z.array(z.object({
    set: timestamp,
    manifest: z.string().regex(/^[0-9a-f]{64}$/),
    /** That its register was there; missing where it has none. */
    register: z.boolean().optional(),
  })),
});

export const rosterRecord = recordKind({
  name: "a list of the sets of ours",
  format: 1,
  minReader: 1,
  fields,
  damaged: {
    code: "STORE_FORMAT",
    hint: "It says which sets there were. The one before it counts; the next backup writes a new one.",
  },
});

export type Roster = z.infer<typeof fields>;

/** How many are left: the newest may be damaged. */
const LEFT = 2;

/** Writes it, and removes what is older than the one before. */
export const putRoster = async (store: Store, roster: Roster): Promise<void> =>
  await putAmongNewest(store, { folder: "rosters", kind: rosterRecord, left: LEFT }, roster);

/** The newest that can be understood. One that cannot is reported to `onUnreadable`. */
export async function readNewestRoster(
  store: Store,
  environment: string,
  onUnreadable: OnUnreadable,
): Promise<Roster | undefined> {
  for (const at of (await listMoments(store, environment, "rosters")).reverse()) {
    const key = recordKey(environment, "rosters", at);
    const read = await readOrReport(key, () => getRecord(store, key, rosterRecord), onUnreadable);
    if (read) return read;
  }
  return undefined;
}

/** What of a roster is not there any more as it was. */
export interface Vanished {
  /** Sets that are gone although no prune dropped them, oldest first. */
  missing: string[];
  /** Sets whose manifest is another one. */
  exchanged: string[];
  /** Those of `exchanged` whose manifest cannot be read any more. */
  unreadable?: string[];
  /** Sets whose register is gone: what was open in it would be forgotten. */
  registers?: string[];
}

/**
 * Compares what there is with what there was. Pure.
 *
 * @param now the hash of each manifest that lies there, by set; null: it cannot be read, so it is not what was written.
 * @param prunes since then; those before count for nothing.
 * @param registers the sets whose register lies there; left out: not looked at.
 */
export function vanishedSince(
  roster: Roster | undefined,
  now: ReadonlyMap<string, string | null>,
  prunes: readonly Pick<PruneRecord, "at" | "dropped" | "acknowledged">[],
  registers?: ReadonlySet<string>,
): Vanished {
  const explained = new Set(
    prunes.filter(({ at }) => at >= (roster?.at ?? "")).flatMap(({ dropped, acknowledged = [] }) => [
      ...dropped.map(({ set }) => set),
      ...acknowledged,
    ]),
  );
  const listed = roster?.sets ?? [];
  const lost = registers
    ? listed.filter(({ set, register }) => register && now.has(set) && !registers.has(set)).map(({ set }) =>
      set
    )
    : [];
  const exchanged = listed.filter(({ set, manifest }) => now.has(set) && now.get(set) !== manifest)
    .map(({ set }) => set);
  const unreadable = exchanged.filter((set) => now.get(set) === null);
  return {
    ...(lost.length > 0 ? { registers: lost.sort() } : {}),
    missing: listed.map(({ set }) => set).filter((set) => !now.has(set) && !explained.has(set)).sort(),
    exchanged: exchanged.sort(),
    ...(unreadable.length > 0 ? { unreadable } : {}),
  };
}

/**
 * The next roster: what there is, and what is missing or another one as it was, so that it is told until a person accepts it.
 * @param accepted a person accepted it. `registers`: the sets whose register lies there.
 */
export function nextRoster(
  { environment, at }: Pick<Roster, "environment" | "at">,
  now: ReadonlyMap<string, string | null>,
  before: Roster | undefined,
  { missing, exchanged, registers: lost = [] }: Vanished,
  { accepted = false, registers }: { accepted?: boolean; registers?: ReadonlySet<string> } = {},
): Roster {
  const told = new Set(accepted ? [] : [...missing, ...exchanged]);
  const old = new Map(before?.sets.map((one) => [one.set, one]));
  const hasRegister = (set: string) =>
    registers?.has(set) ||
    !accepted && (lost.includes(set) || told.has(set) && old.get(set)?.register === true);
  const sets = [...new Set([...now.keys(), ...told])].sort().flatMap((set) => {
    const manifest = told.has(set) ? old.get(set)?.manifest : now.get(set) ?? old.get(set)?.manifest;
    if (manifest === undefined || manifest === null) return [];
    return [{ set, manifest, ...(hasRegister(set) ? { register: true } : {}) }];
  });
  return { environment, at, sets };
}

/** A sentence for each set. */
export const vanishedInWords = (
  { missing, exchanged, unreadable = [], registers = [] }: Vanished,
): string[] => [
  ...missing.map((set) => `${set} is missing: it was there before, and no prune dropped it`),
  ...exchanged.map((set) =>
    unreadable.includes(set)
      ? `the manifest of ${set} cannot be read any more`
      : `the manifest of ${set} is not the one that was written`
  ),
  ...registers.map((set) => `the register of ${set} is missing: it was there before`),
];

/** What to do then. A manifest that cannot be read can only be put back: prune deletes nothing beside it. */
export const vanishedHint = ({ unreadable = [] }: Pick<Vanished, "unreadable">): string =>
  "Find out who deleted or changed it, and put it back from a copy of the store. " +
  (unreadable.length > 0
    ? "Until its manifest can be read, prune deletes nothing."
    : `To accept it as it is: ${PROGRAM} prune --accept-missing`);

/** What is told of by itself, as a record that cannot be read, is left out. */
export const besideUnreadable = ({ unreadable = [], exchanged, ...vanished }: Vanished): Vanished => ({
  ...vanished,
  exchanged: exchanged.filter((set) => !unreadable.includes(set)),
});
