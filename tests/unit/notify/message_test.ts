import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import {
  dueAfter,
  factsOf,
  factsOfError,
  faultsToTell,
  fillTemplate,
  messageFor,
  TOLD_BEFORE,
  verdictBefore,
} from "../../../src/notify/message.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { resultOfChecks, sampleBooks, sampleFinding } from "../../support/samples/culprits.ts";
import {
  HOSTILE,
  LEAKED,
  sampleFail,
  sampleNothing,
  sampleNotRun,
  samplePass,
} from "../../support/samples/results.ts";

describe("who is told", () => {
  const pass = { verdict: "pass", exit: 0 } as const;

  it("is the webhook of each FAIL and NOT RUN, whatever was before", () => {
    for (const before of ["pass", "fail", undefined] as const) {
      assertEquals(dueAfter({ verdict: "fail", exit: 1 }, before), { webhook: true, alive: false });
      assertEquals(dueAfter({ verdict: "not_run", exit: 2 }, before), { webhook: true, alive: false });
    }
  });

  it("is nobody over faults of the ERP that were told before", () => {
    const faults = (...at: number[]) => resultOfChecks([sampleBooks(at.map((one) => sampleFinding(one)))]);
    const before = (told: DrillResult["told"], ...at: number[]) => ({ ...faults(...at), told });
    const news = (result: DrillResult, earlier?: DrillResult) => faultsToTell(result, earlier)?.news.length;
    const sent = { webhook: "sent" };
    assertEquals(news(faults(1, 2), undefined), 2);
    assertEquals(news(faults(1, 2), before(sent, 1, 2)), 0);
    assertEquals(news(faults(1, 2), before({ webhook: TOLD_BEFORE }, 1, 2, 3)), 0);
    assertEquals(faultsToTell(faults(1, 2), before(sent, 1))?.asBefore, 1);
    for (const told of [undefined, {}, { webhook: "failed: 404" }]) {
      assertEquals(news(faults(1), before(told, 1)), 1); // nobody was told
    }
    assertEquals(faultsToTell(sampleFail(), undefined), undefined); // not the ERP's fault
    const due = (result: DrillResult, earlier?: DrillResult) =>
      dueAfter(result, undefined, faultsToTell(result, earlier)).webhook;
    assertEquals([due(faults(1)), due(faults(1), before(sent, 1)), due(sampleFail(), before(sent, 1))], [
      true,
      false,
      true,
    ]);
  });

  it("is the webhook of the first PASS after, and of no other", () => {
    assertEquals(dueAfter(pass, "fail"), { webhook: true, alive: true });
    assertEquals(dueAfter(pass, "not_run"), { webhook: true, alive: true });
    assertEquals(dueAfter(pass, "pass"), { webhook: false, alive: true });
    assertEquals(dueAfter(pass, undefined), { webhook: false, alive: true });
  });

  it("is nobody where a person interrupted it; the dead man's switch is not reset then", () => {
    assertEquals(dueAfter({ verdict: "not_run", exit: 130 }, "pass"), { webhook: false, alive: false });
  });
});

describe("the drill before", () => {
  const at = (text: string) => new Date(`2026-11-${text}Z`);
  const now = at("20T02:00:00.700");
  const of = (
    records: [string, "pass" | "fail" | "not_run"][],
    proofs: [string, "pass" | "fail"][] = [],
  ) =>
    verdictBefore(now, {
      records: records.map(([text, verdict]) => ({ at: at(text), verdict })),
      proofs: proofs.map(([text, verdict]) => ({ at: at(text), verdict })),
    });

  it("is the newest that is recorded, and never this one", () => {
    assertEquals(of([]), undefined);
    assertEquals(of([["18T02:00:00", "fail"], ["19T02:00:00", "not_run"]]), "not_run");
    assertEquals(of([["19T02:00:00", "pass"], ["18T02:00:00", "fail"]]), "pass");
    assertEquals(of([["20T02:00:00", "pass"], ["19T02:00:00", "fail"]]), "fail");
    assertEquals(of([["20T02:00:05", "pass"]], [["20T02:03:00", "pass"]]), undefined);
  });

  it("is known from proofs where it could not be recorded", () => {
    assertEquals(of([], [["19T02:03:00", "fail"]]), "fail");
    assertEquals(of([["17T02:00:00", "fail"]], [["19T02:03:00", "pass"]]), "pass");
    assertEquals(of([], [["19T02:01:00", "fail"], ["19T02:03:00", "pass"]]), "fail");
    // its own proof of the newest set says nothing of an older one that failed
    assertEquals(of([["19T02:00:00", "fail"]], [["19T02:03:00", "pass"]]), "fail");
  });
});

