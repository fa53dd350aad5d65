/** A sandbox is put back to its checkpoint whatever was done to it, and what cannot be trusted changes nothing. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { DrillError, type ErrorCode, exitStatusOf } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { digestOf, readFile } from "../../../src/base/streams.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { checkpoint, resetAfterwards } from "../../../src/restore/checkpoint/checkpoint.ts";
import { savedDocumentsRecord } from "../../../src/restore/checkpoint/records.ts";
import { savedDatabaseRecord } from "../../../src/restore/checkpoint/saved_database.ts";
import { checkpointPlace, writeResetNote } from "../../../src/restore/checkpoint/folder.ts";
import { readSealed, writeSealed } from "../../../src/base/sealed_file.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { resultOf, runCli, spawnCli } from "../../support/cli.ts";
import { loadExample } from "../../support/examples.ts";
import { type Edit, edits, wordsOf } from "../../support/checkpoint/reset_edits.ts";
import { type ResetSandbox, startResetSandbox } from "../../support/checkpoint/reset_sandbox.ts";
import { until } from "../../support/until.ts";

const SOME_EDITS = [
  "DELETE FROM invoice WHERE id = 20",
  "UPDATE customer SET name = 'another' WHERE id = 5",
  "INSERT INTO loose VALUES ('same', 0.1)",
];

describe("a reset", () => {
  let sandbox: ResetSandbox;
  let documents: string;
  let kept: string;
  let folder: string;
  beforeAll(async () => {
    sandbox = await startResetSandbox();
    documents = sandbox.environment.documents;
    kept = await sandbox.state();
    folder = (await sandbox.checkpoint()).folder;
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());

  describe("after a hundred random edits", () => {
    async function make(edits: readonly Edit[]): Promise<number> {
      let done = 0;
      for (const edit of edits) {
        try {
          if ("sql" in edit) await sandbox.session.query(edit.sql);
          else edit.file(documents);
          done++;
        } catch (error) {
          // what the database or the disk refuses has changed nothing
          if ("sql" in edit ? !(error instanceof DrillError) : !(error instanceof Error)) throw error;
        }
      }
      return done;
    }

    for (const definitions of [false, true]) {
      it(`equals the checkpoint, to the hash${definitions ? ", also when the schema was edited" : ""}`, async () => {
        let [done, different] = [0, 0];
        const property = fc.asyncProperty(edits(100, definitions), async (list) => {
          done += await make(list);
          if (await sandbox.state() !== kept) different++;
          const { how } = await sandbox.reset();
          assertEquals(await sandbox.state(), kept, list.map(wordsOf).join("\n"));
          if (!definitions) assertEquals(how, "rows", list.map(wordsOf).join("\n"));
        });
        await fc.assert(property, { numRuns: 3, seed: Number(definitions) + 1, endOnFailure: true });
        assertEquals(different, 3);
        assert(done > 120, `only ${done} edits could be made`);
      });
    }
  });

  it("says what it put back, and touches nothing else", async () => {
    await sandbox.sql(...SOME_EDITS, "SELECT nextval('lonely')");
    await Deno.writeTextFile(`${documents}/facture/FA3.pdf`, "another");
    await Deno.remove(`${documents}/facture/FA4.pdf`);
    await Deno.writeTextFile(`${documents}/new.pdf`, "new");
    await Deno.writeTextFile(`${documents}/mycompany/temp/excluded`, "left alone");
    const [untouched] = await sandbox.session.query(
      "SELECT xmin::text, ctid::text FROM customer WHERE id = 1",
    );
    const { how, tables, sequences, files } = await sandbox.reset();
    const told = tables.map(({ table, deleted, inserted }) => `${table} -${deleted} +${inserted}`).sort();
    assertEquals(
      told,
      [
        "public.audit -3 +0", // what the triggers wrote for the lines that went with the invoice
        "public.customer -1 +1",
        "public.invoice -0 +1",
        "public.line -0 +3",
        "public.loose -1 +0",
        "public.payment -0 +0",
      ].filter((line) => !line.startsWith("public.payment")),
    );
    assertEquals([how, sequences], ["rows", ["public.lonely"]]);
    assertEquals(files.removed, ["new.pdf"]);
    assertEquals(files.put, ["facture/FA3.pdf", "facture/FA4.pdf"]);
    assertEquals(
      await sandbox.session.query("SELECT xmin::text, ctid::text FROM customer WHERE id = 1"),
      [untouched],
    );
    assertEquals(await Deno.readTextFile(`${documents}/mycompany/temp/excluded`), "left alone");
    await Deno.remove(`${documents}/mycompany/temp/excluded`);
    assertEquals(await sandbox.state(), kept);
  });

  it("finds nothing to do on what it has put back", async () => {
    await sandbox.reset();
    const { tables, sequences, files } = await sandbox.reset();
    assertEquals([tables, sequences, files], [[], [], { removed: [], put: [], mended: [] }]);
  });

  it("leaves a folder with something excluded in it where it is", async () => {
    await Deno.mkdir(`${documents}/later/temp`, { recursive: true });
    await Deno.writeTextFile(`${documents}/later/temp/x`, "left alone");
    await Deno.writeTextFile(`${documents}/later/gone`, "");
    await sandbox.reset();
    assertEquals([...Deno.readDirSync(`${documents}/later`)].map(({ name }) => name), ["temp"]);
    await Deno.remove(`${documents}/later`, { recursive: true });
    assertEquals(await sandbox.state(), kept);
  });

  it("puts large objects back", async () => {
    await sandbox.sql("SELECT lo_put(4711, 0, 'L')");
    const { how, why } = await sandbox.reset();
    assertEquals([how, why], ["reloaded", "its large objects differ"]);
    assertEquals(await sandbox.state(), kept);
  });

  it("comes by itself at the end of a test", async () => {
    const options = {
      protectedOnes: sandbox.protectedOnes,
      reporter: silentReporter,
      signal: new AbortController().signal,
    };
    {
      await using kept = await resetAfterwards(sandbox.environment, sandbox.store, options);
      await sandbox.sql(...SOME_EDITS);
      assertEquals((await kept.reset()).tables.length, 5);
      await sandbox.sql(...SOME_EDITS);
    }
    assertEquals(await sandbox.state(), kept);
    folder = (await sandbox.checkpoint()).folder;
  });

  it("and a checkpoint work as the examples of their documentation say", async () => {
    const load = (module: string, name: string) =>
      loadExample(new URL(`../../../src/restore/${module}`, import.meta.url), name, sandbox.folder);
    const { save } = await load("checkpoint/checkpoint.ts", "checkpoint");
    const { trial } = await load("checkpoint/checkpoint.ts", "resetAfterwards");
    const { undo } = await load("reset/reset.ts", "reset");
    const given = [sandbox.environment, sandbox.store, {
      protectedOnes: sandbox.protectedOnes,
      reporter: silentReporter,
      signal: new AbortController().signal,
    }];
    assertEquals(await trial(...given), ["tried.txt"]);
    assertEquals(await sandbox.state(), kept);
    const { tables, files } = await save(...given);
    assert(tables > 10 && files > 10, `${tables} tables, ${files} files`);
    await sandbox.sql(...SOME_EDITS);
    await Deno.writeTextFile(`${documents}/tried.txt`, "a change");
    const undone = await undo(...given);
    assertEquals([undone.tables.includes("public.customer"), undone.removed], [true, ["tried.txt"]]);
    assertEquals(await sandbox.state(), kept);
    folder = (await sandbox.checkpoint()).folder;
  });

  describe("while others work", () => {
    it("waits for who has written, and then goes on", async () => {
      await using other = await connect(sandbox.environment.database);
      await other.query("BEGIN");
      await other.query("UPDATE customer SET name = 'under way' WHERE id = 2");
      const resetting = sandbox.reset();
      resetting.catch(() => undefined); // awaited below
      await using watcher = await connect(sandbox.environment.database);
      await until("the reset has asked for the tables", async () => {
        const [row] = await watcher.query<{ n: number }>(
          "SELECT count(*)::integer AS n FROM pg_stat_activity WHERE query ~ 'drill.locked' AND pid <> pg_backend_pid()",
        );
        return row!.n > 0;
      });
      await other.query("COMMIT");
      const { tables } = await resetting;
      assertEquals(tables.map(({ table }) => table), ["public.customer"]);
      assertEquals(await sandbox.state(), kept);
    });

    it("does not wait for who only reads", async () => {
      await sandbox.sql(...SOME_EDITS);
      await using other = await connect(sandbox.environment.database);
      await other.query("BEGIN");
      await other.query("SELECT count(*) FROM counter");
      await sandbox.reset();
      await other.query("COMMIT");
      assertEquals(await sandbox.state(), kept);
    });

    it("names who has a table in use, and changes nothing", async () => {
      await sandbox.sql(...SOME_EDITS);
      const before = await sandbox.state();
      await using other = await connect(sandbox.environment.database);
      await other.query("BEGIN");
      await other.query("LOCK TABLE counter IN ROW EXCLUSIVE MODE");
      const error = await assertRejects(() => sandbox.reset({ waits: 200 }), DrillError);
      assertEquals(error.code, "DATABASE_LOCKED");
      assertMatch(
        error.details.join(),
        /^counter is in use by process \d+ \(erp_owner, dolibarr-drill\), for \d+ s$/,
      );
      await other.query("ROLLBACK");
      assertEquals(await sandbox.state(), before);
      await sandbox.reset();
    });

    it("never takes a page down that writes one table after the other", async () => {
      let stop = false;
      const page = async () => {
        await using other = await connect(sandbox.environment.database);
        let pages = 0;
        for (; !stop; pages++) {
          await other.query("BEGIN");
          await other.query("UPDATE loose SET n = n");
          await other.query("UPDATE counter SET note = note");
          await other.query("UPDATE base SET name = 'page'");
          await other.query("COMMIT");
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return pages;
      };
      const pages = [page(), page()];
      for (let times = 0; times < 5; times++) await sandbox.reset();
      stop = true;
      for (const served of await Promise.all(pages)) assert(served > 5);
      await sandbox.reset();
      assertEquals(await sandbox.state(), kept);
    });
  });

  describe("of a checkpoint that cannot be trusted", () => {
    let base: string;
    beforeAll(async () => {
      folder = (await sandbox.checkpoint()).folder;
      base = (await checkpointPlace(sandbox.environment)).base;
      await copyTree(base, `${sandbox.folder}/whole`);
    });
    beforeEach(async () => {
      await sandbox.sql(...SOME_EDITS);
      await Deno.writeTextFile(`${documents}/facture/FA3.pdf`, "another");
    });
    afterEach(async () => {
      await copyTree(`${sandbox.folder}/whole`, base);
      await sandbox.reset();
      assertEquals(await sandbox.state(), kept);
    });

    async function refuses(code: ErrorCode, exit: number, message: RegExp): Promise<void> {
      const before = await sandbox.state();
      const error = await assertRejects(() => sandbox.reset(), DrillError);
      assertEquals([error.code, exitStatusOf(error.code)], [code, exit], error.message);
      assertMatch(`${error.message}\n${error.hint}`, message);
      assertEquals(await sandbox.state(), before);
    }
    const saved = async () => (await readSealed(`${folder}/database.json`, savedDatabaseRecord))!;
    const copyOf = async (table: string) => {
      const copy = (await saved()).copies.find((one) => one.table === table);
      return `${folder}/${copy!.file}`;
    };

    const damages: [what: string, file: () => Promise<string>, message: RegExp][] = [
      ["a table's rows", () => copyOf("public.customer"), /\.copy: its SHA-256 is/],
      ["a document", () => contentOf("facture/FA3.pdf"), /put facture\/FA3\.pdf back: .* its bytes are not/],
      ["the description of the database", () => Promise.resolve(`${folder}/database.json`), /database\.json/],
      ["the list of the documents", () => Promise.resolve(`${folder}/documents.json`), /documents\.json/],
    ];
    async function contentOf(path: string): Promise<string> {
      const list = await readSealed(`${folder}/documents.json`, savedDocumentsRecord);
      const { sha256 } = list!.entries.find((entry) => entry.path === path)!;
      return `${folder}/documents/${sha256!.slice(0, 2)}/${sha256}`;
    }
    for (const [what, file, message] of damages) {
      it(`changes nothing where a bit of ${what} was flipped`, async () => {
        const path = await file();
        const bytes = await Deno.readFile(path);
        bytes[bytes.length >> 1]! ^= 1;
        await Deno.writeFile(path, bytes);
        await refuses("OBJECT_CORRUPT", 1, message);
      });
    }

    it("changes nothing where a bit of the dump was flipped, and it is needed", async () => {
      await sandbox.sql("ALTER TABLE moods ADD COLUMN more text");
      const bytes = await Deno.readFile(`${folder}/database.dump`);
      bytes[bytes.length >> 1]! ^= 4;
      await Deno.writeFile(`${folder}/database.dump`, bytes);
      await refuses("OBJECT_CORRUPT", 1, /database\.dump: its SHA-256 is/);
    });

    it("changes nothing where a COMMIT hides in the dump, and it is needed", async () => {
      await sandbox.sql("ALTER TABLE moods ADD COLUMN more text");
      const path = `${folder}/database.dump`;
      const dump = Buffer.from(await Deno.readFile(path));
      const comment = "COMMENT ON COLUMN public.moods.at IS 'when';";
      assert(dump.includes(comment));
      dump.write("COMMIT;".padEnd(comment.length), dump.indexOf(comment));
      await Deno.writeFile(path, new Uint8Array(dump));
      const description = await saved();
      description.dump = await digestOf(readFile(path));
      await writeSealed(`${folder}/database.json`, savedDatabaseRecord, description);
      await refuses("TRANSACTION_BROKEN", 1, /^Cannot trust the dump of the checkpoint of .*: it ends the/);
    });

    it("says that its copy of a table lacks a row, and takes the dump instead", async () => {
      const description = await saved();
      const copy = description.copies.find(({ table }) => table === "public.loose")!;
      const path = `${folder}/${copy.file}`;
      const lines = (await Deno.readTextFile(path)).split("\n");
      await Deno.writeTextFile(path, lines.slice(1).join("\n"));
      Object.assign(copy, await digestOf(readFile(path)));
      await writeSealed(`${folder}/database.json`, savedDatabaseRecord, description);
      const { how, why } = await sandbox.reset();
      assertEquals([how, why], [
        "reloaded",
        "to put its rows back was not enough: public.loose: 8 rows, the backup has 9",
      ]);
      assertEquals(await sandbox.state(), kept);
    });

    it("changes nothing where neither the copies nor the dump make it equal", async () => {
      const description = await saved();
      description.state.tables.find(({ table }) => table === "public.customer")!.hash = "1";
      await writeSealed(`${folder}/database.json`, savedDatabaseRecord, description);
      await refuses("CONTENT_DIFFERS", 1, /public\.customer: 12 rows, but their content differs/);
    });

    it("looks at everything again where what it remembered is damaged", async () => {
      await Deno.writeTextFile(`${folder}/found.json`, "{}");
      await sandbox.reset();
      assertEquals(await sandbox.state(), kept);
    });

    it("is refused where it is of another database", async () => {
      const description = await saved();
      description.database.databaseOid = "1";
      await writeSealed(`${folder}/database.json`, savedDatabaseRecord, description);
      await refuses("TARGET_REFUSED", 2, /is of another database with the same name/);
    });

    it("is refused where a newer version made it", async () => {
      const sealed = JSON.parse(await Deno.readTextFile(`${folder}/database.json`));
      await Deno.writeTextFile(
        `${folder}/database.json`,
        JSON.stringify({ ...sealed, format: 9, minReader: 9 }),
      );
      await refuses("STORE_NEWER", 2, /of format 9, this version knows 2/);
    });

    it("is refused where a part of it is gone", async () => {
      await Deno.remove(`${folder}/documents.json`);
      await refuses("OBJECT_CORRUPT", 1, /a part of its checkpoint in .* is missing/);
    });

    it("is refused where there is none, with the verb that makes one", async () => {
      await Deno.remove(`${base}/current.json`);
      await refuses("NO_SET", 2, /it has no checkpoint in .*\n.*dolibarr-drill checkpoint --env sandbox/);
    });

    it("is refused where the environment does not pass the gate", async () => {
      const protectedOne = { ...sandbox.environment, disposable: false };
      const before = await sandbox.state();
      for (const verb of [sandbox.reset, sandbox.checkpoint]) {
        const error = await assertRejects(() => verb({ environment: protectedOne }), DrillError);
        assertEquals([error.code, error.details], ["TARGET_REFUSED", [
          "sandbox does not say `disposable: true`",
        ]]);
      }
      assertEquals(await sandbox.state(), before);
    });
  });

  describe("that is cut off", () => {
    it("leaves the checkpoint that was there, where it was a checkpoint", async () => {
      await sandbox.reset();
      await sandbox.sql(...SOME_EDITS);
      const controller = new AbortController();
      const reporter = {
        ...silentReporter,
        step: (title: string) => {
          if (title.startsWith("Copying")) controller.abort();
          return silentReporter.step(title);
        },
      };
      {
        await using lease = await takeLease(sandbox.store, "sandbox", "checkpoint");
        const asked = { protectedOnes: sandbox.protectedOnes, lease, reporter, signal: controller.signal };
        await assertRejects(() => checkpoint(sandbox.environment, sandbox.store, asked), Error);
      }
      await sandbox.reset();
      assertEquals(await sandbox.state(), kept);
    });

    it("is not kept as a checkpoint before it was finished", async () => {
      await writeResetNote(await checkpointPlace(sandbox.environment));
      const error = await assertRejects(() => sandbox.checkpoint(), DrillError);
      assertEquals(error.code, "TARGET_UNFIT");
      assertStringIncludes(error.hint, "dolibarr-drill reset --env sandbox");
      await sandbox.reset();
      await sandbox.checkpoint();
    });

    it("is finished by the next one, wherever it was killed", async () => {
      const cli = ["--config", await sandbox.configFile()];
      const env = { DB_PASSWORD: sandbox.environment.database.password! };
      const first = await runCli(["checkpoint", ...cli], { env });
      assertEquals(first.code, 0, first.stderr);
      const killed: boolean[] = [];
      for (const step of ["progress", "with its checkpoint", "Comparing the documents"]) {
        await sandbox.sql(...SOME_EDITS, "UPDATE audit SET what = what || 'x'");
        for (let at = 0; at < 12; at++) {
          await Deno.writeTextFile(`${documents}/facture/FA${at}.pdf`, `other ${killed.length}`);
        }
        const child = spawnCli(["reset", "--json", ...cli], { env });
        const ignored = child.stderr.pipeTo(new WritableStream());
        let reached = false;
        for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
          if (reached || !text.includes(step)) continue;
          reached = true;
          child.kill("SIGKILL");
        }
        assert(reached, step);
        await ignored;
        killed.push((await child.status).signal === "SIGKILL");
        const { code, stdout, stderr } = await runCli(["reset", "--json", ...cli], { env });
        assertEquals([code, resultOf(stdout).verdict], [0, "pass"], stderr);
        assertEquals(await sandbox.state(), kept);
      }
      assert(killed.includes(true));
    });
  });

  it("prints what it put back as a table", async () => {
    const cli = ["--config", await sandbox.configFile()];
    const env = { DB_PASSWORD: sandbox.environment.database.password! };
    await sandbox.sql(...SOME_EDITS);
    const { code, stdout } = await runCli(["reset", ...cli], { env });
    assertEquals(code, 0);
    assertMatch(stdout, /^public\.customer +1 row removed +1 row put back$/m);
    assertMatch(stdout, /^public\.loose +1 row removed$/m);
    assertMatch(
      stdout,
      /^sandbox equals its checkpoint, saved .*: every table, sequence and file was compared/m,
    );
  });
});

async function copyTree(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'rm -rf "$2" && cp -a "$1" "$2"', "sh", from, to],
  })
    .output();
  assert(success);
}
