import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { type Config, environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { type Lab, labDestroy, labDown, labStatus, labUp } from "../../../src/lab/lab.ts";
import { findLabPaths } from "../../../src/lab/paths.ts";
import { serverPrograms } from "../../../src/lab/servers/programs.ts";
import { labProcesses } from "../../../src/lab/servers/processes.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { until } from "../../support/until.ts";

const signal = AbortSignal.timeout(10 * 60_000);
const up = (folder: string): Promise<Lab> =>
  labUp({ folder, reporter: silentReporter, signal, erp: "stand-in" });

/**
 * Starts the lab in a process of its own, which ends without stopping it: with `stayUp` as the verb `lab up` does,
 * without it as a run that was killed.
 */
function upElsewhere(folder: string, stayUp: boolean): Deno.ChildProcess {
  const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);
  const script = `import { labUp } from ${source("lab/lab.ts")};
    import { silentReporter as reporter } from ${source("base/terminal/reporter.ts")};
    const folder = ${JSON.stringify(folder)};
    await labUp({ folder, reporter, signal: new AbortController().signal, erp: "stand-in", stayUp: ${stayUp} });
    Deno.exit(0);`;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const file = `${folder}-up.ts`;
  Deno.writeTextFileSync(file, script);
  const args = ["run", "-A", "--no-check", "--config", config, file];
  return new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" }).spawn();
}

/** Processes of the lab in this folder. */
async function processesOf(folder: string) {
  const paths = await findLabPaths(folder);
  return paths ? labProcesses(paths) : [];
}

/** Kills them as a crash does, and waits until they are gone: until then they may look alive. */
async function kill(folder: string, victims: { pid: number }[]): Promise<void> {
  for (const { pid } of victims) Deno.kill(pid, "SIGKILL");
  const pids = new Set(victims.map(({ pid }) => pid));
  await until(
    "the killed processes are gone",
    async () => !(await processesOf(folder)).some(({ pid }) => pids.has(pid)),
  );
}

/** One line of SQL as the login user of an environment, through pgbouncer. */
async function ask(config: Config, env: string, sql: string): Promise<string> {
  const { host, port, name, user, password } = environmentOf(config, env).database;
  const end = await runTool(`${serverPrograms()}/psql`, {
    args: ["-XAtq", `--host=${host}`, `--port=${port}`, `--username=${await user.read()}`, "-c", sql, name],
    env: { PGPASSWORD: await password!.read() },
    signal,
  });
  assertEquals([end.code, end.stderr], [0, ""]);
  return end.stdout.trim();
}

const INVOICES = "SELECT count(*) FROM llx_facture WHERE fk_statut > 0";

