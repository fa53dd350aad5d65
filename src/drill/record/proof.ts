/** What a drill proves about the set that it restored, for the store. Pure. */

import type { ProofBody } from "../../store/records/proofs.ts";
import { conclusionOf, faultsOfErp, isAgainstTheSet, type Meaning } from "../../checks/culprit.ts";
import type { CheckResult, DrillResult } from "../../checks/result.ts";

/** Codes of errors about an object itself, which every machine would find. */
const OBJECT_IS_BAD = ["OBJECT_CORRUPT", "OBJECT_MISSING", "DUMP_UNREADABLE", "DUMP_FOREIGN"];

/** What a result may mean where all that was restored is what was backed up: nothing of it speaks against the set. */
const PROVES_THE_SET: readonly Meaning[] = [
  ...["proved", "findings", "not_recent", "others_changed", "register_lost", "older_damaged"] as const,
  ...["not_shown", "shown_wrongly", "too_slow"] as const,
];

/**
 * The proof that follows from a drill: of what it did reach. Pages that failed or could not be opened, a drill that took too
 * long and a set that is too old do not depend on the set's bytes, nor does a fault that the ERP had when it was backed up:
 * what was restored and is equal is proved all the same, and the pages are listed as not proved. Undefined where the result
 * says nothing about the set.
 */
export function proofOf(
  result: DrillResult,
  set: { environment: string; name: string },
): ProofBody | undefined {
  // older sets have proofs of their own
  const checks = result.checks.filter(({ id }) => !id.startsWith("rota."));
  const faults = faultsOfErp(checks);
  const ofTheRestore = checks.filter((check) => !faults.includes(check));
  const { meaning, restored } = conclusionOf(result);
  const about = ofTheRestore.filter((check) =>
    check.id === "backup.objects" ||
    (check.part === "data" || check.part === "documents") &&
      (check.judges === "books" || isAgainstTheSet(check))
  );
  const failed = about.filter(({ verdict }) => verdict === "fail");
  if (failed.length === 0 && !(restored && PROVES_THE_SET.includes(meaning))) return undefined;
  const bad = failed.filter(({ code }) => code !== undefined && OBJECT_IS_BAD.includes(code));
  // its bytes were not those that were recorded: which they were, the drill does not know any more
  const hasOtherBytes = (key: string) =>
    bad.some(({ message = "", code }) =>
      (code === "OBJECT_CORRUPT" || code === "OBJECT_MISSING") && message.includes(key)
    );
  const isDamaged = (half: string, key: string) =>
    bad.some(({ message = "", code }) =>
      message.includes(key) || half === "db" && (code === "DUMP_UNREADABLE" || code === "DUMP_FOREIGN")
    );
  return {
    environment: set.environment,
    set: set.name,
    at: new Date(result.endedAt),
    verb: "drill",
    verdict: failed.length === 0 ? "pass" : "fail",
    objects: (result.set?.objects ?? []).map(({ half, key, bytes, sha256 }) => ({
      key,
      bytes,
      sha256: hasOtherBytes(key) ? null : sha256 ?? null,
      sound: !isDamaged(half, key),
    })),
    proved: checks.filter(({ verdict }) => verdict === "pass").map(({ title }) => title),
    notProved: checks.filter((check) =>
      check.verdict !== "pass" && !failed.includes(check) && !faults.includes(check)
    )
      .map(({ title, message }) => `${title}: ${message ?? "not run"}`),
    problems: failed.map(sentenceOf),
    ...(faults.length > 0 ? { faults: faults.map(sentenceOf) } : {}),
    judged: true,
  };
}

const sentenceOf = ({ title, message }: CheckResult): string => `${title}: ${message ?? "failed"}`;
