import { assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  backupMetrics,
  type MeasuredBackup,
  renderBackupMetrics,
} from "../../../src/report/backup_metrics.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const SET = "20261130T020000Z";
const manifest = sampleManifest(SET);
const failed: MeasuredBackup = {
  environment: "prod",
  lab: false,
  verdict: "not_run",
  exit: 2,
  startedAt: new Date("2026-11-30T02:00:00Z"),
  endedAt: new Date("2026-11-30T02:01:30.500Z"),
};
const taken = { manifest, uploaded: new Set([`prod/db/${SET}.dump`]), findings: { open: 2, accepted: 1 } };
const good: MeasuredBackup = { ...failed, verdict: "pass", exit: 0, lastGood: failed.startedAt, taken };

const valuesOf = (backup: MeasuredBackup) =>
  Object.fromEntries(
    backupMetrics(backup).flatMap(({ name, values }) =>
      values.map((
        { labels, value },
      ) => [[name.replace("dolibarr_backup_", ""), ...Object.values(labels ?? {})].join(" "), value])
    ),
  );

describe("the metrics of a backup", () => {
  it("are what it did and what it saw", () => {
    assertEquals(valuesOf(good), {
      "verdict pass": 1,
      "verdict fail": 0,
      "verdict not_run": 0,
      exit_status: 0,
      start_timestamp_seconds: 1796004000,
      end_timestamp_seconds: 1796004090.5,
      duration_seconds: 90.5,
      last_success_timestamp_seconds: 1796004000,
      suspect: 0,
      "findings open": 2,
      "findings accepted": 1,
      "object_bytes db": 3,
      "object_bytes docs": 3,
      uploaded_bytes: 3,
      tables: 1,
      rows: 1,
      files: 1,
      document_bytes: 5,
    });
  });

  it("leave out what is not known, and never say 0 of it", () => {
    assertEquals(Object.keys(valuesOf(failed)).filter((name) => !name.startsWith("verdict")), [
      "exit_status",
      "start_timestamp_seconds",
      "end_timestamp_seconds",
      "duration_seconds",
    ]);
    const unseen = valuesOf({ ...good, taken: { ...taken, findings: undefined } });
    assertFalse(Object.keys(unseen).some((name) => name.startsWith("findings")));
  });

  it("say that a state looks lost", () => {
    const suspect = { ...taken, manifest: { ...manifest, suspect: ["no users"] } };
    assertEquals(valuesOf({ ...good, verdict: "fail", exit: 1, taken: suspect }).suspect, 1);
  });

  it("are text with the environment's labels", async () => {
    const text = await renderBackupMetrics(good);
    assertStringIncludes(
      text,
      '\ndolibarr_backup_findings{state="open",environment="prod",lab="false"} 2\n',
    );
    assertMatch(text, /^# TYPE dolibarr_backup_verdict gauge$/m);
  });
});
