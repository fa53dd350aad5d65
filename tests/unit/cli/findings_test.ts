/** `findings` as a person types it, on a store of 30 nights; the drills of the last 23 found a lost PDF. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { bytesOf } from "../../../src/base/streams.ts";
import { makeColours } from "../../../src/base/terminal/colours.ts";
import { agesOf } from "../../../src/checks/findings/age.ts";
import { findingsLines } from "../../../src/cli/findings/lines.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { putAcceptance } from "../../../src/store/records/acceptances.ts";
import type { Store } from "../../../src/store/store.ts";
import { type CliEnd, resultOf, runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { configOfStore, fillNights, lostPdf } from "../../support/store/nights.ts";
import { DAY_MS, keysOf, putSet } from "../../support/store/sets.ts";

const LOST = "documents.invoices/FA2610-0004/missing";
/** With blanks and a slash in its name, as Dolibarr lets a reference be. */
const ODD = "documents.invoices/FA 26/'9/missing";

const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
const eventsOf = ({ stdout }: CliEnd) => stdout.trim().split("\n").map((line) => JSON.parse(line));

describe("findings on the command line", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let names: string[];
  let made = 0;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/model`);
    names = await fillNights(store, {
      now: new Date(),
      count: 30,
      findings: (before) => [
        ...(before < 23 ? [lostPdf("FA2610-0004")] : []),
        ...(before < 2 ? [lostPdf("FA 26/'9")] : []),
      ],
    });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  /** A copy of that store, and the command line on it. */
  async function freshStore() {
    const path = `${folder.path}/${made++}`;
    const copied = await new Deno.Command("cp", { args: ["-r", `${folder.path}/model`, path] }).output();
    assert(copied.success);
    await Deno.writeTextFile(`${path}.yaml`, configOfStore(path));
    const env = { USER: "anne", XDG_CACHE_HOME: "", HOME: "" };
    const run = (...args: string[]) => runCli([...args, "--config", `${path}.yaml`], { env });
    return { store: await openFileStore(`file://${path}`), path, run };
  }
  const decisions = (store: Store) => keysOf(store, "prod/findings/");

  it("shows since when each is open, where it is still right, and the commands, and ends with 1", async () => {
    const { run } = await freshStore();
    const { code, stdout } = await run("findings");
    assertEquals(code, 1);
    const lines = stdout.split("\n");
    assertEquals(lines[0], "prod: 2 open findings");
    const at = lines.findIndex((line) => line.startsWith("open  FA2610-0004: "));
    assertMatch(
      lines[at + 1]!,
      new RegExp(`^  since \\d+ \\w+.*, 23 nights; still right in prod/${names[23]}$`),
    );
    assertEquals(
      lines[at + 2],
      `  dolibarr-drill extract prod/${
        names[23]
      } --document facture/FA2610-0004/FA2610-0004.pdf --to FA2610-0004.pdf`,
    );
    assertEquals(lines[at + 3], `  dolibarr-drill findings accept ${LOST} --until DATE --reason TEXT`);
    assertStringIncludes(stdout, "findings accept 'documents.invoices/FA 26/'\\''9/missing' --until");

    const json = await run("findings", "--json");
    const [first] = eventsOf(json);
    assertEquals([first.event, first.id, first.state, first.nights, first.stillRightIn], [
      "finding",
      LOST,
      "open",
      23,
      names[23],
    ]);
    const { exit, verdict, code: why, open, accepted } = resultOf(json.stdout);
    assertEquals([exit, verdict, why, open, accepted], [1, "fail", "CHECK_FAILED", 2, 0]);
  });

  it("accepts by the id, says what is no longer kept, and is 0 when none is open", async () => {
    const { run, store } = await freshStore();
    const until = day(60);
    const one = await run("findings", "accept", LOST, "--until", until, "--reason", "the paper is there");
    assertEquals(one.code, 0, one.stderr);
    assertEquals(one.stdout.split("\n").slice(0, 2), [
      `${LOST} is accepted until ${until}: the paper is there`,
      `  prod/${names[23]}, in which it is still right, is no longer kept for it`,
    ]);
    assertEquals((await run("findings")).code, 1);
    const other = await run("findings", "accept", ODD, "--until", day(0), "--reason", "x", "--json");
    assertEquals(eventsOf(other).map(({ event, state }) => [event, state]), [["finding", "accepted"], [
      "result",
      undefined,
    ]]);
    const { code, stdout } = await run("findings");
    assertEquals(code, 0, stdout);
    assertMatch(stdout, /^prod: 2 accepted\n/);
    assertMatch(stdout, new RegExp(`accepted until ${day(0)}, in 1 day  FA 26/'9: `));
    assertMatch(stdout, /by anne@\S+: the paper is there\n {2}dolibarr-drill findings withdraw /);
    assertEquals((await decisions(store)).length, 2);
  });

  it("writes nothing where it is accepted already, and a new decision where it is another", async () => {
    const { run, store } = await freshStore();
    const accept = (until: string, reason: string) =>
      run("findings", "accept", LOST, "--until", until, "--reason", reason);
    await accept(day(60), "one");
    const again = await accept(day(60), "one");
    assertEquals([again.code, (await decisions(store)).length], [0, 1]);
    assertMatch(again.stdout, new RegExp(`is accepted until ${day(60)} already, by anne@\\S+ on .*: one`));
    const other = await accept(day(90), "two");
    assertEquals([other.code, (await decisions(store)).length], [0, 2]);
    assertMatch(
      other.stdout,
      new RegExp(`is accepted until ${day(90)}: two \\(before: until ${day(60)}, by anne@\\S+: one\\)`),
    );
    assertStringIncludes((await run("findings")).stdout, `accepted until ${day(90)}`);
  });

  it("takes an acceptance back at once, and refuses what is not accepted", async () => {
    const { run, store } = await freshStore();
    await run("findings", "accept", LOST, "--until", day(60), "--reason", "one");
    const back = await run("findings", "withdraw", LOST, "--reason", "it was found");
    assertEquals([back.code, (await decisions(store)).length], [0, 2], back.stderr);
    assertMatch(back.stdout, /is no longer accepted until .*: it is open, and the next drill fails over it/);
    assertEquals((await run("findings")).code, 1);
    const twice = await run("findings", "withdraw", LOST);
    assertEquals([twice.code, (await decisions(store)).length], [2, 2]);
    assertMatch(twice.stderr, /Cannot withdraw the acceptance of .*: that was taken back at .* by anne@/);
    assertMatch((await run("findings", "withdraw", ODD)).stderr, /nobody accepted it/);
  });

  it("counts the later decision though its clock is behind that of the earlier one", async () => {
    const { run, store } = await freshStore();
    const { history: _, ...finding } = lostPdf("FA2610-0004");
    const at = new Date(Date.now() + 300_000).toISOString();
    const ahead = { environment: "prod", finding, until: day(60), reason: "x", by: "ben@other", at };
    await putAcceptance(store, ahead, crypto.randomUUID());
    assertStringIncludes((await run("findings")).stdout, "1 accepted");
    assertEquals((await run("findings", "withdraw", LOST)).code, 0);
    assertEquals((await run("findings")).stdout.split("\n")[0], "prod: 2 open findings");
  });

  it("of people at once keeps every decision, and tells whoever decides after them", async () => {
    const { run, store } = await freshStore();
    const ends = await Promise.all(
      ["one", "two", "three"].map((reason) =>
        run("findings", "accept", LOST, "--until", day(60), "--reason", reason)
      ),
    );
    assertEquals(ends.map(({ code }) => code), [0, 0, 0]);
    const kept = await decisions(store);
    assertEquals(kept.length, 3);
    // which of the three sees another depends on their turns; whoever comes after them is told for sure
    const later = await run("findings", "accept", LOST, "--until", day(60), "--reason", "four");
    assertEquals([later.code, (await decisions(store)).length], [0, 4]);
    assertMatch(later.stdout, /\(before: until/);
    assertStringIncludes((await run("findings")).stdout, "1 open finding, 1 accepted");
  });

  it("accepts all of one check after listing them, and only those that are open", async () => {
    const { run, store } = await freshStore();
    const accept = (...more: string[]) =>
      run(
        "findings",
        "accept",
        "--all-of",
        "documents.invoices",
        "--until",
        day(9),
        "--reason",
        "x",
        ...more,
      );
    const unasked = await accept();
    assertEquals([unasked.code, (await decisions(store)).length], [2, 0]);
    assertMatch(unasked.stdout, /^ {2}FA2610-0004: .* is missing \(since .*, 23 nights\)\n {2}FA 26\/'9: /);
    assertMatch(unasked.stderr, /would accept 2 findings, and nobody can be asked[\s\S]*--yes/);
    await run("findings", "accept", LOST, "--until", day(60), "--reason", "longer");
    await run("findings", "withdraw", LOST);
    const both = await accept("--yes", "--json");
    assertEquals([both.code, eventsOf(both).length], [0, 3]);
    for (const id of [LOST, ODD]) await run("findings", "withdraw", id);
    const told = await accept("--yes");
    assertEquals(told.stdout.split("\n").filter((line) => line.includes("no longer kept")), [
      `  prod/${names[23]}, in which one of them is still right, is no longer kept for it`,
      `  prod/${names[2]}, in which one of them is still right, is no longer kept for it`,
    ]);
    await run("findings", "withdraw", ODD);
    await run("findings", "accept", LOST, "--until", day(60), "--reason", "longer");
    const count = (await decisions(store)).length;
    const rest = await accept("--yes");
    assertEquals([rest.code, (await decisions(store)).length], [0, count + 1], rest.stderr);
    assertStringIncludes((await run("findings")).stdout, `accepted until ${day(60)}`); // it stays
    const none = await accept("--yes");
    assertEquals([none.code, none.stdout], [0, "prod: no finding of documents.invoices is open\n"]);
  });

  it("accepts for good only what no set has right any more", async () => {
    const { run, store, path } = await freshStore();
    const refused = await run("findings", "accept", LOST, "--until", "never", "--reason", "x");
    assertEquals([refused.code, (await decisions(store)).length], [2, 0]);
    assertMatch(refused.stderr, new RegExp(`for good: prod/${names[23]} still has it right`));
    for (const name of names.slice(23)) {
      for (const key of [`manifests/${name}.json`, `docs/${name}.index.json.gz`, `db/${name}.dump`]) {
        await Deno.remove(`${path}/prod/${key}`);
      }
      await Deno.remove(`${path}/prod/docs/${name}.tar.gz`);
    }
    const taken = await run("findings", "accept", LOST, "--until", "never", "--reason", "x");
    assertEquals(taken.code, 0, taken.stderr);
    assertEquals(taken.stdout, `${LOST} is accepted for good: x\n`);
  });

  const refusals: [what: string, args: string[], says: RegExp][] = [
    ["a day that has passed", ["accept", LOST, "--until", day(-1), "--reason", "x"], /has passed/],
    [
      "a day more than a year ahead",
      ["accept", LOST, "--until", "2099-01-01", "--reason", "x"],
      /--until 2099-01-01 is more than a year ahead: the last day that can be given now is \d{4}-\d\d-\d\d/,
    ],
    ["a day that is none", ["accept", LOST, "--until", "2027-02-30", "--reason", "x"], /is not a date/],
    ["no reason", ["accept", LOST, "--until", day(1)], /needs --reason/],
    ["an empty reason", ["accept", LOST, "--until", day(1), "--reason", " "], /--reason is empty/],
    ["no end", ["accept", LOST, "--reason", "x"], /needs --until/],
    ["nothing to accept", ["accept", "--until", day(1), "--reason", "x"], /needs an ID, or --all-of CHECK/],
    [
      "an id and all of a check",
      ["accept", LOST, "--all-of", "documents.invoices", "--until", day(1), "--reason", "x"],
      /both given/,
    ],
    [
      "an id that is not there",
      ["accept", "documents.invoices/FA2610-0005/missing", "--until", day(1), "--reason", "x"],
      new RegExp(`Cannot find .*FA2610-0005.* in prod: .*\nDid you mean ${LOST}\\?`),
    ],
    [
      "a reference instead of an id",
      ["accept", "FA2610-0004", "--until", day(1), "--reason", "x"],
      new RegExp(`Did you mean ${LOST}\\?`),
    ],
    [
      "one id that is there and one that is not",
      ["accept", LOST, "data.rows/llx/x", "--until", day(1), "--reason", "x"],
      /Cannot find data\.rows\/llx\/x/,
    ],
    [
      "a check that found nothing",
      ["accept", "--all-of", "documents.invoice", "--until", day(1), "--reason", "x"],
      /prod has none of that check\nDid you mean documents\.invoices\?/,
    ],
    ["nothing to withdraw", ["withdraw"], /needs an ID/],
    ["an end for a withdrawal", ["withdraw", LOST, "--until", day(1)], /--until is for findings accept/],
    ["a reason for the list", ["--reason", "x"], /--reason is for findings accept/],
    ["another action", ["acept", LOST], /unknown action 'acept'; use accept or withdraw/],
  ];
  let untouched: Awaited<ReturnType<typeof freshStore>> | undefined;
  for (const [what, args, says] of refusals) {
    it(`refuses ${what}, and writes nothing`, async () => {
      untouched ??= await freshStore();
      const end = await untouched.run("findings", ...args);
      assertEquals([end.code, await decisions(untouched.store)], [2, []], end.stdout);
      assertMatch(end.stderr, says);
    });
  }

  it("prints no control character of what lies in the ERP", () => {
    const odd = lostPdf("FA\u001b[31m1\n2");
    const of = { environment: "prod", isDefault: true, now: new Date(), colours: makeColours(false) };
    for (
      const accepted of [undefined, {
        until: "never",
        reason: "a\u0007",
        by: "b\u0007",
        at: "2026-11-30T00:00:00Z",
      }]
    ) {
      const findings = agesOf([{ ...odd, ...(accepted ? { accepted } : {}) }], of.now);
      // deno-lint-ignore no-control-regex -- it asserts that no control character is printed
      for (const line of findingsLines(findings, of)) assert(!/[\x00-\x1f]/.test(line), line);
    }
  });

  it("is 2 where nothing has looked yet, or the newest drill cannot be read", async () => {
    const path = `${folder.path}/none`;
    const none = await openFileStore(`file://${path}`);
    await putSet(none, names[0]!);
    await Deno.writeTextFile(`${path}.yaml`, configOfStore(path));
    const end = await runCli(["findings", "--config", `${path}.yaml`]);
    assertEquals([end.code, end.stdout], [2, ""]);
    assertMatch(end.stderr, /nothing has looked for findings in prod yet\nRun a drill/);

    const { store, run } = await freshStore();
    for (const id of [LOST, ODD]) await run("findings", "accept", id, "--until", day(9), "--reason", "x");
    assertEquals((await run("findings")).code, 0);
    const tomorrow = `${day(1).replaceAll("-", "")}T030000Z`;
    await store.put(`prod/drills/${tomorrow}.json`, bytesOf("{"));
    const unread = await run("findings");
    assertEquals(unread.code, 2, unread.stdout);
    assertMatch(unread.stderr, /what the newest drill of prod found is not known/);
  });

  it("counts a decision that cannot be read as none, and says so", async () => {
    const { store, run } = await freshStore();
    await run("findings", "accept", LOST, "--until", day(9), "--reason", "x");
    const [key = ""] = await decisions(store);
    await store.put(key, bytesOf("{"));
    const end = await run("findings");
    assertEquals([end.code, end.stdout.split("\n")[0]], [1, "prod: 2 open findings"]);
    assertStringIncludes(end.stderr, `Cannot read ${key}`);
    const list = await run("list");
    assertEquals(list.code, 1);
    assertMatch(list.stderr, /The finding counts as not accepted\. Accept it anew/);
  });
});
