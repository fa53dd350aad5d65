/** What a drill proves about the set that it restored, for the store. Pure. */

import type { ProofBody } from "../../store/records/proofs.ts";
import { faultsOfErp, isAboutTheBackup } from "../../checks/culprit.ts";
import type { CheckResult, DrillResult } from "../../checks/result.ts";
import { overallVerdict } from "../../checks/overall_verdict.ts";

/** Codes of errors about an object itself, which every machine would find. */
const OBJECT_IS_BAD = ["OBJECT_CORRUPT", "OBJECT_MISSING", "DUMP_UNREADABLE", "DUMP_FOREIGN"];

/**
 * The proof that follows from a drill; undefined where the result says nothing about the set: checks that could not be run,
 * pages that failed, a drill that took too long and a set that is too old do not depend on its bytes. Nor does a fault that
 * the ERP had when it was backed up: a drill that found nothing else proves that the set can be brought back.
 */
export function proofOf(
  result: DrillResult,
  set: { environment: string; name: string },
): ProofBody | undefined {
  // older sets have proofs of their own
  const checks = result.checks.filter(({ id }) => !id.startsWith("rota."));
  const faults = faultsOfErp(checks);
  const ofTheRestore = checks.filter((check) => !faults.includes(check));
  // a fault of the ERP is on its pages too: what the data and the documents prove does not depend on them
  const judged = faults.length > 0 ? ofTheRestore.filter(({ part }) => part !== "browser") : ofTheRestore;
  const verdict = judged.length < result.checks.length ? overallVerdict(judged) : result.verdict;
  const about = ofTheRestore.filter((check) =>
    check.id === "backup.objects" ||
    (check.part === "data" || check.part === "documents") &&
      (check.judges === "books" || isAboutTheBackup(check))
  );
  const failed = about.filter(({ verdict }) => verdict === "fail");
  if ((verdict !== "pass" || result.error) && failed.length === 0) return undefined;
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
    verdict: verdict === "pass" ? "pass" : "fail",
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
