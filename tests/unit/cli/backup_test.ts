import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Finding } from "../../../src/checks/result.ts";
import { endingOfBackup } from "../../../src/cli/backup/ending.ts";
import { findingLines } from "../../../src/cli/backup/print.ts";
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
    assertEquals([exit, code], [1, "CHECK_FAILED"]);
    assertMatch(message!, /is good, but prod has 2 faults that are not accepted: FA1: its PDF is missing$/);
    assertMatch(
      hint!,
      /findings accept documents\.invoices\/FA1\/missing --until DATE --reason TEXT --env prod$/,
    );
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
  const of = { environment: "prod", isDefault: true, now: new Date("2026-11-30T03:00:00Z") };

  it("are a line for each fault, since when, what to do about the first, and how many are accepted", () => {
    const lost = {
      ...finding("FA1"),
      document: { path: "facture/FA1.pdf" },
      history: { since: "20261103T020000Z", stillRightIn: "20261102T020000Z" },
    };
    assertEquals(
      findingLines({ open: [lost, finding("FA2", "20261104T020000Z")], accepted: [finding("FA3")] }, of),
      [
        "The backup is good. prod has 2 faults that are not accepted:",
        "- FA1: its PDF is missing, since 3 Nov, 28 nights",
        "- FA2: its PDF is missing, since 4 Nov, 27 nights",
        "dolibarr-drill extract prod/20261102T020000Z --document facture/FA1.pdf --to FA1.pdf",
        "dolibarr-drill findings accept documents.invoices/FA1/missing --until DATE --reason TEXT",
        "1 accepted: dolibarr-drill findings",
      ],
    );
  });

  it("tell what the law keeps unchanged first, however old the others are, and how to see what it was", () => {
    const old = { ...finding("FA1"), history: { since: "20250103T020000Z" } };
    const altered = {
      ...finding("FA2"),
      ...{ id: "data.register/llx_facture:42/altered", sentence: "invoice FA2: its total 120 is now 100" },
      facts: { was: "42, total 120, hash 7", is: "42, total 100, hash 8", rows: "llx_facture:42" },
      history: { since: "20261130T020000Z", stillRightIn: "20261129T020000Z" },
    };
    const [, first, second, ...commands] = findingLines({ open: [old, altered], accepted: [] }, of);
    assertEquals([first, second, ...commands], [
      "- invoice FA2: its total 120 is now 100, since 30 Nov, 1 night",
      "- FA1: its PDF is missing, since 3 Jan 2025, 697 nights",
      "dolibarr-drill extract prod/20261129T020000Z --table llx_facture --where rowid=42 --to llx_facture.csv",
      "dolibarr-drill findings accept data.register/llx_facture:42/altered --until DATE --reason TEXT",
    ]);
  });

  it("say nothing of what is not known, name another environment, and are one line each", () => {
    const odd = { ...finding("FA1"), sentence: "FA1: a\nb\u001b[31m is missing" };
    const lines = findingLines({ open: [odd], accepted: [] }, { ...of, isDefault: false });
    assertEquals(lines.length, 3);
    assertMatch(lines[1]!, /^- FA1: a b\S* is missing$/);
    assertFalse(lines[1]!.includes("\u001b"));
    assertMatch(lines[2]!, /--reason TEXT --env prod$/);
  });

  it("are folded where a person would read no more, and say where the others are", () => {
    const open = Array.from({ length: 1102 }, (_, at) => finding(`FA${at}`));
    const lines = findingLines({ open, accepted: [] }, of);
    assertEquals([lines.length, lines[101]], [103, "and 1,002 more, which --json lists"]);
  });

  it("are none where all is right", () => assertEquals(findingLines(none, of), []));
});
