import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runTool } from "../../../src/base/process/processes.ts";
import { waitUntil } from "../../../src/base/time.ts";
import { fileExists } from "../../../src/lab/files.ts";
import { erpScript } from "../../../src/lab/servers/erp_script.ts";
import {
  labProcesses,
  phpTag,
  roleOf,
  startDetached,
  stopProcesses,
} from "../../../src/lab/servers/processes.ts";
import { temporaryFolder } from "../../support/folder.ts";

const LAB = { root: "/srv/.lab", tag: "dolibarr-drill-0123456789ab" };

describe("a process belongs to a lab", () => {
  const ours: [role: string, argv: string[], cwd?: string][] = [
    ["postgres", ["/usr/lib/postgresql/15/bin/postgres", "-D", "/srv/.lab/postgres/data"]],
    ["postgres", ["postgres: dolibarr-drill-0123456789ab: checkpointer "]],
    ["postgres", ["/usr/lib/postgresql/15/bin/initdb", "--pgdata=/srv/.lab/postgres/data"]],
    ["postgres", ["/usr/lib/postgresql/15/bin/postgres", "--boot"], "/srv/.lab/postgres/data"],
    ["pgbouncer", ["/usr/sbin/pgbouncer", "/srv/.lab/pgbouncer/pgbouncer.ini"]],
    ["prod", ["/usr/bin/php", "-d", "dolibarr_drill.lab=/srv/.lab:prod", "-S", "127.0.0.1:1"]],
    ["sandbox", ["sh", "-c", "exec", "/usr/bin/php", "-d", "dolibarr_drill.lab=/srv/.lab:sandbox"]],
    ["prod", ["/usr/bin/deno", "run", "-A", "server.ts", "/srv/.lab/run/prod.json"]],
    ["build", ["/usr/bin/php", "-d", "dolibarr_drill.lab=/srv/.lab:build", "fill.php"]],
    ["build", ["/bin/sh", "/srv/.lab/bin/erp", "start", "prod"]],
    ["build", ["/bin/cp", "-al", "--", "/cache/htdocs/core", "/srv/.lab/prod/htdocs"]],
  ];
  for (const [role, argv, cwd] of ours) {
    it(`as ${role}: ${argv.join(" ").slice(0, 70)}`, () => {
      assertEquals(roleOf({ pid: 1, parent: 1, argv, cwd }, LAB), role);
    });
  }
});

describe("a process is none of a lab's", () => {
  const others: [why: string, argv: string[], cwd?: string][] = [
    ["an editor with one of its files", ["vim", "/srv/.lab/dolibarr-drill.yaml"]],
    ["a shell that stands in it", ["-bash"], "/srv/.lab"],
    ["a verb of ours with its configuration", [
      "deno",
      "run",
      "main.ts",
      "--config",
      "/srv/.lab/dolibarr-drill.yaml",
    ]],
    ["somebody reading a server's configuration", ["cat", "/srv/.lab/run/prod.json"]],
    ["another lab's web server", ["/usr/bin/php", "-d", "dolibarr_drill.lab=/srv/.lab2:prod"]],
    ["another lab below it", ["/usr/bin/php", "-d", "dolibarr_drill.lab=/srv/.lab/x:prod"]],
    [
      "the system's PostgreSQL",
      ["/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib/postgresql/15/main"],
      "/var/lib",
    ],
    ["a process of another lab's PostgreSQL", ["postgres: dolibarr-drill-ffffffffffff: checkpointer "]],
    ["the system's pgbouncer", ["/usr/sbin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"]],
    ["a copy out of it", ["cp", "/srv/.lab/prod/documents/a.pdf", "/home/anne"]],
    ["the kernel's", [""]],
  ];
  for (const [why, argv, cwd] of others) {
    it(why, () => assertEquals(roleOf({ pid: 1, parent: 1, argv, cwd }, LAB), undefined));
  }
});

