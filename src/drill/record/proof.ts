/** What a drill proves of the set that it restored, for the store. Pure. */

import type { ProofBody } from "../../store/records/proofs.ts";
import type { DrillResult } from "../../checks/result.ts";
import { overallVerdict } from "../../checks/verdict.ts";

/** Codes that say that an object itself is bad, whatever machine looks at it. */
const OBJECT_IS_BAD = ["OBJECT_CORRUPT", "OBJECT_MISSING", "DUMP_UNREADABLE", "DUMP_FOREIGN"];

/**
 * The proof that this result is, or undefined where it says nothing about the set: what could not be run, a browser that
 * failed, a drill that took too long or a set that is too old are no fault of its bytes.
 */
export function proofOf(
  result: DrillResult,
  set: { environment: string; name: string },
): ProofBody | undefined {
  // what was found of older sets is theirs, and has proofs of its own
  const checks = result.checks.filter(({ id }) => !id.startsWith("rota."));
  const verdict = checks.length < result.checks.length ? overallVerdict(checks) : result.verdict;
  const about = checks.filter(({ id, part }) =>
    id === "backup.objects" || part === "data" || part === "documents"
  );
  const failed = about.filter(({ verdict }) => verdict === "fail");
  if (verdict !== "pass" && failed.length === 0) return undefined;
  const bad = failed.filter(({ code }) => code !== undefined && OBJECT_IS_BAD.includes(code));
  const blamed = (half: string, key: string) =>
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
      sha256: sha256 ?? null,
      sound: !blamed(half, key),
    })),
    proved: checks.filter(({ verdict }) => verdict === "pass").map(({ title }) => title),
    notProved: checks.filter(({ verdict }) => verdict === "not_run").map(({ title, message }) =>
      `${title}: ${message ?? "not run"}`
    ),
    problems: failed.map(({ title, message }) => `${title}: ${message ?? "failed"}`),
  };
}