describe("the embedded lab", () => {
  let base: { path: string } & AsyncDisposable;
  let folder: string;

  beforeAll(async () => {
    base = await temporaryFolder();
    Deno.chmodSync(base.path, 0o755); // so that PostgreSQL's user can enter it
    folder = `${base.path}/.lab`;
  });
  afterAll(async () => {
    await labDestroy(folder);
    await base[Symbol.asyncDispose]();
  });

  it("is cleaned up and built by the next start when it was killed in the middle of its first build", async () => {
    await using child = upElsewhere(folder, false);
    await until(
      "pgbouncer runs",
      async () => (await processesOf(folder)).some(({ role }) => role === "pgbouncer"),
    );
    child.kill("SIGKILL");
    await child.status;
    const left = (await processesOf(folder)).map(({ pid }) => pid);
    assert(left.length > 0, "a killed build leaves its servers");
    assertEquals((await labStatus(folder)).state, "half-built");

    await using lab = await up(folder);
    assertEquals([lab.built, lab.wasUp, lab.erp], [true, false, "stand-in"]);
    const now = new Set((await processesOf(folder)).map(({ pid }) => pid));
    assertEquals(left.filter((pid) => now.has(pid)), []);
  });

  it("is a platform with owner roles, login users, user_lookup, and two databases behind pgbouncer", async () => {
    await using lab = await up(folder);
    assertEquals([lab.built, lab.wasUp], [false, false]);
    const config = await loadConfig(lab.configFile);
    const roles = "SELECT current_user || ' ' || session_user";
    assertMatch(await ask(config, "prod", roles), /^erp_role v-erp-[0-9a-f]{10}$/);
    // A second login gets the pooler's connection back, and is still the owner.
    assertMatch(await ask(config, "prod", roles), /^erp_role /);
    assertMatch(await ask(config, "sandbox", roles), /^erp_sandbox_role v-erp-sandbox-/);
    const canLogIn =
      "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE NOT rolcanlogin AND rolname LIKE 'erp%'";
    assertEquals(await ask(config, "prod", canLogIn), "erp_role erp_sandbox_role");
    const functions =
      "SELECT proname || ' ' || proowner::regrole FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    assertEquals(await ask(config, "sandbox", functions), "user_lookup provisioner");
    assertEquals(
      await ask(config, "sandbox", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
      "0",
    );
    assertEquals(await ask(config, "prod", INVOICES), "48");
    for (const env of ["prod", "sandbox"]) {
      const response = await fetch(environmentOf(config, env).web.url, { signal });
      await response.body?.cancel();
      assert(response.status < 500, `${env} answers ${response.status}`);
    }
  });

  it("keeps its data, and its ports as far as they are free", async () => {
    const portsOf = async () => (await labStatus(folder)).servers.map((server) => server.port);
    const before = await portsOf();
    {
      await using _lab = await up(folder);
      assertEquals(await portsOf(), before);
    }
    using _taken = Deno.listen({ hostname: "127.0.0.1", port: before[1]! });
    await using lab = await up(folder);
    const after = await portsOf();
    assertEquals([after[0], after[2], after[3]], [before[0], before[2], before[3]]);
    assertNotEquals(after[1], before[1]);
    assertEquals(await ask(await loadConfig(lab.configFile), "prod", INVOICES), "48");
  });

  it("comes back with its data after a part of it was killed, or all of it", async () => {
    type Found = Awaited<ReturnType<typeof processesOf>>[number];
    const victims: ((one: Found, all: Found[]) => boolean)[] = [
      ({ role, parent }, all) => role === "postgres" && !all.some(({ pid }) => pid === parent),
      ({ role }) => role === "pgbouncer",
      () => true,
    ];
    for (const isVictim of victims) {
      assertEquals((await upElsewhere(folder, true).status).code, 0);
      const all = await processesOf(folder);
      await kill(folder, all.filter((one) => isVictim(one, all)));
      await using lab = await up(folder);
      assertEquals([lab.built, lab.wasUp], [false, false]);
      assertEquals(await ask(await loadConfig(lab.configFile), "prod", INVOICES), "48");
    }
  });

  it("stays up where that was asked for, for several runs at once", async () => {
    assertEquals((await upElsewhere(folder, true).status).code, 0);
    const before = (await processesOf(folder)).filter(({ role }) => role !== "postgres");
    {
      await using one = await up(folder);
      await using two = await up(folder);
      assertEquals([one.wasUp, two.wasUp], [true, true]);
    }
    const after = (await processesOf(folder)).filter(({ role }) => role !== "postgres");
    assertEquals(after.map(({ pid }) => pid), before.map(({ pid }) => pid));
  });

  it("gets back an ERP that crashed, but not one that was stopped", async () => {
    const rolesNow = async () => new Set((await processesOf(folder)).map(({ role }) => role));
    assertEquals((await runTool(`${folder}/bin/erp`, { args: ["stop", "sandbox"] })).code, 0);
    await kill(folder, (await processesOf(folder)).filter(({ role }) => role === "prod"));
    await using lab = await up(folder);
    assertEquals(lab.wasUp, true);
    assertEquals(await rolesNow(), new Set(["postgres", "pgbouncer", "prod"]));
    assert((await labDown(folder)).stopped > 0);
    assertEquals(await rolesNow(), new Set());
  });

  it("is restarted, and stays up, when the files that its web servers run are gone: it was another version's", async () => {
    assertEquals((await upElsewhere(folder, true).status).code, 0);
    const script = `${folder}/bin/erp`;
    const text = Deno.readTextFileSync(script);
    Deno.writeTextFileSync(script, text.replaceAll("/stand_in/server.ts", "/stand_in/moved.ts"));
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (line: string) => void notes.push(line) };
    {
      await using lab = await labUp({ folder, reporter, signal, erp: "stand-in" });
      assertEquals([lab.built, lab.wasUp], [false, false]);
    }
    assertEquals(notes, [`Restarting the lab in ${folder}: another version of this program started it`]);
    assertEquals(Deno.readTextFileSync(script), text);
    assertEquals((await labStatus(folder)).state, "up");
    await using lab = await up(folder);
    assertEquals(lab.wasUp, true);
    await labDown(folder);
  });

  it("goes on with the recipe of a version that hashed its source files, and its store with it", async () => {
    const set = `${folder}/store/prod/db/20261101T010203Z.dump`;
    await Deno.mkdir(`${folder}/store/prod/db`, { recursive: true });
    await Deno.writeTextFile(set, "a set");
    const state = JSON.parse(Deno.readTextFileSync(`${folder}/lab.json`));
    Deno.writeTextFileSync(`${folder}/lab.json`, JSON.stringify({ ...state, recipe: "578cab7891e24c71" }));
    await using lab = await up(folder);
    assertEquals([lab.built, Deno.readTextFileSync(set)], [false, "a set"]);
  });

  it("is built again when its recipe is unknown, and says that the sets in its store go with it", async () => {
    const state = JSON.parse(Deno.readTextFileSync(`${folder}/lab.json`));
    Deno.writeTextFileSync(`${folder}/lab.json`, JSON.stringify({ ...state, recipe: "0123456789abcdef" }));
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (line: string) => void notes.push(line) };
    await using lab = await labUp({ folder, reporter, signal, erp: "stand-in" });
    assertEquals([lab.built, [...Deno.readDirSync(`${folder}/store`)]], [true, []]);
    assertEquals(notes, [
      `Building the lab in ${folder} again, and removing it with the sets in its store: this version fills it with other data`,
    ]);
  });

  it("is stopped after the next run when a run that had started it was killed", async () => {
    assertEquals((await upElsewhere(folder, false).status).code, 0);
    assert((await processesOf(folder)).length > 4);
    {
      await using lab = await up(folder);
      assertEquals([lab.built, lab.wasUp], [false, false]);
    }
    assertEquals(await processesOf(folder), []);
  });

  it("is used by one run at a time, and says by whom", async () => {
    await using _lab = await up(folder);
    const error = await assertRejects(() => up(folder), DrillError);
    assertEquals(error.code, "LEASE_HELD");
    assertMatch(error.message, new RegExp(`process ${Deno.pid} on .+ uses it`));
    await assertRejects(() => labDown(folder), DrillError, "uses it");
  });

  it("runs beside another one in another folder", async () => {
    await using lab = await up(folder);
    const second = `${base.path}/.lab2`;
    {
      await using other = await up(second);
      const [one, two] = [await loadConfig(lab.configFile), await loadConfig(other.configFile)];
      const address = (config: Config) =>
        ["prod", "sandbox"].map((env) => environmentOf(config, env).web.url);
      assertEquals(new Set([...address(one), ...address(two)]).size, 4);
      const identity = "SELECT system_identifier FROM pg_control_system()";
      assertNotEquals(await ask(one, "prod", identity), await ask(two, "prod", identity));
    }
    assertEquals(await processesOf(second), []);
    assertEquals((await labStatus(folder)).state, "up");
    await labDestroy(second);
    assertEquals([...Deno.readDirSync(base.path)].map(({ name }) => name).sort(), [".lab", ".lab-up.ts"]);
  });

  it("leaves no process when it is taken down, also by the verb", async () => {
    {
      await using _lab = await up(folder);
      assertEquals((await processesOf(folder)).length > 4, true);
    }
    assertEquals(await processesOf(folder), []);
    assertEquals((await labStatus(folder)).state, "stopped");
    assertEquals(await labDown(folder), { stopped: 0 });
  });

  it("leaves no process when it is interrupted", async () => {
    const interrupted = new AbortController();
    const step = { progress() {}, end() {}, [Symbol.dispose]() {} };
    const reporter = {
      ...silentReporter,
      step(title: string) {
        if (title === "Starting the lab") interrupted.abort(new Error("Ctrl-C"));
        return step;
      },
    };
    const options = { folder, reporter, signal: interrupted.signal, erp: "stand-in" as const };
    await assertRejects(() => labUp(options), Error, "Ctrl-C");
    assertEquals(await processesOf(folder), []);
    assertEquals((await labStatus(folder)).heldBy, undefined);
  });
});
