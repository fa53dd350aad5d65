/** What `restore` can be told: one half, a folder, production itself. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readHolds } from "../../../src/store/records/holds.ts";
import { listSets } from "../../support/store/sets.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { resultOf } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("restore", () => {
  let pair: SmallPair;
  let set: string;

  beforeAll(async () => {
    pair = await startSmallPair();
    const end = await pair.cli("backup", "--json");
    assertEquals(end.code, 0, end.stderr);
    set = String(resultOf(end.stdout).set).replace("prod/", "");
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  const login = async (name: "prod" | "sandbox") => {
    await using session = await connect(pair[name].database);
    return (await session.query<{ login: string }>("SELECT login FROM llx_user"))[0]?.login;
  };
  const rows = async (name: "prod" | "sandbox") => {
    await using session = await connect(pair[name].database);
    return await contentOf(session);
  };
  const constants = async (name: "prod" | "sandbox") => {
    await using session = await connect(pair[name].database);
    const rows = await session.query<{ name: string }>("SELECT name FROM llx_const ORDER BY name");
    return rows.map((row) => row.name);
  };
  const dayAfter = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const logo = (name: "prod" | "sandbox") =>
    Deno.readTextFile(`${pair.folder}/${name}/mycompany/logos/logo.png`);

  it("brings the documents alone, and leaves the database to the row", async () => {
    const before = await rows("sandbox");
    const end = await pair.cli("restore", "--half", "docs");
    assertEquals(end.code, 0, end.stderr);
    assertEquals([await rows("sandbox"), await login("sandbox")], [before, "admin of sandbox"]);
    assertEquals([await logo("sandbox"), pair.isUp("sandbox")], ["mycompany/logos/logo.png of prod", true]);
    await Deno.writeTextFile(`${pair.folder}/sandbox/mycompany/logos/logo.png`, "the sandbox's own");
  });

  it("brings the database alone, and leaves the documents", async () => {
    const end = await pair.cli("restore", set, "--half", "db");
    assertEquals(end.code, 0, end.stderr);
    assertEquals([await login("sandbox"), await logo("sandbox")], ["admin of prod", "the sandbox's own"]);
    assertMatch(end.stdout, /263 tables are equal/);
  });

  it("writes both halves as files, each byte as recorded, and touches no environment", async () => {
    const before = [await pair.state("prod"), await pair.state("sandbox")];
    const end = await pair.cli("restore", "--to", `${pair.folder}/out/deep`, "--json");
    assertEquals(end.code, 0, end.stderr);
    assertEquals([await pair.state("prod"), await pair.state("sandbox")], before);
    assertEquals(
      await Deno.readFile(`${pair.folder}/out/deep/database.dump`),
      await Deno.readFile(`${pair.folder}/store/prod/db/${set}.dump`),
    );
    assertEquals(
      await Deno.readTextFile(`${pair.folder}/out/deep/documents/mycompany/logos/logo.png`),
      "mycompany/logos/logo.png of prod",
    );
    assertEquals([...Deno.readDirSync(`${pair.folder}/out`)].map(({ name }) => name), ["deep"]);
  });

  const refusals: [what: string, args: string[], says: RegExp][] = [
    ["a folder with something in it", ["--to", "OUT/out"], /it holds deep/],
    ["a folder in the store", ["--to", "OUT/store/prod/new"], /it lies in the store/],
    ["a folder in somebody's documents", ["--to", "OUT/prod/new"], /it lies in the documents of prod/],
    ["a folder and an environment", ["--to", "OUT/x", "--into", "sandbox"], /--into is about an environment/],
    [
      "production, unasked",
      ["latest", "--into", "prod"],
      /it is protected.*[^]*dolibarr-drill restore latest --into prod --restore-production prod\./,
    ],
    [
      "production under another name",
      ["--into", "prod", "--restore-production", "erp"],
      /Cannot restore into prod: the database of prod is prod, but --restore-production names erp\n.*--restore-production prod/,
    ],
    ["a sandbox as production", ["--restore-production", "sandbox"], /sandbox is disposable/],
    [
      "production from another's sets",
      ["--into", "prod", "--from", "sandbox", "--restore-production", "prod"],
      /restored only from its own sets/,
    ],
    ["a sandbox without its backup", ["--without-backup"], /--without-backup needs --restore-production/],
  ];
  for (const [what, args, says] of refusals) {
    it(`refuses ${what}, and changes nothing`, async () => {
      const before = [
        await pair.state("prod"),
        await pair.state("sandbox"),
        (await listSets(pair.store, "prod")).length,
      ];
      const end = await pair.cli("restore", ...args.map((arg) => arg.replace("OUT", pair.folder)));
      assertEquals(end.code, 2, end.stdout);
      assertMatch(end.stderr, says);
      assertEquals(
        [await pair.state("prod"), await pair.state("sandbox"), (await listSets(pair.store, "prod")).length],
        before,
      );
    });
  }

  it("shows with --dry-run what would be replaced, refuses what a restore would, and changes nothing", async () => {
    const before = [await pair.state("prod"), await pair.state("sandbox")];
    const shown = await pair.cli("restore", "--dry-run", "--json");
    assertEquals([shown.code, resultOf(shown.stdout).dryRun, resultOf(shown.stdout).into], [
      0,
      true,
      "sandbox",
    ]);
    const lines = (await pair.cli("restore", "--dry-run")).stdout;
    assertMatch(
      lines,
      /takes the place of what sandbox holds now:\n- the database sandbox at .*\n- the documents in/,
    );
    const refused = await pair.cli("restore", "--dry-run", "--into", "prod", "--restore-production", "erp");
    assertEquals(refused.code, 2, refused.stderr);
    const overwriting = await pair.cli(
      "restore",
      "--dry-run",
      "--into",
      "prod",
      "--restore-production",
      "prod",
    );
    assertEquals(overwriting.code, 0, overwriting.stderr);
    assert(pair.isUp("prod") && pair.isUp("sandbox"));
    assertEquals([await pair.state("prod"), await pair.state("sandbox")], before);
  });

  /** At a terminal, with what is typed there. */
  async function atTerminal(typed: string, ...args: string[]) {
    const main = new URL("../../../src/main.ts", import.meta.url).pathname;
    const line = ["deno", "run", "-A", "--no-check", main, "restore", ...args, "--config", pair.configFile]
      .join(" ");
    const command = new Deno.Command("script", {
      args: ["-qec", line, "/dev/null"],
      env: {
        DB_PASSWORD: pair.prod.database.password!,
        XDG_STATE_HOME: `${pair.folder}/state`,
        TERM: "dumb",
      },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = command.stdin.getWriter();
    const answer = setTimeout(() => writer.write(new TextEncoder().encode(typed)), 0);
    const { code, stdout } = await command.output();
    clearTimeout(answer);
    await writer.close().catch(() => {});
    return { code, screen: new TextDecoder().decode(stdout) };
  }

  it("shows at a terminal what it will replace, and asks, unless a set is named or --yes is said", async () => {
    const before = await pair.state("sandbox");
    const { code, screen } = await atTerminal("n\n");
    assertEquals([code, await pair.state("sandbox")], [2, before], screen);
    assertMatch(screen, /- the database sandbox at [^]*Restore\? \[y\/N\][^]*the answer was no/);
    const yes = await atTerminal("", "--yes");
    assertEquals(yes.code, 0, yes.screen);
    assert(!yes.screen.includes("[y/N]"));
  });

  it("leaves nothing in the folder of a set whose dump was damaged", async () => {
    const dump = `${pair.folder}/store/prod/db/${set}.dump`;
    const whole = await Deno.readFile(dump);
    const broken = whole.slice();
    broken[broken.length >> 1]! ^= 1;
    await Deno.writeFile(dump, broken);
    const end = await pair.cli("restore", "--to", `${pair.folder}/out/broken`);
    await Deno.writeFile(dump, whole);
    assertEquals(end.code, 1, end.stderr);
    assertStringIncludes(end.stderr, "its SHA-256 is");
    assertEquals([...Deno.readDirSync(`${pair.folder}/out`)].map(({ name }) => name), ["deep"]);
  });

  it("overwrites production that was asked for by its database's name: what it was is kept, and nothing is neutralised", async () => {
    await pair.sql("prod", "DELETE FROM llx_facture WHERE rowid > 3", "UPDATE llx_user SET login = 'wrong'");
    await Deno.remove(`${pair.folder}/prod/facture`, { recursive: true });
    const heldUntil = [dayAfter(30)];
    const end = await pair.cli("restore", "--into", "prod", "--restore-production", "prod");
    heldUntil.push(dayAfter(30)); // the day may have changed meanwhile
    assertEquals(end.code, 0, end.stderr);
    assertStringIncludes(end.stderr, `OVERWRITING PRODUCTION: prod (database prod) WITH prod/${set}`);
    const invoices = (await rows("prod")).find(({ table }) => table === "public.llx_facture")?.rows;
    assertEquals([invoices, await login("prod"), pair.isUp("prod")], [500, "admin of prod", true]);
    assertEquals(await constants("prod"), ["DOLIBARR_DRILL_RESTORE", "MAIN_INFO_SOCIETE_NOM"]);
    assert(await Deno.stat(`${pair.folder}/prod/facture/FA3.pdf`));

    const [before] = await listSets(pair.store, "prod");
    assertEquals(before!.manifest.kind, "before-restore");
    assertEquals(
      before!.manifest.db.content.tables.find(({ table }) => table === "public.llx_facture")?.rows,
      3,
    );
    const hold = (await readHolds(pair.store, "prod", () => {})).get(before!.name);
    assert(heldUntil.includes(hold!.until.slice(0, 10)), hold!.until);
    const overwrite = ["--into", "prod", "--restore-production", "prod", "--without-backup"];
    const unnamed = await pair.cli("restore", "latest", ...overwrite); // the state before is newer, and never the latest
    assertEquals(unnamed.code, 2, unnamed.stderr);
    assertMatch(
      unnamed.stderr,
      new RegExp(`Cannot restore latest into prod: latest is prod/${set}: .* older than the newest set`),
    );
    assertStringIncludes(
      unnamed.stderr,
      `dolibarr-drill restore ${set} --into prod --restore-production prod`,
    );
    assertEquals((await listSets(pair.store, "prod")).length, 2);
    const again = await pair.cli("restore", set, ...overwrite);
    assertEquals(again.code, 0, again.stderr);
    assertStringIncludes(again.stderr, `WITH prod/${set}`);
    assertStringIncludes(again.stderr, "NO BACKUP IS TAKEN OF WHAT prod IS NOW");
  });

  it("leaves production as it is where its present state cannot be kept", async () => {
    const before = await pair.state("prod");
    const config = await Deno.readTextFile(pair.configFile);
    const follow = `{ folder: ${pair.folder}/prod, follow: { none: /srv/none } }`; // no backup can read what is not there
    await Deno.writeTextFile(
      pair.configFile,
      config.replace(`documents: ${pair.folder}/prod\n`, `documents: ${follow}\n`),
    );
    const end = await pair.cli("restore", set, "--into", "prod", "--restore-production", "prod");
    await Deno.writeTextFile(pair.configFile, config);
    assertEquals([end.code, await pair.state("prod")], [2, before], end.stderr);
    assertMatch(end.stderr, /Production was not touched.*--without-backup/);
  });
});
