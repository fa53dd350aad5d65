import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { folder, GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";
import { importsOf, readSources, type SourceFile } from "../../support/imports.ts";

const MAIN = new URL("../../../src/main.ts", import.meta.url).href;

/** The real command line with one verb of our own, which behaves as its `--env` says. */
const OWN_VERB = `
import { main } from "${MAIN}";
import { value } from "${MAIN.replace("main.ts", "cli/command/options.ts")}";
import { verb } from "${MAIN.replace("main.ts", "cli/command/verb.ts")}";
const run = async (options, shell) => {
  shell.say("ready");
  const aborted = new Promise((_, reject) => shell.signal.addEventListener("abort", () => reject(shell.signal.reason)));
  switch (options.env) {
    case "waits":
      try { await aborted; } finally { await new Promise((done) => setTimeout(done, 50)); shell.say("cleaned up"); }
      return 0;
    case "stubborn": await new Promise((done) => setTimeout(done, 20_000)); shell.say("waited to the end"); return 0;
    case "throws": throw new TypeError("a mistake of ours");
    case "forgets": Promise.reject(new TypeError("nobody waited")); try { await aborted; } finally { shell.say("cleaned up"); } return 0;
    case "late": setTimeout(() => { throw new TypeError("from a timer"); }, 10); await aborted; return 0;
    case "chatty": for (let line = 0; line < 50_000; line++) shell.out("line " + line); return shell.finish({ verdict: "pass", exit: 0 });
    case "bad": return 1;
    default: shell.out("data"); return 0;
  }
};
const list = verb({ name: "list", summary: "", options: { env: value("E", "") }, help: { examples: [] }, run });
Deno.exit(await main(Deno.args, { list: () => Promise.resolve(list) }));
`;
const OWN = `${folder}/own.ts`;
await Deno.writeTextFile(OWN, OWN_VERB);

interface End {
  code: number;
  out: string;
  err: string;
}

const start = (script: string, args: string[]) =>
  new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--config",
      new URL("../../../deno.json", import.meta.url).pathname,
      script,
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", DOLIBARR_DRILL_CONFIG: "", XDG_STATE_HOME: `${folder}/state` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

async function run(script: string, ...args: string[]): Promise<End> {
  const { code, stdout, stderr } = await start(script, args).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

const resultOf = (out: string) => JSON.parse(out.trim().split("\n").at(-1) ?? "");

/** Sends `signals`, each so many ms after the one before, from the moment on when the verb runs. */
async function interrupt(kind: string, ...signals: [Deno.Signal, number][]): Promise<End> {
  const child = start(OWN, ["list", "--env", kind, "--json"]);
  let err = "";
  const out = new Response(child.stdout).text();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) err += text;
  })();
  while (!err.includes("ready")) await new Promise((done) => setTimeout(done, 5));
  for (const [signal, after] of signals) {
    await new Promise((done) => setTimeout(done, after));
    child.kill(signal);
  }
  const [{ code }] = await Promise.all([child.status, reading]);
  return { code, out: await out, err };
}

/** What is loaded together with the module `path`, before any of it runs. */
function loadedWith(path: string, sources: readonly SourceFile[]): { ours: string[]; libraries: string[] } {
  const [ours, libraries] = [new Set([path]), new Set<string>()];
  for (const one of ours) { // it grows meanwhile
    const source = sources.find((file) => file.path === one)!;
    for (const { to, ours: isOurs, typeOnly, dynamic } of importsOf(source)) {
      if (!typeOnly && !dynamic) (isOurs ? ours : libraries).add(to);
    }
  }
  return { ours: [...ours], libraries: [...libraries] };
}

