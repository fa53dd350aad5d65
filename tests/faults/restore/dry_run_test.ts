/** `--dry-run` of every verb that changes something: it says what would be done, ends as the verb would, and changes nothing. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { thisProcess } from "../../../src/base/process/holder.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import { prepareSwap } from "../../../src/documents/swap/swap.ts";
import { writeStopped } from "../../../src/platform/local/stopped_note.ts";
import { resultOf } from "../../support/cli.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

describe("a dry run", () => {
  let pair: SmallPair;
  let out: string;

  beforeAll(async () => {
    pair = await startSmallPair();
    out = `${pair.folder}/out`;
    await pair.sql(
      "sandbox",
      "ALTER TABLE llx_user ADD IF NOT EXISTS lastname text",
      "CREATE TABLE IF NOT EXISTS llx_user_rights (fk_user integer)",
    );
    await Deno.mkdir(`${pair.folder}/volume`);
    await Deno.writeTextFile(`${pair.folder}/volume/a.jpg`, "elsewhere");
    await Deno.symlink(`${pair.folder}/volume`, `${pair.folder}/prod/produit`);
    assertEquals((await pair.cli("backup")).code, 0);
    assertEquals((await pair.cli("checkpoint")).code, 0);
    await Deno.writeTextFile(`${pair.folder}/sandbox/facture/FA1.pdf`, "changed since the checkpoint");
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  /** Everything that is there: both databases, and every entry below the folder with its time: a lease leaves its trace. */
  async function everything(): Promise<string> {
    const entries: string[] = [];
    const visit = (folder: string) => {
      for (const { name, isDirectory } of Deno.readDirSync(folder)) {
        const path = `${folder}/${name}`;
        const { mtime, size } = Deno.lstatSync(path);
        entries.push(`${path} ${mtime?.getTime()} ${size}`);
        if (isDirectory) visit(path);
      }
    };
    visit(pair.folder);
    return sha256Of(JSON.stringify([entries.sort(), await pair.state("prod"), await pair.state("sandbox")]));
  }

  /** Runs it, and compares everything. */
  async function dry(args: string[], code = 0) {
    const before = await everything();
    const end = await pair.cli(...args, "--dry-run");
    assertEquals(end.code, code, `${args.join(" ")}: ${end.stdout}${end.stderr}`);
    assertEquals(await everything(), before, args.join(" "));
    if (code === 0) assertStringIncludes(end.stdout + end.stderr, "Nothing was changed: this was a dry run");
    return end;
  }

  it("of a backup says what of each half is new, and that it would be suspect, with that status", async () => {
    assertMatch(
      (await dry(["backup"])).stdout,
      /the database: 263 tables with 502 rows; unchanged, the dump of \w+ would be used again\nthe documents: 25 files; unchanged/,
    );
    await pair.sql("prod", "INSERT INTO llx_facture SELECT 501, 'FA501'");
    await Deno.writeTextFile(`${pair.folder}/prod/facture/FA1.pdf`, "other bytes");
    const changed = await dry(["backup"]);
    assertMatch(
      changed.stdout,
      /a new dump would be made: it changed since \w+\n.*a new archive would be made: facture\/FA1\.pdf/,
    );
    assertMatch((await dry(["backup", "--half", "docs"])).stdout, /^the documents: [^\n]+\nNothing/);
    await pair.sql("prod", "DELETE FROM llx_facture WHERE rowid > 10");
    const lost = await dry(["backup"], 1);
    assertMatch(lost.stderr, /would be suspect: its state looks lost: /);
    const { code, exit, dryRun } = resultOf((await pair.cli("backup", "--dry-run", "--json")).stdout);
    assertEquals([code, exit, dryRun], ["SET_SUSPECT", 1, true]);
    assertEquals((await pair.cli("backup")).code, 1, "as the backup itself ends");
  });

  it("of accept-suspect says what would be accepted, and refuses what is not suspect", async () => {
    const suspect = [...Deno.readDirSync(`${pair.folder}/store/prod/manifests`)].map(({ name }) => name)
      .sort().at(-1)!;
    const set = suspect.replace(".json", "");
    assertStringIncludes(
      (await dry(["accept-suspect", set, "--reason", "purged"])).stdout,
      `prod/${set} would be accepted as it is: purged by `,
    );
    await dry(["accept-suspect", "latest", "--reason", "purged"], 2);
  });

  it("of keep says what would be held and released", async () => {
    const until = `${new Date().getUTCFullYear() + 1}-06-30`;
    assertMatch(
      (await dry(["keep", "latest", "--until", until, "--reason", "audit"])).stdout,
      /would be held until \d{4}-06-30: audit/,
    );
    assertMatch((await dry(["keep", "latest", "--release"])).stdout, /its hold would end/);
    await dry(["keep", "20200101T000000Z", "--release"], 2);
  });

  it("of findings accept and withdraw says whose decision would be which, and refuses what there is not", async () => {
    const [id, other] = ["produit", "other"].map((name) => `documents.links/${name}/not-in-backup`) as [
      string,
      string,
    ];
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const accept = (of: string) => ["findings", "accept", of, "--until", until, "--reason", "elsewhere"];
    assertStringIncludes((await dry(accept(id))).stdout, `${id} would be accepted until ${until}: elsewhere`);
    await dry(["findings", "withdraw", id], 2);
    await dry(accept(other), 2);
    assertEquals((await pair.cli(...accept(id))).code, 0);
    assertStringIncludes(
      (await dry(["findings", "withdraw", id])).stdout,
      `${id} would no longer be accepted`,
    );
  });

  it("of extract and restore --to names the files that would be written, and refuses what is in the way", async () => {
    assertMatch(
      (await dry(["extract", "latest", "--document", "facture/FA2.pdf", "--to", out])).stdout,
      /out {2}would be written, 23 B, from prod\//,
    );
    assertMatch(
      (await dry(["extract", "latest", "--table", "facture", "--to", out])).stdout,
      /would be written: rows of llx_facture of prod\//,
    );
    await dry(["extract", "latest", "--document", "facture/none.pdf", "--to", out], 2);
    assertMatch((await dry(["restore", "latest", "--to", out])).stdout, /database\.dump {2}would be written/);
    await dry(["restore", "latest", "--to", pair.folder], 2);
  });

  it("of restore, refresh and drill says what would be replaced", async () => {
    for (const verb of [["restore", "latest"], ["refresh", "--set", "latest"], ["drill"]]) {
      assertMatch((await dry(verb)).stdout, /- the database sandbox at 127\.0\.0\.1/);
    }
  });

  it("of checkpoint and reset says what would be saved and put back, and refuses production as they do", async () => {
    assertMatch((await dry(["checkpoint"])).stdout, /sandbox: would be saved in \S+, .*: 25 files of/);
    assertMatch(
      (await dry(["reset"])).stdout,
      /facture\/FA1\.pdf +would be put back\nsandbox would equal its checkpoint, saved .* ago/,
    );
    for (const verb of ["checkpoint", "reset"]) {
      const { stderr } = await dry([verb, "--env", "prod"], 2);
      assertEquals(stderr, (await pair.cli(verb, "--env", "prod")).stderr, "as the verb itself says it");
    }
  });

  it("of fix-ownership is its list, also with --apply", async () => {
    await dry(["fix-ownership"]);
    await dry(["fix-ownership", "--apply"]);
  });

  it("of rearm says what would be finished, undone and started, and that there is nothing", async () => {
    assertMatch((await dry(["rearm"])).stdout, /The ERP +ok +there is nothing to do/);
    const { state, documents } = pair.sandbox;
    await prepareSwap({ root: documents, state }, crypto.randomUUID());
    writeStopped(state, {
      environment: "sandbox",
      since: "2026-11-20T03:00:00.000Z",
      holder: { ...thisProcess(), pid: 1, start: "none" },
      wasUp: true,
    });
    await pair.sql("sandbox", "INSERT INTO llx_user SELECT 2, 'dolibarr-drill-x', 'dolibarr-drill'");
    const { stdout } = await dry(["rearm"]);
    assertMatch(
      stdout,
      /Documents .* would be done +the restore had not been committed: the old documents would be put back/,
    );
    assertMatch(
      stdout,
      /The ERP +would be done +process 1 on .* stopped it at 2026-11-20.*; it would be started/,
    );
    const { code, stdout: done } = await pair.cli("rearm");
    assertEquals(code, 0, done);
  });
});
