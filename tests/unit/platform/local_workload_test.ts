import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Reporter, silentReporter } from "../../../src/base/terminal/reporter.ts";
import { thisProcess } from "../../../src/base/process/holder.ts";
import { isOurs } from "../../../src/documents/tree/names.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { notePlace, notePlaces } from "../../../src/documents/swap/hidden_places.ts";
import { localWorkload } from "../../../src/platform/local/commands.ts";
import { readStopped, removeStopped, writeStopped } from "../../../src/platform/local/stopped_note.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { until } from "../../support/until.ts";

const signal = new AbortController().signal;

/** A web server that answers while `folder/up` is there, and is refused when it is not. */
async function startWeb(folder: string) {
  await Deno.writeTextFile(`${folder}/up`, "");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
    const up = await Deno.stat(`${folder}/up`).then(() => true, () => false);
    return new Response("", { status: up ? 200 : 503 });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** A documents folder, with what lies beside it. */
function documentsIn(folder: string): string {
  Deno.mkdirSync(`${folder}/documents`, { recursive: true });
  return `${folder}/documents`;
}

const hidden = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.startsWith("."));

describe("a workload of two commands", () => {
  const commands = (folder: string, stop: string) => ({
    stop: ["sh", "-c", stop.replaceAll("UP", `${folder}/up`)],
    start: ["sh", "-c", `echo started >> ${folder}/log; touch ${folder}/up`],
  });
  const workloadOf = (folder: string, stop: string, url: string, reporter: Reporter = silentReporter) =>
    localWorkload("sandbox", commands(folder, stop), { url }, reporter, documentsIn(folder));
  const log = (folder: string) => Deno.readTextFile(`${folder}/log`).catch(() => "");

  it("is down between its stop and its start, and is started again when it is let go", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const workload = workloadOf(folder.path, "rm UP", web.url);
    {
      await using _stopped = await workload.stop(signal);
      assertEquals(await workload.state(), "down");
      assertEquals((await workload.left())?.wasUp, true);
    }
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
    assertEquals([await workload.left(), hidden(folder.path)], [undefined, []]);
  });

  it("stays down when it was told to, and says why", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const warnings: string[] = [];
    const reporter = { ...silentReporter, warn: (line: string) => void warnings.push(line) };
    const workload = workloadOf(folder.path, "rm UP", web.url, reporter);
    {
      await using stopped = await workload.stop(signal);
      stopped.stayDown("nobody checked it");
    }
    assertEquals([await workload.state(), warnings], ["down", ["sandbox stays stopped: nobody checked it"]]);
    const note = await workload.left();
    assertEquals([note?.staysDown, note?.wasUp, note?.holder.pid], ["nobody checked it", true, Deno.pid]);
    await workload.start();
    assertEquals([await workload.state(), await workload.left()], ["up", undefined]);
  });

  it("is brought back when its stop command stops it and then fails", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const workload = workloadOf(folder.path, "rm UP; echo no good >&2; exit 3", web.url);
    const error = await assertRejects(() => workload.stop(signal), DrillError);
    assertEquals([error.code, error.details], ["WORKLOAD_FAILED", ["no good"]]);
    assertMatch(error.message, /ended with 3/);
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
  });

  it("is brought back when the run is interrupted while its stop command works", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const stop = new AbortController();
    const workload = workloadOf(folder.path, "rm UP; exec sleep 60", web.url);
    const stopping = assertRejects(() => workload.stop(stop.signal), DOMException);
    await until("the stop command works", async () => await workload.state() === "down");
    stop.abort();
    await stopping;
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
  });

  it("is left down where nobody listened before, unless it is needed", async () => {
    await using folder = await temporaryFolder();
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (line: string) => void notes.push(line) };
    const workload = workloadOf(folder.path, "true", "http://127.0.0.1:1", reporter);
    {
      await using _stopped = await workload.stop(signal);
      assertEquals((await workload.left())?.wasUp, false);
    }
    assertEquals([await log(folder.path), notes], ["", ["sandbox was down before and stays down"]]);
    assertEquals(hidden(folder.path), []);
  });

  it("is started again where it answered with an error before: that may be why it is restored", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const workload = workloadOf(folder.path, "rm UP", web.url);
    await Deno.remove(`${folder.path}/up`);
    await Deno.writeTextFile(`${folder.path}/log`, "");
    {
      await using _stopped = await workloadOf(folder.path, "true", web.url).stop(signal);
    }
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
  });

  it("is known to have run before a run that was killed after it stopped it", async () => {
    await using folder = await temporaryFolder();
    const workload = workloadOf(folder.path, "true", "http://127.0.0.1:1");
    const killed = { ...thisProcess(), pid: 1, start: "none" };
    const earlier = {
      environment: "sandbox",
      since: "2026-11-20T03:00:00.000Z",
      holder: killed,
    } as const;
    await writeStopped(documentsIn(folder.path), { ...earlier, wasUp: true });
    const stopped = await workload.stop(signal);
    const note = await workload.left();
    assertEquals([note?.wasUp, note?.since, note?.holder.pid], [true, earlier.since, Deno.pid]);
    stopped.stayDown("the test ends");
  });

  it("is not stopped where that cannot be noted", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const workload = localWorkload(
      "sandbox",
      commands(folder.path, "rm UP"),
      { url: web.url },
      silentReporter,
      `${folder.path}/not/there`,
    );
    const error = await assertRejects(() => workload.stop(signal), DrillError);
    assertEquals([error.code, await workload.state()], ["DOCUMENTS_NOT_WRITABLE", "up"]);
    assertMatch(error.hint, /^Nothing was stopped/);
  });
});

