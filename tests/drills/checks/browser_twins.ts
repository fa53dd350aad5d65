/** Every check in the browser, seen to pass and to fail: on its own twin, and on what looks fine and is not. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Browser } from "@playwright/test";
import { join } from "node:path";
import { DrillError } from "../../../src/base/errors.ts";
import { browserChecks } from "../../../src/checks/browser/browser_checks.ts";
import {
  type BrowserContext,
  type BrowserFacts,
  openVisitor,
  SIGNED_IN,
  SIGNED_OUT,
} from "../../../src/checks/browser/context.ts";
import { readPageFacts } from "../../../src/checks/browser/page_facts.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import type { Invoice } from "../../../src/dolibarr/books/invoices.ts";
import { hasSeenTwin } from "../../../src/drill/negative_control/attempt.ts";
import { traceFailure } from "../../../src/drill/browser/failure_trace.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { savedFolder, savedRows } from "../../support/lab/put_back.ts";
import { readZip } from "../../support/samples/zip.ts";
import { BROWSER_MESSAGES, STAND_IN_FAULTS } from "./expected_messages.ts";
import { runCheck } from "../../../src/checks/run.ts";

const signal = new AbortController().signal;
/** What keeps them from passing is the sandbox's fault: before a mark is seen no page is judged. */
const LOOKS_FOR_MARK = ["browser.sandbox", "browser.documents_mark"];
const byId = (id: string) => browserChecks.find((check) => check.id === id)!;

export type Visitors = Awaited<ReturnType<typeof openVisitors>>;

/** One visitor who looks at everything as a drill's does, and then stays signed in; and fresh ones for what comes before. */
export async function openVisitors(browser: Browser, facts: BrowserFacts) {
  const member = await openVisitor(browser, facts);
  return {
    /** Every check on what is whole, in the drill's order. */
    async whole(): Promise<CheckResult[]> {
      const results = [];
      for (const check of browserChecks) results.push(await runCheck(check, member, signal));
      return results;
    },
    /** One check, broken just before it looks; the way in is looked at by a visitor who has seen nothing yet. */
    async look(id: string, begin: (context: BrowserContext) => Promise<BrowserContext>) {
      const check = byId(id);
      assert(check.given === SIGNED_IN || check.given === SIGNED_OUT);
      await using fresh = check.given === SIGNED_OUT ? await openVisitor(browser, facts) : undefined;
      return await runCheck(check, await begin(fresh ?? member), signal);
    },
    /** Who is signed in. */
    member: member as BrowserContext,
    [Symbol.asyncDispose]: () => member[Symbol.asyncDispose](),
  };
}

/** Each check answers on its own twin as it must, and says so. @returns the ids of those that did. */
export async function failOnTheirTwins(
  visitors: Visitors,
  provisioner: Session,
  documents: string,
): Promise<string[]> {
  const failed: string[] = [];
  for (const { id, twin } of browserChecks) {
    await using _rows = await savedRows(provisioner);
    await using _files = await savedFolder(documents);
    const result = await visitors.look(id, twin.apply);
    assert(hasSeenTwin(result, twin), `${id}: ${result.verdict} ${result.code} ${result.message}`);
    assertEquals([id, result.verdict], [id, LOOKS_FOR_MARK.includes(id) ? "not_run" : "fail"]);
    assertMatch(result.message ?? "", BROWSER_MESSAGES[id]!);
    failed.push(id);
  }
  return failed;
}

/** Each check fails on the stand-in's faults that it must see. `faults`: the file that the stand-in is told by. */
export async function failOnFaults(visitors: Visitors, faults: string): Promise<void> {
  for (const [id, twins] of Object.entries(STAND_IN_FAULTS)) {
    for (const { fault, message } of twins) {
      await using _mended = mended(faults);
      const result = await visitors.look(id, async (context) => {
        await Deno.writeTextFile(faults, JSON.stringify({ mode: fault }));
        return context;
      });
      const expected = LOOKS_FOR_MARK.includes(id) ? ["not_run", "MARK_NOT_SEEN"] : ["fail", "CHECK_FAILED"];
      assertEquals([id, fault, result.verdict, result.code], [id, fault, ...expected], result.message);
      assertMatch(result.message ?? "", message, `${id} on ${fault}`);
    }
  }
}

