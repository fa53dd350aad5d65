import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import type { Finding } from "../../../src/checks/result.ts";
import {
  dueAfterBackup,
  dueAfterPrune,
  factsOfBackup,
  factsOfPrune,
  factsOfTest,
} from "../../../src/notify/backup_and_prune.ts";
import { factsOfError } from "../../../src/notify/message.ts";

const finding = (ref: string): Finding => ({
  id: `documents.invoices/${ref}/missing`,
  subject: ref,
  sentence: `${ref}: its PDF is missing`,
  with: "",
  facts: {},
});
const good = {
  environment: "prod",
  set: "prod/20261130T020000Z",
  verdict: "pass",
  exit: 0,
  newFindings: [],
  afterSuspect: false,
} as const;

describe("who hears of a backup", () => {
  it("is nobody after a good one, and after one whose findings are known or accepted", () => {
    assertEquals(dueAfterBackup(good), { webhook: false, alive: false });
  });

  it("is the webhook after each that is no PASS, after new findings, and after the first good set", () => {
    const due = { webhook: true, alive: false };
    assertEquals(dueAfterBackup({ ...good, verdict: "fail", exit: 1 }), due);
    assertEquals(dueAfterBackup({ ...good, verdict: "not_run", exit: 2 }), due);
    assertEquals(dueAfterBackup({ ...good, newFindings: [finding("FA1")] }), due);
    assertEquals(dueAfterBackup({ ...good, afterSuspect: true }), due);
  });

  it("is nobody where a person interrupted it", () => {
    assertEquals(dueAfterBackup({ ...good, verdict: "not_run", exit: 130 }).webhook, false);
  });

  it("reads that the backup is good, and what is new", () => {
    const one = factsOfBackup({ ...good, newFindings: [finding("FA1")] });
    assertEquals([one.verdict, one.verb, one.environment, one.set], ["PASS", "backup", "prod", good.set]);
    assertEquals(one.cause, "the backup is good, but prod has 1 new fault: FA1: its PDF is missing");
    const three = factsOfBackup({ ...good, newFindings: ["FA1", "FA2", "FA3"].map(finding) });
    assertStringIncludes(three.cause, "prod has 3 new faults: FA1: its PDF is missing, and 2 more faults");
    assertEquals(
      factsOfBackup({ ...good, afterSuspect: true }).cause,
      "the backup is good again; the set before it is suspect",
    );
  });

  it("reads why it is bad, and what to do", () => {
    const bad = {
      ...good,
      verdict: "fail",
      exit: 1,
      message: "The set is suspect: no users",
      hint: "Check prod.",
    } as const;
    const { verdict, cause, hint } = factsOfBackup(bad);
    assertEquals([verdict, cause, hint], ["FAIL", "The set is suspect: no users", "Check prod."]);
  });
});

describe("who hears of a prune", () => {
  it("is the webhook once after one that was cut short, else nobody", () => {
    assertEquals(dueAfterPrune({ afterCutShort: true }), { webhook: true, alive: false });
    assertEquals(dueAfterPrune({ afterCutShort: false }), { webhook: false, alive: false });
    const { verdict, verb, environment, cause } = factsOfPrune({ environment: "prod" });
    assertEquals([verdict, verb, environment], ["PASS", "prune", "prod"]);
    assertStringIncludes(cause, "the one before was cut short");
  });
});

describe("an error of a verb", () => {
  const error = new DrillError(
    "STORE_UNREACHABLE",
    "Cannot list s3://x/erp: no answer",
    "Look at the network.",
  );

  it("is not taken for one of another verb", () => {
    const of = (verb: "drill" | "backup" | "prune") => factsOfError(error, "prod", verb);
    assertEquals(of("drill").cause, "Cannot list s3://x/erp: no answer");
    assertEquals(of("backup").cause, "the backup failed: Cannot list s3://x/erp: no answer");
    assertEquals([of("prune").verb, of("prune").verdict], ["prune", "NOT RUN"]);
  });
});

describe("a test message", () => {
  it("is neither a PASS nor a FAIL", () =>
    assertEquals(factsOfTest({ environment: "prod" }).verdict, "TEST"));
});