describe("what is told", () => {
  const text = "{verdict} {environment}: {cause}\n{hint}\n{set} {report}";
  const first = (filled: string) => filled.split("\n")[0];

  it("has the cause in its first line", () => {
    assertEquals(
      first(fillTemplate(text, factsOf(sampleNotRun(), "/r/report.html", undefined))),
      "NOT RUN prod: the drill could not do its own work: Cannot open the sandbox: no Chromium was found (stand-in, not Dolibarr: 22.0.4 could not be had (no network); set DOLIBARR_HOME)",
    );
    assertStringIncludes(
      fillTemplate(text, factsOf(sampleNotRun(), "/r/report.html", undefined)),
      "/r/report.html",
    );
    assertStringIncludes(
      first(fillTemplate(text, factsOf(sampleFail(), undefined, undefined)))!,
      "FAIL prod: ",
    );
    assertEquals(
      first(fillTemplate(text, factsOf(samplePass(), undefined, "fail"))),
      "PASS prod: the drill passes again: the backup can be brought back; the drill before was FAIL",
    );
    assertStringIncludes(fillTemplate(text, factsOf(sampleNothing(), undefined, undefined)), "\nnone none");
  });

  it("is said of a drill that could not begin", () => {
    const error = new DrillError(
      "STORE_UNREACHABLE",
      "Cannot list s3://x/erp: no answer",
      "Look at the network.",
    );
    assertEquals(
      fillTemplate(text, factsOfError(error, "prod")),
      "NOT RUN prod: Cannot list s3://x/erp: no answer\nLook at the network.\nnone none",
    );
    const bad = new DrillError("OBJECT_CORRUPT", "Cannot trust it", "Take another set.");
    assertEquals(factsOfError(bad, "prod").verdict, "FAIL");
  });

  it("holds no credentials, no line breaks and no control characters, and is not endless", () => {
    const error = new DrillError("INTERNAL", `${LEAKED}\n${HOSTILE}${"x".repeat(5000)}`, "h");
    const { cause } = factsOfError(error, "prod");
    for (const secret of ["s3cr3t", "abcdef0123", "\n", "\u001b", "\u202e"]) {
      assertFalse(cause.includes(secret), secret);
    }
    assertEquals(cause.length <= 600, true);
  });
});

describe("a message", () => {
  const facts = factsOfError(
    new DrillError("INTERNAL", `a "quote", a \\ and {hint}: é`, "do it"),
    "prod",
  );

  it("is JSON with every text filled in and escaped, however deep it stands", () => {
    const json = { text: "{cause}", deep: [{ "{cause}": "{environment}", n: 4, on: true, no: null }] };
    const { headers, body } = messageFor({ headers: {}, body: { json } }, facts);
    assertEquals(headers, { "Content-Type": "application/json" });
    assertEquals(JSON.parse(body), {
      text: `a "quote", a \\ and {hint}: é`, // what was filled in is not filled in again
      deep: [{ "{cause}": "prod", n: 4, on: true, no: null }],
    });
  });

  it("is plain text with headers of its own, in ASCII", () => {
    const secret = { ref: "env:TOKEN", read: () => Promise.resolve("not-so-secret") };
    const headers = { Title: "{environment}: {verdict}", "X-Cause": "{cause}", Authorization: secret };
    const message = messageFor({ headers, body: { text: "{cause}\n{hint}" } }, facts);
    assertEquals(message.body, `a "quote", a \\ and {hint}: é\ndo it`);
    assertEquals(message.headers, {
      "Content-Type": "text/plain; charset=utf-8",
      Title: "prod: NOT RUN",
      "X-Cause": `=?UTF-8?B?${btoa('a "quote", a \\ and {hint}: \xc3\xa9')}?=`,
    });
  });
});
