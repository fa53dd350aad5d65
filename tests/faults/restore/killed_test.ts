/**
 * A restore that is cut off at any point: our process killed, the server killed. Afterwards the sandbox is the old or the
 * new one, both halves of the same, and `rearm` leaves it running with nobody of ours in it.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { sha256Of } from "../../../src/base/streams.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

/** What is seen from outside at a point: the lines that the process has printed, and what lies beside the documents or is kept. */
interface Seen {
  output: string;
  lies(path: string): boolean;
  isKept(name: RegExp): boolean;
}

const progress = (step: string) => new RegExp(`"event":"progress","step":"${step}`);

/** In the order in which a restore comes by. */
const POINTS: [point: string, (seen: Seen) => boolean][] = [
  ["the table of contents is read", ({ output }) => output.includes('"event"')],
  ["the documents' journal is there", ({ isKept }) => isKept(/^swap-/)],
  ["a document is unpacked", ({ lies }) => lies(".sandbox.drill-new/facture/FA3.pdf")],
  ["the ERP is about to be stopped", ({ isKept }) => isKept(/^stopped\.json$/)],
  ["the ERP is stopped", ({ lies }) => !lies("sandbox-up")],
  ["the database is being loaded", ({ output }) => progress("Loading").test(output)],
  ["the tables are being compared", ({ output }) => progress("Comparing").test(output)],
  ["the new documents are in their place", ({ lies }) => lies(".sandbox.drill-old")],
  [
    "the old documents are being removed",
    ({ lies, output }) =>
      progress("Comparing").test(output) && lies("sandbox") && !lies(".sandbox.drill-new") &&
      !lies(".sandbox.drill-old"),
  ],
  [
    "the ERP is started again",
    ({ lies, output }) => progress("Comparing").test(output) && lies("sandbox-up"),
  ],
];

describe("a restore that is cut off", () => {
  let pair: SmallPair;
  let states: { old: string; new: string };

  beforeAll(async () => {
    pair = await startSmallPair();
    await pair.sql(
      "prod",
      "INSERT INTO llx_facture SELECT n, md5(n::text) FROM generate_series(1000, 60000) AS n",
    );
    assertEquals((await pair.cli("backup")).code, 0);
    const old = await state();
    const end = await pair.cli("restore");
    assertEquals(end.code, 0, end.stderr);
    states = { old, new: await state() };
    await pair.cli("checkpoint");
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  /** Both halves, without what a restore itself writes: its id and the banner. */
  async function state(): Promise<string> {
    await using session = await connect(pair.sandbox.database);
    const tables = (await contentOf(session)).filter(({ table }) => table !== "public.llx_const");
    const files = walkTree(`${pair.folder}/sandbox`, []).filter(({ type }) => type === "file")
      .map(({ path }) => [path, Deno.readTextFileSync(`${pair.folder}/sandbox/${path}`)]);
    return sha256Of(JSON.stringify([tables, files]));
  }

  /** The sandbox as it was before its first restore. */
  async function makeOld(): Promise<void> {
    await pair.sql(
      "sandbox",
      "TRUNCATE llx_facture",
      "INSERT INTO llx_facture SELECT n, 'FA' || n FROM generate_series(1, 500) AS n",
      "UPDATE llx_user SET login = 'admin of sandbox'",
    );
    for (const { path, type } of walkTree(`${pair.folder}/sandbox`, [])) {
      if (type === "file") await Deno.writeTextFile(`${pair.folder}/sandbox/${path}`, `${path} of sandbox`);
    }
    assertEquals(await state(), states.old);
  }

  /** Starts a restore and does `cut` when it comes to the point. @returns false when it had ended before. */
  async function cutAt(reached: (seen: Seen) => boolean, cut: (child: Deno.ChildProcess) => Promise<void>) {
    const child = pair.spawn("restore", "--json", "--replace-foreign", ...OPTIONS); // makeOld wrote what lies there
    const seen = {
      output: "",
      lies: (path: string) => exists(`${pair.folder}/${path}`),
      isKept: (name: RegExp) => kept().some((one) => name.test(one)),
    };
    const reading = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) seen.output += text;
    })();
    const stderr = new Response(child.stderr).text();
    let ended = false;
    const end = child.status.then(() => ended = true);
    while (!ended && !reached(seen)) await new Promise((resolve) => setTimeout(resolve, 1));
    const cutOff = !ended;
    await cut(child);
    await Promise.all([reading, end]);
    return { cutOff, stderr: await stderr };
  }

  const OPTIONS: string[] = [];

  async function isWholeAfterRearm(what: string): Promise<"old" | "new"> {
    const rearm = await pair.cli("rearm");
    assertEquals(rearm.code, 0, `${what}: ${rearm.stdout}${rearm.stderr}`);
    const found = await state();
    assert(found === states.old || found === states.new, `${what}: neither the old nor the new sandbox`);
    assertEquals(pair.isUp("sandbox"), true, what);
    assertEquals(leftovers(), [], what);
    const again = await pair.cli("rearm");
    assertEquals(again.code, 0, `${what}, a second rearm: ${again.stdout}${again.stderr}`);
    assertMatch(again.stdout, /nothing to do/i);
    assertEquals(await state(), found, `${what}: a second rearm changed the sandbox`);
    assertEquals(await ourSessions(), 0, what);
    return found === states.old ? "old" : "new";
  }

  const kept = () => namesIn(pair.sandbox.state.path!);
  const leftovers = () => [
    ...namesIn(pair.folder).filter((name) => name.startsWith(".sandbox")),
    ...kept().filter((name) => name !== "checkpoint"),
  ];

  async function ourSessions(): Promise<number> {
    await using session = await connect(pair.sandbox.database);
    const [row] = await session.query<{ n: number }>(
      "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    return row!.n;
  }

  for (const [point, reached] of POINTS) {
    it(`is whole again after kill -9 when ${point}`, async () => {
      await makeOld();
      const { cutOff, stderr } = await cutAt(reached, (child) => {
        child.kill("SIGKILL");
        return Promise.resolve();
      });
      assert(cutOff, stderr);
      await isWholeAfterRearm(point);
    });
  }

  for (const [point, reached] of POINTS) {
    it(`is whole again after the server was killed when ${point}`, async () => {
      await makeOld();
      const { cutOff, stderr } = await cutAt(reached, async () => {
        await pair.server.kill();
        await pair.server.start();
      });
      assert(cutOff, stderr);
      await isWholeAfterRearm(point);
    });
  }

  for (const point of [5, 6, 7]) {
    const [what, reached] = POINTS[point]!;
    it(`is whole again after kill -9 in stages when ${what}`, async () => {
      await makeOld();
      OPTIONS.push("--staged");
      const { cutOff, stderr } = await cutAt(reached, (child) => {
        child.kill("SIGKILL");
        return Promise.resolve();
      }).finally(() => OPTIONS.pop());
      assert(cutOff, stderr);
      await isWholeAfterRearm(what);
    });
  }
});

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return []; // not there yet
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false; // not there yet
  }
}
