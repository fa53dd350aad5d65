import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { makeShell } from "../../../src/cli/command/shell.ts";
import { makeNotifier } from "../../../src/cli/command/notifier.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { storedOf } from "../../../src/report/json.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { resultOfChecks, sampleBooks, sampleFinding } from "../../support/samples/culprits.ts";
import { sampleFail, samplePass } from "../../support/samples/results.ts";

describe("a drill notifies of its result", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let got: { method: string; path: string; text?: string }[] = [];
  let answer = 200;
  let listener: Deno.HttpServer<Deno.NetAddr>;
  let env: Record<string, string>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const { method, url } = request;
      const body = await request.text();
      got.push({ method, path: new URL(url).pathname, ...(body ? { text: JSON.parse(body).text } : {}) });
      return new Response(null, { status: answer });
    });
    const url = `http://127.0.0.1:${listener.addr.port}`;
    env = { HOOK: `${url}/hook-s3cr3t`, ALIVE: `${url}/alive-s3cr3t`, DB_PASSWORD: "x" };
    await Deno.mkdir(`${folder.path}/kept`);
  });
  afterAll(async () => {
    await listener.shutdown();
    await folder[Symbol.asyncDispose]();
  });

  /** No server stands behind it: nothing here comes so far. */
  async function configWith(store: string, drill = "{ from: prod, into: sandbox }"): Promise<string> {
    const environment = (name: string) =>
      `database: { host: 127.0.0.1, port: 1, name: ${name}, owner: o, user: u, password: env:DB_PASSWORD }
    documents: ${folder.path}/${name}
    web: { url: "http://${name}.invalid" }`;
    const file = `${folder.path}/${crypto.randomUUID()}.yaml`;
    await Deno.writeTextFile(
      file,
      `store: { url: "file://${folder.path}/${store}" }
environments:
  prod:
    ${environment("prod")}
  sandbox:
    disposable: true
    ${environment("sandbox")}
drill: ${drill}
notify:
  webhook: { url: env:HOOK }
  alive_url: env:ALIVE
`,
    );
    return file;
  }

  async function drill(
    store: string,
    { env: other = env, args = [] as string[], drill = undefined as string | undefined } = {},
  ) {
    got = [];
    const report = `${folder.path}/report`;
    const config = await configWith(store, drill);
    const end = await runCli(["drill", "--json", "--report", report, "--config", config, ...args], {
      env: other,
    });
    const page = await Deno.readTextFile(`${report}/report.json`).catch(() => "");
    for (const text of [end.stdout, end.stderr, page]) assertFalse(text.includes("s3cr3t"), text);
    return { ...end, result: resultOf(end.stdout), page };
  }

  it("also where there is no set: NOT RUN, with the cause first, and the same exit status", async () => {
    const { code, result, page, stderr } = await drill("kept/erp");
    assertEquals([code, result.verdict, result.told], [2, "not_run", { webhook: "sent" }], stderr);
    assertEquals(got.map(({ method, path }) => [method, path]), [["POST", "/hook-s3cr3t"]]);
    assertMatch(
      got[0]!.text ?? "",
      /^NOT RUN prod: the backups could not be read: Cannot find a good set of prod .*\nTake one: .*\nset: none\nreport: .*report\.html$/,
    );
    assertEquals(JSON.parse(page).told, { webhook: "sent" });
  });

  it("also where the store cannot be opened, or a password is missing", async () => {
    const { code, result } = await drill("nowhere/at/all");
    assertEquals(code, 2);
    assertEquals(got.map(({ text }) => text?.split("\n")[0]), [`NOT RUN prod: ${result.message}`]);
    const { DB_PASSWORD: _, ...without } = env;
    await drill("kept/erp", { env: without });
    assertMatch(got[0]!.text ?? "", /^NOT RUN prod: Cannot read .*the variable DB_PASSWORD is not set/);
  });

  it("and changes nothing where nobody can be told: a warning, and the result says so", async () => {
    answer = 404;
    const { code, result, stderr } = await drill("kept/erp");
    answer = 200;
    const { port } = listener.addr;
    assertEquals([code, result.told], [2, { webhook: `failed: 127.0.0.1:${port} answered 404` }]);
    assertStringIncludes(stderr, `NOBODY WAS TOLD by notify.webhook: 127.0.0.1:${port} answered 404`);
  });

  it("but nobody with --no-notify, nor where the configuration is wrong", async () => {
    const { code, result } = await drill("kept/erp", { args: ["--no-notify"] });
    assertEquals([code, result.told, got], [2, undefined, []]);
    assertEquals((await drill("kept/erp", { drill: "{ from: prod, into: prod }" })).code, 2);
    assertEquals(got, []);
  });

  it("each PASS resets the dead man's switch; the first one after a failure is told by webhook too", async () => {
    for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
    const config = await loadConfig(await configWith("kept/other"));
    const store = await openFileStore(`file://${folder.path}/kept/other`);
    const warnings: string[] = [];
    const stream = { writeSync: (bytes: Uint8Array) => bytes.length, isTerminal: () => false };
    using made = makeShell({
      verb: "drill",
      options: {},
      signal: new AbortController().signal,
      env: () => undefined,
      stdout: stream,
      stderr: stream,
    });
    const notifier = makeNotifier({ notify: true }, {
      ...made,
      reporter: { ...made.reporter, warn: (line) => void warnings.push(line) },
    });
    assertEquals(await notifier.notifyOfResult(samplePass(), "r.html", store), undefined); // before the configuration is known
    notifier.shell.about(config);
    const on = (day: string, result: DrillResult) => ({
      ...result,
      id: `202611${day}T061500Z`,
      startedAt: `2026-11-${day}T06:15:00.412Z`,
    });
    const night = async (day: string, result: DrillResult) => {
      got = [];
      const told = await notifier.notifyOfResult(on(day, result), "r.html", store);
      await putDrill(store, "prod", storedOf({ ...on(day, result), ...(told ? { told } : {}) }));
      return [told, got.map(({ method }) => method).sort()];
    };
    assertEquals(await night("11", samplePass()), [{ alive: "sent" }, ["GET"]]);
    assertEquals(await night("12", sampleFail()), [{ webhook: "sent" }, ["POST"]]);
    assertEquals(await night("13", sampleFail()), [{ webhook: "sent" }, ["POST"]]);
    assertEquals(await night("14", samplePass()), [{ webhook: "sent", alive: "sent" }, ["GET", "POST"]]);
    assert(
      got.some(({ text }) =>
        text?.startsWith("PASS prod: the drill passes again: the backup can be brought back")
      ),
    );
    assertEquals(await night("15", samplePass()), [{ alive: "sent" }, ["GET"]]);

    // faults of the ERP are told when they are new, also where the message of the first night did not arrive
    const faults = (...at: number[]) =>
      resultOfChecks([...samplePass().checks, sampleBooks(at.map((one) => sampleFinding(one)))]);
    const before = { webhook: "not called: what is open was told before" };
    answer = 404;
    assertMatch(JSON.stringify(await night("16", faults(1, 2))), /failed: .*404/);
    answer = 200;
    assertEquals(await night("17", faults(1, 2)), [{ webhook: "sent" }, ["POST"]]);
    assertEquals(await night("18", faults(1, 2)), [before, []]);
    assertEquals(await night("19", faults(2)), [before, []]);
    assertEquals(await night("20", faults(2, 4)), [{ webhook: "sent" }, ["POST"]]);
    assertMatch(
      got[0]!.text!,
      /^FAIL prod: the backup can be brought back; prod has 1 new fault: FA2610-0004: [^;]*; 1 open as before\nGet it back: .*FA2610-0004\.pdf/,
    );
    assertEquals(await night("21", sampleFail()), [{ webhook: "sent" }, ["POST"]]);
    warnings.length = 0;
    assertEquals(warnings, []);
    for (const name of Object.keys(env)) Deno.env.delete(name);
  });
});