describe("a run of the command line", () => {
  it("prints help on stdout, and ends with 0", async () => {
    const { code, out, err } = await run(MAIN, "--help");
    assertEquals([code, err], [0, ""]);
    assertMatch(out, /^Usage: dolibarr-drill VERB/);
  });

  it("imports no library for it but commander, of no verb either", async () => {
    const sources = await readSources(new URL("../../../src/", import.meta.url));
    const verbs = sources.map(({ path }) => path).filter((path) => /^cli\/[a-z_]+\.ts$/.test(path));
    assertEquals(verbs.length, 19); // three verbs share a file
    for (const path of ["main.ts", ...verbs]) {
      const { ours, libraries } = loadedWith(path, sources);
      assertEquals(libraries.filter((name) => name !== "commander" && name !== "node:path"), [], path);
      assertLess(ours.length, 30, `${path} loads ${ours.join(", ")}`);
    }
  });

  it("ends with 2 and the hint --lab where there is no configuration", async () => {
    const { code, out, err } = await run(MAIN, "drill");
    assertEquals([code, out], [2, ""]);
    assertMatch(err, /^Cannot find a configuration: .*\n.*--lab\n$/);
  });

  it("ends with 2 and all problems of a wrong configuration", async () => {
    const file = await writeConfig(
      GOOD_CONFIG.replace("endpoint", "endpont").replace("from: prod", "from: prdo"),
    );
    const { code, err } = await run(MAIN, "list", "--config", file);
    assertEquals(code, 2);
    assertMatch(
      err,
      /2 problems\n {2}.*:3: store\.endpont.*\n {2}.*:18: drill\.from.*\nCorrect the lines above/,
    );
  });

  it("ends with 2 where a secret is missing, before anything starts", async () => {
    const { code, err } = await run(MAIN, "list", "--config", await writeConfig(GOOD_CONFIG));
    assertEquals(code, 2);
    assertStringIncludes(err, "store.access_key: the variable DRILL_TEST_KEY is not set");
    assertStringIncludes(err, "store.secret_key: the file");
  });

  it("says an unknown environment's nearest name", async () => {
    const { code, err } = await run(
      MAIN,
      "backup",
      "--env",
      "sandobx",
      "--config",
      await writeConfig(GOOD_CONFIG),
    );
    assertEquals(code, 2);
    assertStringIncludes(err, 'did you mean "sandbox"?');
  });

  it("with --json ends in one result, on an error too, and talks on stderr", async () => {
    for (const args of [["list"], ["lst"], ["list", "--jon"]]) {
      const { code, out, err } = await run(MAIN, ...args, "--json");
      assertEquals(code, 2);
      const result = resultOf(out);
      assertEquals([result.event, result.verdict, result.exit], ["result", "not_run", 2]);
      assert(result.code && result.message && result.hint);
      assertStringIncludes(err, result.message);
    }
    const { out } = await run(OWN, "list", "--json");
    assertEquals(out.split("\n").length, 2); // data of a person is not printed
    assertEquals(resultOf(out).exit, 0);
  });
});

describe("whatever comes of a verb", () => {
  it("its own status is the program's", async () => {
    assertEquals((await run(OWN, "list", "--env", "bad")).code, 1);
    assertEquals((await run(OWN, "list")).code, 0);
  });

  it("a mistake of ours ends with 2, never with Deno's 1", async () => {
    const { code, out, err } = await run(OWN, "list", "--env", "throws", "--json");
    assertEquals([code, resultOf(out).code], [2, "INTERNAL"]);
    assertStringIncludes(err, "a mistake of ours");
    assertNotMatch(err, /own\.ts/);
  });

  it("--debug shows where it happened", async () => {
    assertMatch(
      (await run(OWN, "list", "--env", "throws", "--debug")).err,
      /TypeError: a mistake of ours\n.*own\.ts/,
    );
  });

  it("an error that nobody waited for ends with 2 too, after cleaning up", async () => {
    const { code, out, err } = await run(OWN, "list", "--env", "forgets", "--json");
    assertEquals([code, resultOf(out).code], [2, "INTERNAL"]);
    assertStringIncludes(err, "nobody waited");
    assertStringIncludes(err, "cleaned up");
    assertEquals((await run(OWN, "list", "--env", "late")).code, 2);
  });

  it("a reader that has enough is no error", async () => {
    const child = start(OWN, ["list", "--env", "chatty"]);
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    const err = await new Response(child.stderr).text();
    assertEquals([(await child.status).code, err], [0, "ready\n"]);
  });
});

describe("an interrupted run", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`cleans up and ends with 130 (${signal})`, async () => {
      const { code, out, err } = await interrupt("waits", [signal, 0]);
      assertEquals([code, resultOf(out).code], [130, "INTERRUPTED"]);
      assertMatch(err, /Interrupted: cleaning up[\s\S]*cleaned up/);
    });
  }

  it("takes a signal that comes twice at once for one", async () => {
    const { code, err } = await interrupt("waits", ["SIGINT", 0], ["SIGINT", 5]);
    assertEquals(code, 130);
    assertStringIncludes(err, "cleaned up");
  });

  it("ends at once at the second", async () => {
    const { code, err } = await interrupt("stubborn", ["SIGINT", 0], ["SIGINT", 400]);
    assertEquals(code, 130);
    assertNotMatch(err, /cleaned up|waited to the end/);
  });
});
