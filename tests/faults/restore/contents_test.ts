/** What a set once could not bring over although its backup was green: large objects, links out of the documents. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { makeVerifier } from "../../../src/backup/verify.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { listArchive } from "../../../src/postgres/programs/archive.ts";
import { quoteIdentifier } from "../../../src/postgres/connection/database.ts";
import { findPrograms } from "../../../src/postgres/programs/programs.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { planRestore } from "../../../src/restore/dump/filter.ts";
import { readable } from "../../../src/restore/dump/bytes.ts";
import { restorableSetOf } from "../../../src/store/sets/restorable_set.ts";
import { restoreDatabase } from "../../../src/restore/load/atomic.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { parseContents } from "../../../src/restore/dump/toc.ts";
import { findSet } from "../../support/store/sets.ts";

const signal = new AbortController().signal;
const quiet = { reporter: silentReporter, signal };

describe("a set", () => {
  let lab: DrillLab;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}/store`);
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await lab.drill({ opensPages: false }); // the sandbox has nothing of these tests left in it
    await lab[Symbol.asyncDispose]();
  });

  const take = async (warnings: string[] = []): Promise<BackupSet> => {
    const { name, manifest } = await backup(lab.prod, store, quiet);
    warnings.push(...manifest.warnings);
    return await findSet(store, "prod", name);
  };
  /** Drills the newest set: all is well but for the pages, at which nobody looked, and for these checks. */
  const passes = async (failed: string[] = []) => {
    const { error, checks, leftOut } = await lab.drill({ store, opensPages: false });
    assertEquals(error?.code, "CHECK_NOT_RUN", error?.message);
    const seen = checks.filter(({ part, required, verdict }) =>
      part !== "browser" && required && verdict !== "pass"
    );
    assertEquals(seen.map(({ id }) => id), failed);
    return leftOut.map(({ what, why }) => `${what} is ${why}`);
  };

  describe("of a database with large objects", () => {
    const OBJECTS = ["SELECT lo_from_bytea(424242, 'COMMIT;')", "SELECT lo_create(424244)"];
    const LARGE = "SELECT lo_from_bytea(424243, convert_to(repeat('a contract ', 20000), 'UTF8'))";
    const COMMENT = "COMMENT ON LARGE OBJECT 424242 IS E'a\\nCOMMIT;\\nBEGIN;\\nb'";
    const RIGHTS = "GRANT SELECT ON LARGE OBJECT 424242 TO PUBLIC";
    /** Each with its owner and the hash of its bytes. */
    const objectsOf = (session: Session) =>
      session.query(
        `SELECT oid::text, pg_get_userbyid(lomowner) AS owner, md5(lo_get(oid)) AS md5, obj_description(oid, 'pg_largeobject') AS comment
         FROM pg_largeobject_metadata ORDER BY oid`,
      );

    beforeAll(async () => {
      await using prod = await lab.provisioner(lab.prod);
      await prod.query(`SET ROLE ${quoteIdentifier(lab.prod.database.owner)}`);
      for (const sql of [...OBJECTS, LARGE, COMMENT, RIGHTS]) await prod.query(sql);
    });
    afterAll(async () => {
      await using prod = await lab.provisioner(lab.prod);
      await prod.query(
        "SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid BETWEEN 424242 AND 424244",
      );
    });

    it("is restored with them, twice over, as the owner role's", async () => {
      const set = await take();
      assertEquals((await makeVerifier(store, quiet).verify(set)).problems, []);
      for (const _ of [1, 2]) await passes();
      await using prod = await lab.provisioner(lab.prod);
      await using sandbox = await lab.provisioner();
      const wanted = (await objectsOf(prod)).map((row) => ({ ...row, owner: lab.sandbox.database.owner }));
      assertEquals(wanted.length, 3);
      assertEquals(await objectsOf(sandbox), wanted);
    });

    const hostile: [what: string, sql: string, code: string, message: RegExp][] = [
      ["one too few", "SELECT lo_unlink(424244);", "CONTENT_DIFFERS", /2 large objects, the dump names 3/],
      ["one too many", "SELECT lo_create(424245);", "CONTENT_DIFFERS", /4 large objects, the dump names 3/],
      ["a COMMIT that pg_restore does not write", "commit;", "TRANSACTION_BROKEN", /ends the restoring/],
    ];
    for (const [what, sql, code, message] of hostile) {
      it(`is refused with ${what} among their bytes, and the sandbox is as it was`, async () => {
        const set = await take();
        const programs = await findPrograms(150_000);
        const fake = `${folder.path}/pg_restore-${crypto.randomUUID()}`;
        const only = `grep -q BLOBS "\${list#--use-list=}" || exit 0`;
        const script =
          `${programs.pgRestore} "$@" || exit\nfor list; do case $list in --use-list=*) ${only};; esac; done`;
        await Deno.writeTextFile(fake, `#!/bin/sh\n${script}\necho '${sql}'\n`, { mode: 0o755 });
        const { key } = set.manifest.db.objects[0]!;
        const list = await listArchive({ name: key, bytes: store.get(key) }, programs, signal);
        const before = await lab.sandboxState();
        const { name, dump, tables } = restorableSetOf(set);
        const restoring = restoreDatabase(
          {
            source: { name, dump: readable(store, dump), tables },
            plan: planRestore(parseContents(list, key)),
            programs: { ...programs, pgRestore: fake },
          },
          lab.sandbox.database,
          { id: crypto.randomUUID(), beforeCommit: () => Promise.resolve(), ...quiet },
        );
        const error = await assertRejects(() => restoring, DrillError);
        assertEquals([error.code, await lab.sandboxState() === before], [code, true], error.message);
        assertMatch(error.message, message);
      });
    }
  });

  describe("of documents with a link out of them", () => {
    const links = ["abs", "up", "near"].map((name) => `x-links/${name}`);
    const inProd = (path: string) => `${lab.prod.documents}/${path}`;
    beforeAll(() => {
      Deno.mkdirSync(inProd("x-links"));
      for (const [at, target] of ["/etc/passwd", "../../etc/passwd", "."].entries()) {
        Deno.symlinkSync(target, inProd(links[at]!));
      }
    });
    afterAll(() => Deno.removeSync(inProd("x-links"), { recursive: true }));

    it("is restored without it, and each backup says so", async () => {
      const wanted = [
        "x-links/abs is a link out of the documents, to /etc/passwd: it is not in the backup",
        "x-links/up is a link out of the documents, to ../../etc/passwd: it is not in the backup",
      ];
      const [first, second]: [string[], string[]] = [[], []];
      const one = await take(first);
      const two = await take(second);
      assertEquals([first, second], [wanted, wanted]);
      assertEquals(two.manifest.docs.objects, one.manifest.docs.objects, "the archive is named again");
      assertEquals((await makeVerifier(store, quiet).verify(two)).problems, []);
      const leftOut = await passes(["documents.links"]); // what lies behind them is in no backup
      assertEquals(leftOut.filter((line) => line.startsWith("x-links/")), wanted);
      const found = Array.from(Deno.readDirSync(`${lab.sandbox.documents}/x-links`), ({ name }) => name);
      assertEquals(found, ["near"]);
    });

    it("has no more than 50 lines of warnings", async () => {
      for (let at = 0; at < 60; at++) Deno.symlinkSync("/etc/passwd", inProd(`x-links/more-${at}`));
      const [first, second]: [string[], string[]] = [[], []];
      await take(first);
      await take(second);
      assertEquals([first.length, first.at(-1)], [51, "and 12 more of the documents"]);
      assertEquals(second, first);
    });
  });
});
