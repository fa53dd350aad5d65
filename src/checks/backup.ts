/** Checks on the set itself: that its bytes are those of the backup, its age, and the sets that are newer. */

import { DrillError } from "../base/errors.ts";
import { formatAge } from "../base/numbers.ts";
import { recordedObjects } from "../store/sets/restorable_set.ts";
import { vanishedHint, vanishedInWords } from "../store/records/rosters.ts";
import { expectNone, nothingToCheck, type RestoreCheck } from "./check.ts";
import { type DataContext, factsTwin } from "./data/context.ts";

const THE_SET = "the set that was restored, and the store that it is in";

/** By how much the clocks of two machines may differ, in ms, before one of them counts as wrong. */
const CLOCKS_DIFFER = 5 * 60_000;

export const objectHashes: RestoreCheck<DataContext> = {
  id: "backup.objects",
  part: "backup",
  judges: "restore",
  level: "fast",
  given: THE_SET,
  title: "The objects are byte for byte those that were backed up",
  required: true,
  run: ({ proof: { source, read } }) => {
    const recorded = recordedObjects(source);
    if (recorded.some(({ sha256 }) => sha256 === undefined)) return Promise.reject(noHash(source.name));
    const differing = recorded.filter((one) =>
      !read.some((other) => other.key === one.key && other.bytes === one.bytes && other.sha256 === one.sha256)
    );
    return Promise.resolve({
      ...expectNone(
        differing.map(({ key }) => `${key} is not what was backed up`),
        recorded.length,
        "SHA-256 and size of each object as the restore read it, against the manifest",
      ),
      details: recorded.map(({ key, sha256 }) => `${key} ${sha256}`),
    });
  },
  twin: factsTwin("other hashes read than recorded", (context) => ({
    ...context,
    proof: { ...context.proof, read: context.proof.read.map((one) => ({ ...one, sha256: "0".repeat(64) })) },
  })),
};

const noHash = (set: string) =>
  new DrillError(
    "CHECK_NOT_RUN",
    `no hash was recorded: ${set} is a set of the old backup script`,
    "Its rows and files are compared all the same. Every set that dolibarr-drill takes has hashes.",
  );

export const backupAge: RestoreCheck<DataContext> = {
  id: "backup.age",
  part: "backup",
  judges: "restore",
  level: "fast",
  given: THE_SET,
  title: "The newest good backup is not too old",
  required: true,
  run: ({ proof: { source }, maxAgeMs }) => {
    const age = Date.now() - source.seenAt.getTime();
    const future = age < -CLOCKS_DIFFER;
    return Promise.resolve({
      equal: !future && age <= maxAgeMs,
      compared: {
        expected: `${formatAge(maxAgeMs)} at most`,
        found: formatAge(age),
        with: "age of the older half of the set against drill.max_age",
      },
      message: future
        ? `the set is ${
          formatAge(age)
        } of this machine's clock: one of the two clocks is wrong, so the age of the set is not known`
        : `the newest good set is ${
          formatAge(age)
        } old: backups have stopped, contain one half only, or are all suspect since then`,
    });
  },
  twin: factsTwin("no age allowed", (context) => ({ ...context, maxAgeMs: -1 })),
};

export const setsThere: RestoreCheck<DataContext> = {
  id: "backup.sets",
  part: "backup",
  judges: "restore",
  level: "fast",
  given: THE_SET,
  title: "No set is gone that no prune dropped, and no manifest is another than the one that was written",
  required: true,
  run: ({ vanished: { listed, ...vanished } }) => {
    const problems = vanishedInWords(vanished);
    if (listed === 0 && problems.length === 0) {
      return Promise.reject(nothingToCheck("no backup has recorded yet which sets there are"));
    }
    return Promise.resolve({
      ...expectNone(
        problems,
        Math.max(listed, problems.length),
        "each set that the last backup or prune recorded, with the hash of its manifest, against the store",
      ),
      hint: vanishedHint(vanished),
    });
  },
  twin: factsTwin("a set that is gone", (context) => ({
    ...context,
    vanished: { listed: 1, missing: ["20260630T155313Z"], exchanged: [] },
  })),
};

export const newerBadSets: RestoreCheck<DataContext> = {
  id: "backup.suspect",
  part: "backup",
  judges: "restore",
  level: "fast",
  given: THE_SET,
  title: "No newer backup is suspect, damaged or unreadable",
  required: true,
  run: ({ newer, proof: { source } }) =>
    Promise.resolve({
      equal: newer.length === 0,
      compared: { expected: 0, found: newer.length, with: `bad sets that are newer than ${source.name}` },
      message: newer[0] && `${newer[0].name} is newer and bad: ${newer[0].problems.join("; ")}`,
      details: newer.map(({ name, problems }) => `${name}: ${problems.join("; ")}`),
    }),
  twin: factsTwin("a newer set without users", (context) => ({
    ...context,
    newer: [{ name: "20991231T000000Z", problems: ["no users"] }],
  })),
};
