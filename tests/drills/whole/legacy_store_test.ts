/** A store that the old shell script filled: listed, verified, restored, drilled and kept like any other. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { timestampOf } from "../../../src/base/time.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { findPrograms } from "../../../src/postgres/programs/programs.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { type DrillLab, startDrillLab, stateOf } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { assertNotRun, mayNotRun } from "../../support/lab/not_run.ts";
import { configWithStore } from "../../support/lab/other_store.ts";
import { nextSecond } from "../../support/until.ts";

const DAY = 86_400_000;
const signal = new AbortController().signal;

describe("a store of the old backup script", () => {
  let lab: DrillLab;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  let config: string;
  const ago = (days: number) => timestampOf(new Date(Date.now() - days * DAY));
  const [today, yesterday] = [ago(0.01), ago(1)];
  /** Every ten days a dump; documents only with the oldest of them. */
  const before = Array.from({ length: 14 }, (_, at) => ago(10 * (at + 1)));
  const [old, older] = [before.at(-2)!, before.at(-1)!];
  /** Of an age that keeps every set, in whole days. */
  const isYoung = (moment: string) => moment.slice(0, 8) >= ago(30).slice(0, 8);
  const cli = (...args: string[]) => runCli([...args, "--config", config]);

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}/store`);
    config = await configWithStore(lab, folder.path, store.url);
    // as the script did: pg_dump -Fc and tar -czf, and a half that had not changed was not uploaded again
    await Deno.mkdir(`${folder.path}/store/prod/db`, { recursive: true });
    await Deno.mkdir(`${folder.path}/store/prod/docs`);
    const dump = `${folder.path}/store/prod/db/${today}.dump`;
    const programs = await findPrograms(150_000);
    await run(programs.pgDump, ["-Fc", "-f", dump], connectionEnvironment(lab.prod.database));
    const archive = `${folder.path}/store/prod/docs/${yesterday}.tar.gz`;
    await run("/usr/bin/tar", ["-czf", archive, "-C", lab.prod.documents, "."]);
    for (const moment of [yesterday, ...before]) {
      await Deno.copyFile(dump, `${folder.path}/store/prod/db/${moment}.dump`);
    }
    await Deno.copyFile(archive, `${folder.path}/store/prod/docs/${older}.tar.gz`);
    await Deno.writeTextFile(`${folder.path}/store/prod/db/.fp-erp`, "the script's own note\n");
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  async function run(path: string, args: string[], env: Record<string, string> = {}) {
    const { code, stderr } = await runTool(path, { args, env });
    assertEquals(code, 0, stderr);
  }

  it("is listed: each set named after its newer half", async () => {
    const { code, stdout, stderr } = await cli("list", "--json");
    assertEquals(code, 0, stderr);
    const sets = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
      event === "set"
    );
    assertEquals(sets.map(({ set, kind, latest, docs }) => [set, kind, latest, docs.state]), [
      [today, "legacy", true, "as before"],
      [yesterday, "legacy", false, "new"],
      ...before.slice(0, -1).map((moment) => [moment, "legacy", false, "as before"]),
      [older, "legacy", false, "new"],
    ]);
    assertStringIncludes((await cli("list")).stdout, "not recorded");
  });

  it("is verified as far as it can be: read to its end, and what was never recorded is said", async () => {
    const { code, stdout, stderr } = await cli("verify");
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /\.dump: pg_restore reads it to its end: \d+ tables, [\d,]+ rows/);
    assertMatch(stdout, /\.tar\.gz: tar reads it to its end: \d+ files/);
    assertEquals(stdout.match(/NOT RUN +prod\S+: no hash was ever recorded/g)?.length, 2, stdout);
    // from now on its bytes are known
    assertMatch((await cli("verify")).stdout, /no hash was ever recorded; its bytes are those of 20\d\d-/);
  });

  it("fails where an object is cut, or is no longer what it was at the first reading", async () => {
    const path = `${folder.path}/store/prod/db/${today}.dump`;
    const whole = await Deno.readFile(path);
    try {
      await Deno.writeFile(path, whole.subarray(0, whole.length * 0.6));
      const short = await cli("verify", today);
      assertEquals(short.code, 1);
      assertMatch(short.stderr, /\.dump/);
      const other = Uint8Array.from(whole);
      other[40]! ^= 1; // the hour of the dump, which pg_restore does not mind
      await Deno.writeFile(path, other);
      const changed = await cli("verify", today);
      assertEquals(changed.code, 1);
      assertMatch(changed.stderr, /\.dump has other bytes than when it was read on/);
    } finally {
      await Deno.writeFile(path, whole);
    }
    await nextSecond(); // a proof is named by the second
    assertEquals((await cli("verify", today)).code, 0);
  });

  it("is restored and drilled: the rows of each block of the dump, each file of the archive", async () => {
    const result = await lab.drill({ store });
    assertEquals([result.verdict, result.exit], ["pass", 0], result.headline);
    assertEquals(result.set?.name, `prod/${today}`);
    assert(result.set!.rows > 100 && result.set!.files > 10);
    const check = (id: string) => result.checks.find((one) => one.id === id)!;
    assertNotRun(result.checks, {
      ...mayNotRun("stand-in", "standard"),
      "backup.objects": "CHECK_NOT_RUN",
      "backup.sets": "NOTHING_TO_CHECK",
      "backup.in_use": "NOTHING_TO_CHECK",
      "data.register": "NOTHING_TO_CHECK",
    });
    assertStringIncludes(check("backup.objects").message!, "no hash was recorded");
    assertStringIncludes(check("data.rows").compared!.with, "rows of each block of the dump");
    assertEquals(check("data.rows").verdict, "pass");

    const restored = await cli("restore", old);
    assertEquals(restored.code, 0, restored.stderr);
    assertMatch(restored.stdout, /is restored into sandbox: \d+ tables and \d+ files are equal/);
  });

  it("is refused whole where its dump lost rows on the way, with the sandbox as it was", async () => {
    const path = `${folder.path}/store/prod/docs/${yesterday}.tar.gz`;
    const whole = await Deno.readFile(path);
    const before = await lab.sandboxState();
    try {
      await Deno.writeFile(path, whole.subarray(0, whole.length * 0.6));
      const { code, stderr } = await cli("restore");
      assertEquals(code, 1, stderr);
      assertMatch(stderr, /Cannot read prod\/docs\/\d{8}T\d{6}Z\.tar\.gz: the archive is truncated after/);
    } finally {
      await Deno.writeFile(path, whole);
    }
    assertEquals(await lab.sandboxState(), before);
  });

  it("is pruned like any other: one of its sets a month, and no half that a kept set needs", async () => {
    const { code, stdout, stderr } = await cli("prune", "--json");
    assertEquals(code, 0, stderr);
    assertEquals(resultOf(stdout).exit, 0);
    const names = (half: string) =>
      [...Deno.readDirSync(`${folder.path}/store/prod/${half}`)].map(({ name }) => name).sort();
    const kept = names("db").filter((name) => name.endsWith(".dump")).map((name) =>
      name.slice(0, -".dump".length)
    );
    // all of thirty days, one of each month before; and the oldest one, for its archive is what the others need
    const monthly = Map.groupBy(before.filter((moment) => !isYoung(moment)), (moment) => moment.slice(0, 6));
    const stands = [...monthly.values()].map((month) => month.sort().at(-1)!);
    assertEquals(
      kept,
      [...new Set([today, yesterday, ...before.filter(isYoung), ...stands, older])].sort(),
    );
    assert(kept.length < before.length + 2, "nothing was dropped");
    assertEquals(names("docs"), [`${older}.tar.gz`, `${yesterday}.tar.gz`].sort());
    assertEquals(names("db").includes(".fp-erp"), true);
    assertEquals((await cli("verify", "--all")).code, 0);
  });

  it("is gone on with: our first set, a warning once the script runs again, and no prune beside it", async () => {
    const first = await cli("backup");
    assertEquals(first.code, 0, first.stderr);
    assert(!first.stderr.includes("old backup script"), first.stderr);
    const listed = (await cli("list")).stdout.split("\n");
    assertMatch(listed[1]!, / latest +/); // below the header
    assert(listed.filter((line) => / legacy +/.test(line)).length > 4);

    await nextSecond();
    await store.put(`prod/db/${timestampOf(new Date())}.dump`, store.get(`prod/db/${today}.dump`));
    const second = await cli("backup");
    assertEquals(second.code, 0, second.stderr);
    assertMatch(second.stderr, /Warning: The old backup script still runs.*and no manifest names it/);
    const { code, stderr } = await cli("prune");
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /no manifest names it/);
  });
});

describe("RESTORE.txt", () => {
  let lab: DrillLab;
  beforeAll(async () => lab = await startDrillLab("stand-in"));
  afterAll(async () => await lab[Symbol.asyncDispose]());

  it("brings everything back without this tool: its commands, as they stand there", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    const set = await backup(lab.prod, store, { reporter: silentReporter, signal });
    const text = await Deno.readTextFile(`${folder.path}/store/prod/RESTORE.txt`);
    assertStringIncludes(text, set.name);
    assert(!text.includes(lab.prod.database.password!));

    const provisioner = await lab.provisioner(lab.prod);
    const admin = connectionEnvironment(await lab.provisionerOf());
    const database = `restored_${crypto.randomUUID().slice(0, 8)}`;
    const commands = text.split("\n").filter((line) => line.startsWith("    ")).map((line) => line.slice(4))
      // the roles are there already, and the database with its own name too: this is production's own server
      .filter((line) => !line.includes("CREATE ROLE"))
      .map((line) => line.replaceAll(/(-d |UTF8 )erp\b/g, `$1${database}`));
    await Deno.mkdir(`${folder.path}/by-hand`);
    try {
      const { code, stderr, stdout } = await runTool("/bin/bash", {
        args: ["-euo", "pipefail", "-c", commands.join("\n")],
        cwd: `${folder.path}/by-hand`,
        env: admin,
      });
      assertEquals(code, 0, `${stderr}\n${stdout}\n${commands.join("\n")}`);
      const restored = {
        ...lab.prod,
        database: { ...await lab.provisionerOf(), name: database, owner: "erp_role" },
      };
      assertEquals(
        await stateOf({ ...restored, documents: `${folder.path}/by-hand/documents` }),
        await stateOf(lab.prod),
      );
    } finally {
      await provisioner.query(`DROP DATABASE IF EXISTS ${database}`);
      await provisioner[Symbol.asyncDispose]();
    }
  });
});