describe("bin/erp", () => {
  it("starts, shows and stops a server with its workers, twice is as once, and touches nobody else", async () => {
    await using lab = await scriptedLab();
    assertEquals(await lab.erp("status", "prod"), { code: 3, out: "stopped" });
    assertEquals((await lab.erp("start", "prod")).code, 0);
    assertEquals((await lab.erp("start", "prod")).code, 0);
    await lab.workers("prod", 3);
    assertEquals((await lab.erp("start", "sandbox")).code, 0);
    await lab.workers("sandbox", 3);
    assertStringIncludes((await lab.erp("status", "prod")).out, "running ");

    assertEquals((await lab.erp("stop", "prod")).code, 0);
    assertEquals(lab.count("prod"), 0);
    assertEquals(lab.count("sandbox"), 3);
    assertEquals((await lab.erp("stop", "prod")).code, 0);
  });

  it("stops workers whose server was killed", async () => {
    await using lab = await scriptedLab();
    await lab.erp("start", "prod");
    await lab.workers("prod", 3);
    Deno.kill(Number(Deno.readTextFileSync(`${lab.root}/run/prod.pid`)), "SIGKILL");
    assertEquals((await lab.erp("stop", "prod")).code, 0);
    assertEquals(lab.count("prod"), 0);
  });

  it("kills nobody when its pid file names a process of somebody else", async () => {
    await using lab = await scriptedLab();
    await using other = new Deno.Command("sleep", { args: ["60"] }).spawn();
    Deno.writeTextFileSync(`${lab.root}/run/prod.pid`, `${other.pid}\n`);
    assertEquals((await lab.erp("stop", "prod")).code, 0);
    assertEquals(Deno.statSync(`/proc/${other.pid}`).isDirectory, true);
  });

  it("says how it is used when it is used otherwise", async () => {
    await using lab = await scriptedLab();
    for (const words of [["start", "all"], ["restart", "prod"], []]) {
      assertEquals((await lab.erp(...words)).code, 2);
    }
  });
});

/** A folder with `bin/erp`, whose servers are shells that each make two workers, as PHP does. */
async function scriptedLab() {
  const folder = await temporaryFolder();
  const root = `${folder.path}/it's a lab`;
  for (const name of ["bin", "run", "log"]) Deno.mkdirSync(`${root}/${name}`, { recursive: true });
  const paths = { root, tag: "dolibarr-drill-test" };
  // a pipe that nobody writes: waiting for it starts no other process, which would be counted for a moment
  new Deno.Command("mkfifo", { args: [`${root}/never`] }).outputSync();
  const work = '[ "$WORKERS" = 2 ] && read -r _ <"$NEVER"';
  const server = (env: "prod" | "sandbox") => {
    const tag = phpTag(root, env);
    return {
      argv: ["/bin/sh", "-c", `(${work}) & (${work}) & ${work}`, tag],
      env: { WORKERS: "2", NEVER: `${root}/never` },
      tag,
    };
  };
  const script = erpScript(root, { prod: server("prod"), sandbox: server("sandbox") });
  Deno.writeTextFileSync(`${root}/bin/erp`, script, { mode: 0o755 });
  const count = (env: string) => labProcesses(paths).filter((process) => process.role === env).length;
  return {
    root,
    count,
    async erp(...args: string[]) {
      const { code, stdout } = await new Deno.Command(`${root}/bin/erp`, { args }).output();
      return { code, out: new TextDecoder().decode(stdout).trim() };
    },
    /** The workers are there a moment after the server. */
    async workers(env: string, wanted: number) {
      await waitUntil(() => count(env) === wanted, 60_000);
      assertEquals(count(env), wanted);
    },
    async [Symbol.asyncDispose]() {
      await stopProcesses(paths);
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("a detached program", () => {
  it("is in a session of its own, writes into its log, and is stopped with its lab", async () => {
    await using folder = await temporaryFolder();
    const paths = { root: folder.path, tag: "dolibarr-drill-test" };
    const log = `${folder.path}/log`;
    const fifo = `${folder.path}/fifo`;
    assertEquals((await runTool("/usr/bin/mkfifo", { args: [fifo] })).code, 0);
    // it waits without a child: one that is not yet another program would count as a second process of the lab
    const argv = ["/bin/sh", "-c", `echo started; read line <'${fifo}'`, phpTag(folder.path, "build")];
    const pid = await startDetached(argv, { log });
    const written = () => fileExists(log) && Deno.statSync(log).size > 0;
    assert(await waitUntil(written, 60_000));
    assertEquals(Deno.readTextFileSync(log), "started\n");
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    assertEquals([group, session], [pid, pid]);
    assertEquals(await stopProcesses(paths), 1);
    assertEquals(labProcesses(paths), []);
  });
});
