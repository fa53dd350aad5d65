import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { type Reporter, silentReporter } from "../../../src/base/terminal/reporter.ts";
import { OwnFolder } from "../../../src/base/own_folder.ts";
import { thisProcess } from "../../../src/base/process/holder.ts";
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

const stateIn = (folder: string) => new OwnFolder(`${folder}/states/sandbox`);

const kept = (folder: string): string[] =>
  [...Deno.readDirSync(stateIn(folder).path!)].map(({ name }) => name).sort();

describe("a workload of two commands", () => {
  const commands = (folder: string, stop: string) => ({
    stop: ["sh", "-c", stop.replaceAll("UP", `${folder}/up`)],
    start: ["sh", "-c", `echo started >> ${folder}/log; touch ${folder}/up`],
  });
  const workloadOf = (folder: string, stop: string, url: string, reporter: Reporter = silentReporter) =>
    localWorkload("sandbox", commands(folder, stop), { url }, reporter, stateIn(folder));
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
    assertEquals([await workload.left(), kept(folder.path)], [undefined, []]);
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
    assertEquals(kept(folder.path), []);
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
    writeStopped(stateIn(folder.path), { ...earlier, wasUp: true });
    const stopped = await workload.stop(signal);
    const note = await workload.left();
    assertEquals([note?.wasUp, note?.since, note?.holder.pid], [true, earlier.since, Deno.pid]);
    stopped.stayDown("the test ends");
  });

  it("is not stopped where that cannot be noted", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    await Deno.writeTextFile(`${folder.path}/file`, "");
    const workload = localWorkload(
      "sandbox",
      commands(folder.path, "rm UP"),
      { url: web.url },
      silentReporter,
      new OwnFolder(`${folder.path}/file/sandbox`),
    );
    const error = await assertRejects(() => workload.stop(signal), DrillError);
    assertEquals([error.code, await workload.state()], ["STATE_REFUSED", "up"]);
    assertMatch(
      error.message,
      /^Cannot use .*\/file for what a run after a crash needs: it is no folder/,
    );
  });
});

describe("the note of a stopped workload", () => {
  const record = {
    environment: "sandbox",
    since: "2026-11-20T03:00:00.000Z",
    holder: thisProcess(),
    wasUp: true,
  } as const;

  it("lies among what is kept of the environment, in a folder of this user's alone", async () => {
    await using folder = await temporaryFolder();
    const state = stateIn(folder.path);
    assertEquals(readStopped(state), undefined);
    writeStopped(state, record);
    assertEquals([readStopped(state), kept(folder.path)], [record, ["stopped.json"]]);
    assertEquals((await Deno.stat(state.path!)).mode! & 0o777, 0o700);
    removeStopped(state);
    assertEquals([readStopped(state), kept(folder.path)], [undefined, []]);
  });

  it("takes what a killed writer left with it", async () => {
    await using folder = await temporaryFolder();
    const state = stateIn(folder.path);
    const leave = () => Deno.writeTextFileSync(`${state.make()}/stopped.json~`, "{");
    leave();
    assertEquals(readStopped(state), undefined);
    writeStopped(state, record);
    assertEquals(kept(folder.path), ["stopped.json"]);
    leave();
    removeStopped(state);
    assertEquals(kept(folder.path), []);
  });

  it("is an error where it cannot be read or believed, and never taken for none", async () => {
    await using folder = await temporaryFolder();
    const state = stateIn(folder.path);
    const file = `${state.make()}/stopped.json`;
    const texts: [text: string, code: string][] = [
      ['{"format":2}', "STORE_NEWER"],
      ['{"format":2,"minReader":2}', "STORE_NEWER"],
      ["{", "STATE_REFUSED"],
      ['{"format":1}', "STATE_REFUSED"],
    ];
    for (const [text, code] of texts) {
      await Deno.writeTextFile(file, text);
      const error = assertThrows(() => readStopped(state), DrillError, `Cannot read ${file}: `);
      assertEquals(error.code, code);
    }
    writeStopped(state, record);
    await Deno.chmod(state.path!, 0o770);
    assertThrows(() => readStopped(state), DrillError, "other users may write into it");
  });
});
