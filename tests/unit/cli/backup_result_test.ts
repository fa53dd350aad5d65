import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Finding } from "../../../src/checks/result.ts";
import { endingOfBackup, findingLines } from "../../../src/cli/command/backup_result.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const SET = "20261130T020000Z";
const looked = { ...sampleManifest(SET), findings: { covers: ["documents.invoices/missing"], findings: [] } };
const taken = { name: SET, environment: "prod", manifest: looked };
const finding = (ref: string, since?: string): Finding => ({
  id: `documents.invoices/${ref}/missing`,
  subject: ref,
  sentence: `${ref}: its PDF is missing`,
  with: "",
  facts: {},
  ...(since ? { history: { since } } : {}),
});
const none = { open: [], accepted: [], newOnes: [] };
const two = { ...none, open: ["FA1", "FA2"].map((ref) => finding(ref)), accepted: [finding("FA3")] };

describe("how a backup ends", () => {
  it("is 0 where the set is good, whatever is wrong with the ERP", () => {
    assertEquals(endingOfBackup(taken, none, true), {
      verdict: "pass",
      exit: 0,
      set: `prod/${SET}`,
      findings: 0,
      accepted: 0,
    });
    const { verdict, exit, findings, accepted } = endingOfBackup(taken, two, false);
    assertEquals([verdict, exit, findings, accepted], ["pass", 0, 2, 1]);
  });

  it("is 1 with --strict where a finding is open, and says what to do", () => {
    const { exit, code, message, hint } = endingOfBackup(taken, two, true);
    assertEquals([exit, code], [1, "FINDINGS_OPEN"]);
    assertMatch(message!, /is good, but prod has a fault .*: FA1: its PDF is missing, and 1 more fault$/);
    assertStringIncludes(hint!, "findings accept 'documents.invoices/FA1/missing' --env prod");
    assertEquals(endingOfBackup(taken, { ...two, open: [] }, true).exit, 0); // those that are left are accepted
  });

  it("is 1 where the set is suspect, with or without --strict", () => {
    const suspect = { ...taken, manifest: { ...sampleManifest(SET), suspect: ["no users"] } };
    for (const strict of [true, false]) {
      const { exit, code, findings } = endingOfBackup(suspect, none, strict);
      assertEquals([exit, code, findings], [1, "SET_SUSPECT", undefined]);
    }
  });

  it("has no number of findings where nothing was looked at", () => {
    assertEquals(
      "findings" in endingOfBackup({ ...taken, manifest: sampleManifest(SET) }, none, false),
      false,
    );
  });
});

describe("the last lines of a backup", () => {
  it("are a line for each fault, with since when, and how many are accepted", () => {
    const open = [finding("FA1", "20261103T020000Z"), finding("FA2")];
    assertEquals(findingLines("prod", { open, accepted: [finding("FA3")] }), [
      "The backup is good. prod has 2 faults that are not accepted:",
      "  FA1: its PDF is missing, since prod/20261103T020000Z",
      "  FA2: its PDF is missing",
      "1 finding accepted",
    ]);
  });

  it("are folded where a person would read no more, and say where the others are", () => {
    const open = Array.from({ length: 1102 }, (_, at) => finding(`FA${at}`));
    const lines = findingLines("prod", { open, accepted: [] });
    assertEquals([lines.length, lines[100]], [102, "  FA99: its PDF is missing"]);
    assertMatch(
      lines.at(-1)!,
      /^ {2}and 1,002 more, which --json lists: dolibarr-drill backup --env prod --json$/,
    );
  });

  it("are none where all is right", () => assertEquals(findingLines("prod", none), []));
});