describe("the note of a stopped workload", () => {
  const record = {
    environment: "sandbox",
    since: "2026-11-20T03:00:00.000Z",
    holder: thisProcess(),
    wasUp: true,
  } as const;

  it("lies beside the documents, behind a link too, and is found while a swap has them aside", async () => {
    await using folder = await temporaryFolder();
    const documents = documentsIn(folder.path);
    await Deno.symlink(documents, `${folder.path}/link`);
    await writeStopped(`${folder.path}/link`, record);
    assertEquals(hidden(folder.path), [".documents.drill-stopped.json"]);
    await Deno.rename(documents, `${folder.path}/aside`);
    assertEquals([readStopped(documents), readStopped(`${folder.path}/link`)], [record, record]);
    removeStopped(`${folder.path}/link`);
    assertEquals([readStopped(documents), hidden(folder.path)], [undefined, []]);
  });

  it("lies inside where the documents are a mount point, and no backup sees it there", async () => {
    // a mount point that every Linux has: nothing is written there
    assertEquals(await notePlace("/proc"), "/proc/.drill-stopped.json");
    assertEquals(isOurs(".drill-stopped.json"), true);
    await using folder = await temporaryFolder();
    const documents = documentsIn(folder.path);
    await Deno.writeTextFile(notePlaces(documents).inside, JSON.stringify({ format: 1, ...record }));
    assertEquals(readStopped(documents), record);
    assertEquals(walkTree(documents, []), []);
    removeStopped(documents);
    assertEquals(readStopped(documents), undefined);
  });

  it("takes what a killed writer left with it, of an earlier version too, which is no document either", async () => {
    await using folder = await temporaryFolder();
    const documents = documentsIn(folder.path);
    const leave = () => {
      for (const place of Object.values(notePlaces(documents))) {
        for (const left of [`${place}~`, `${place}.half`]) Deno.writeTextFileSync(left, "{");
      }
    };
    leave();
    assertEquals([readStopped(documents), walkTree(documents, [])], [undefined, []]);
    await writeStopped(documents, record);
    assertEquals([hidden(folder.path), hidden(documents)], [[".documents.drill-stopped.json"], []]);
    leave();
    removeStopped(documents);
    assertEquals([hidden(folder.path), hidden(documents)], [[], []]);
  });

  it("is an error where it cannot be read, and never taken for none", async () => {
    await using folder = await temporaryFolder();
    const documents = documentsIn(folder.path);
    const { beside } = notePlaces(documents);
    const texts: [text: string, code: string][] = [
      ['{"format":2}', "STORE_NEWER"],
      ['{"format":2,"minReader":2}', "STORE_NEWER"],
      ["{", "DOCUMENTS_NOT_WRITABLE"],
      ['{"format":1}', "DOCUMENTS_NOT_WRITABLE"],
    ];
    for (const [text, code] of texts) {
      await Deno.writeTextFile(beside, text);
      const error = assertThrows(() => readStopped(documents), DrillError, `Cannot read ${beside}: `);
      assertEquals(error.code, code);
    }
  });
});
