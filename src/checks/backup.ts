/** Checks on the set itself: that its bytes are those of the backup, its age, and what is newer. */

import { DrillError } from "../base/errors.ts";
import { formatAge } from "../base/numbers.ts";
import { recordedObjects } from "../store/sets/restorable_set.ts";
import { type Check, expectNone } from "./check.ts";
import { brokenFacts, type DataContext } from "./data/context.ts";

const THE_SET = "the set that was restored, and the store that it is in";

/** Two machines' clocks may differ by so many ms without either being called wrong. */
const CLOCKS_DIFFER = 5 * 60_000;

export const stored: Check<DataContext> = {
  id: "backup.objects",
  part: "backup",
  level: "fast",
  given: THE_SET,
  title: "The objects are, byte for byte, those that were backed up",
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
  broken: brokenFacts("other hashes read than recorded", (context) => ({
    ...context,
    proof: { ...context.proof, read: context.proof.read.map((one) => ({ ...one, sha256: "0".repeat(64) })) },
  })),
};

const noHash = (set: string) =>
  new DrillError(
    "CHECK_NOT_RUN",
    `no hash was ever recorded: ${set} is a set of the old backup script`,
    "Its rows and files are counted all the same. Every set that dolibarr-drill takes has hashes.",
  );

export const fresh: Check<DataContext> = {
  id: "backup.age",
  part: "backup",
  level: "fast",
  given: THE_SET,
  title: "The newest good backup is young enough",
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
        } of this machine's clock: one of the two clocks is wrong, so its age is not known`
        : `the newest good set is ${
          formatAge(age)
        } old: backups have stopped, or take one half alone, or all since are suspect`,
    });
  },
  broken: brokenFacts("no age allowed", (context) => ({ ...context, maxAgeMs: -1 })),
};

export const newestIsGood: Check<DataContext> = {
  id: "backup.suspect",
  part: "backup",
  level: "fast",
  given: THE_SET,
  title: "No newer backup is a bad one: of a state that looks lost, damaged, or not to be read",
  required: true,
  run: ({ newer, proof: { source } }) =>
    Promise.resolve({
      equal: newer.length === 0,
      compared: { expected: 0, found: newer.length, with: `bad sets that are newer than ${source.name}` },
      message: newer[0] && `${newer[0].name} is newer and bad: ${newer[0].problems.join("; ")}`,
      details: newer.map(({ name, problems }) => `${name}: ${problems.join("; ")}`),
    }),
  broken: brokenFacts("a newer set without users", (context) => ({
    ...context,
    newer: [{ name: "20991231T000000Z", problems: ["no users"] }],
  })),
};
