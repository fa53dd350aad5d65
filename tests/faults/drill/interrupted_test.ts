/** A drill that is killed or interrupted: the next one works, and nothing is left over. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { objectsOfSet } from "../../../src/store/sets/sets.ts";
import { type CliEnd, runCli, spawnCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { listSets } from "../../support/store/sets.ts";

describe("a drill that does not come to its end", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let lab: string;
  let scratch: string;
  let env: Record<string, string>;
  const args = () => ["drill", "--lab", lab, "--report", `${folder.path}/report`];

  beforeAll(async () => {
    folder = await temporaryFolder();
    await Deno.chmod(folder.path, 0o755); // the lab's PostgreSQL runs as another user, who must get in
    lab = `${folder.path}/lab`;
    scratch = await Deno.makeTempDir({ prefix: "t" });
    // no cache and no DOLIBARR_HOME: the stand-in, which is built in seconds
    env = {
      XDG_CACHE_HOME: `${folder.path}/cache`,
      DOLIBARR_HOME: "",
      DENO_DIR: await denoDir(),
      https_proxy: "http://127.0.0.1:1",
      TMPDIR: scratch,
    };
    const first = await runCli(args(), { env });
    assertEquals(first.code, 0, first.stdout + first.stderr);
    assertMatch(
      first.stdout.split("\n")[0]!,
      /^stand-in, not Dolibarr: 22\.0\.4 could not be had \(.+\); set DOLIBARR_HOME$/,
    );
  });
  afterAll(async () => {
    await runCli(["lab", "down", "--lab", lab], { env });
    assertEquals(processesOf(lab), []);
    await Deno.remove(scratch, { recursive: true });
    await folder[Symbol.asyncDispose]();
  });

  for (
    const [when, line] of [["in the backup", "Counting and hashing every table"], [
      "in the restore",
      "Loading the database",
    ], ["in the browser", "A user can sign in"]] as const
  ) {
    it(`leaves nothing over when it is killed ${when}, once the next one ran`, async () => {
      const killed = await stopAt(line, "SIGKILL");
      assert(killed.code !== 0);
      assert(
        processesOf(lab).length > 0,
        "a killed run leaves its servers: there is something to clean up",
      );
      const next = await runCli(args(), { env });
      assertEquals(next.code, 0, next.stdout + next.stderr);
      await assertNothingLeft();
    });
  }

  it("cleans up and ends with 130 on Ctrl-C, with the sandbox as it was", async () => {
    const interrupted = await stopAt("Loading the database", "SIGINT");
    assertEquals(interrupted.code, 130, interrupted.stdout + interrupted.stderr);
    assertMatch(interrupted.stderr, /Interrupted/);
    await assertNothingLeft();
  });

  it("ends at once on a second Ctrl-C", async () => {
    const interrupted = await stopAt("Loading the database", "SIGINT", "SIGINT");
    assertEquals(interrupted.code, 130);
    assertEquals((await runCli(args(), { env })).code, 0);
    await assertNothingLeft();
  });

  /** Runs a drill until it says `line`, and sends it the signals. */
  async function stopAt(line: string, ...signals: Deno.Signal[]): Promise<CliEnd> {
    const child = spawnCli(args(), { env });
    const reached = Promise.withResolvers<void>();
    const reading = (stream: ReadableStream<Uint8Array>) => readUntil(stream, line, reached.resolve);
    const texts = Promise.all([reading(child.stdout), reading(child.stderr)]);
    await Promise.race([reached.promise, child.status]);
    for (const signal of signals) {
      sendSignal(child, signal);
      await new Promise((resolve) => setTimeout(resolve, 350)); // sooner it would be taken for the same key press
    }
    const [[stdout, stderr], { code }] = [await texts, await child.status];
    assert(stdout.includes(line) || stderr.includes(line), `it never came to "${line}":\n${stdout}${stderr}`);
    return { code, stdout, stderr };
  }

  async function assertNothingLeft(): Promise<void> {
    assertEquals(processesOf(lab), []);
    assertEquals(
      [...Deno.readDirSync(`${lab}/sandbox`)].map(({ name }) => name).filter((name) =>
        name.includes(".drill")
      ),
      [],
    );
    assertEquals(
      [...Deno.readDirSync(`${lab}/sandbox/documents/mycompany`)].map(({ name }) => name).filter((name) =>
        name.startsWith("dolibarr-drill")
      ),
      [],
    );
    const store = await openFileStore(`file://${lab}/store`);
    const keys = (await Array.fromAsync(store.list(""))).map(({ key }) => key);
    assertEquals(keys.filter((key) => /\/(lease|runs)\//.test(key)), []);
    const named = new Set((await listSets(store, "prod")).flatMap(objectsOfSet).map(({ key }) => key));
    assertEquals(
      keys.filter((key) => /\/(db|docs)\//.test(key) && !named.has(key)),
      [],
      "an object that no manifest names was left",
    );
    assertEquals([...Deno.readDirSync(`${lab}/store/.parts`)], []);
    assertEquals([...Deno.readDirSync(scratch)], []);
  }
});

/** One that has ended by itself meanwhile gets none. */
function sendSignal(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError) || !/already terminated/.test(error.message)) throw error;
  }
}

async function readUntil(
  stream: ReadableStream<Uint8Array>,
  line: string,
  reached: () => void,
): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes(line)) reached();
  }
  return text;
}

/** The command lines of processes that belong to the lab. */
function processesOf(lab: string): string[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const line = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      return line.includes(lab) ? [line] : [];
    } catch {
      return []; // it ended while we looked
    }
  });
}

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stdout: "piped" })
    .output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