/**
 * A PDF that the backup does not have either is passed over, and said; where it is all of them nothing was compared. One that
 * the backup has is missed all the same.
 */
export async function passOverLostPdfs(visitors: Visitors, data: DataContext): Promise<void> {
  const { session, proof: { index }, samples, sandbox: { documents } } = data;
  const lookWithout = async (lost: readonly Invoice[], indexed: boolean) => {
    const paths = lost.map(({ mainDocument }) => mainDocument!);
    await using _files = await savedFolder(documents);
    for (const path of paths) await Deno.remove(join(documents, path));
    const files = index.files.filter(({ path }) => indexed || !paths.includes(path));
    const pages = await readPageFacts(session, documents, { ...index, files }, samples);
    const look = (id: string) => visitors.look(id, (context) => Promise.resolve({ ...context, pages }));
    return [await look("browser.pdfs"), await look("browser.tabs")];
  };
  const [first] = samples;
  const [pdfs, tabs] = await lookWithout([first!], false);
  assertEquals([pdfs!.verdict, tabs!.verdict], ["pass", "pass"], `${pdfs!.message}, ${tabs!.message}`);
  assertEquals(pdfs!.compared?.found, samples.length - 1);
  assertStringIncludes(pdfs!.details.join(), `not in the backup, so not served: the PDF of ${first!.ref}`);
  assertStringIncludes(tabs!.details.join(), `its PDF is not in the backup: ${first!.ref}`);

  for (const { id, verdict, code, required } of await lookWithout(samples, false)) {
    assertEquals([id, verdict, code, required], [id, "not_run", "NOTHING_TO_CHECK", false]);
  }
  for (const { id, verdict, message } of await lookWithout([first!], true)) {
    assertEquals([id, verdict], [id, "fail"], message);
  }
}

/** Of a check that fails there is a picture of the page, and a trace of a second run, in which no password is. */
export async function isLookedAtTwice({ member }: Visitors, faults: string): Promise<void> {
  await using _mended = mended(faults);
  await Deno.writeTextFile(faults, JSON.stringify({ mode: "wrong-total" }));
  const cards = byId("browser.invoices");
  const { verdict, details, trace, screenshots } = await traceFailure(cards, member, signal);
  assertEquals([verdict, screenshots.length > 0], ["fail", true]);
  assertMatch(
    details.at(-1)!,
    /^a second run failed in the same way; .* show-trace trace-browser\.invoices\.zip$/,
  );
  const files = readZip(trace!);
  assert(files.has("trace.trace") && files.has("trace.network"), [...files.keys()].join());
  const texts = [...files.values()].map((bytes) => new TextDecoder().decode(bytes));
  assert(texts.some((text) => text.includes("/compta/facture/card.php")), "the trace has the page");
  assertEquals(texts.filter((text) => text.includes(member.account.password)), []);

  let looks = 0;
  const fickle = { ...cards, run: () => Promise.resolve(outcome(looks++ > 0)) };
  const passing = await traceFailure(fickle, member, signal);
  assertEquals(passing.verdict, "fail", "a second run changes no verdict");
  assertStringIncludes(passing.details.at(-1)!, "a second run passed, so the failure is not permanent");

  const query = () => Promise.reject(new DrillError("DATABASE_UNREACHABLE", "Cannot reach it", "Start it"));
  const gone = await traceFailure(cards, { ...member, session: { ...member.session, query } }, signal);
  assertEquals([gone.verdict, gone.code], ["not_run", "DATABASE_UNREACHABLE"]);

  const signIn = { ...byId("browser.sign_in"), run: () => Promise.resolve(outcome(false)) };
  assertEquals(
    (await traceFailure(signIn, member, signal)).trace,
    undefined,
    "its trace would hold the password",
  );
}

const outcome = (equal: boolean) => ({ equal, compared: { expected: 1, found: Number(equal), with: "x" } });

const mended = (faults: string): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => Deno.remove(faults).catch(() => undefined), // it may not have come to it
});
