import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../src/base/errors.ts";
import { silentReporter } from "../../src/base/reporter.ts";
import { localWorkload } from "../../src/platform/local.ts";
import { temporaryFolder } from "../support/folder.ts";

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

describe("a workload of two commands", () => {
  const commands = (folder: string, stop: string) => ({
    stop: ["sh", "-c", stop.replaceAll("UP", `${folder}/up`)],
    start: ["sh", "-c", `echo started >> ${folder}/log; touch ${folder}/up`],
  });
  const log = (folder: string) => Deno.readTextFile(`${folder}/log`).catch(() => "");

  it("is down between its stop and its start, and is started again when it is let go", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const workload = localWorkload("sandbox", commands(folder.path, "rm UP"), web.url, silentReporter);
    {
      await using _stopped = await workload.stop(signal);
      assertEquals(await workload.state(), "down");
    }
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
  });

  it("stays down when it was told to, and says why", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const warnings: string[] = [];
    const reporter = { ...silentReporter, warn: (line: string) => void warnings.push(line) };
    const workload = localWorkload("sandbox", commands(folder.path, "rm UP"), web.url, reporter);
    {
      await using stopped = await workload.stop(signal);
      stopped.stayDown("nobody checked it");
    }
    assertEquals([await workload.state(), warnings], ["down", ["sandbox stays stopped: nobody checked it"]]);
  });

  it("is brought back when its stop command stops it and then fails", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const workload = localWorkload(
      "sandbox",
      commands(folder.path, "rm UP; echo no good >&2; exit 3"),
      web.url,
      silentReporter,
    );
    const error = await assertRejects(() => workload.stop(signal), DrillError);
    assertEquals([error.code, error.details], ["WORKLOAD_FAILED", ["no good"]]);
    assertMatch(error.message, /ended with 3/);
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
  });

  it("is brought back when the run is interrupted while its stop command works", async () => {
    await using folder = await temporaryFolder();
    await using web = await startWeb(folder.path);
    const stop = new AbortController();
    const workload = localWorkload(
      "sandbox",
      commands(folder.path, "rm UP; exec sleep 60"),
      web.url,
      silentReporter,
    );
    setTimeout(() => stop.abort(), 200);
    await assertRejects(() => workload.stop(stop.signal), DOMException);
    assertEquals([await workload.state(), await log(folder.path)], ["up", "started\n"]);
  });
});
