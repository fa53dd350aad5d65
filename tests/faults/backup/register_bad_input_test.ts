/** Registers that are another version's, another company's, old, or of an ERP that was upgraded in between. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { gunzipSync, gzipSync } from "node:zlib";
import { registerFindings } from "../../../src/backup/register/in_snapshot.ts";
import { readEarlierRegisters } from "../../../src/backup/register/stored.ts";
import type { MadeRegister } from "../../../src/backup/register/register.ts";
import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { contentSettingsSql } from "../../../src/postgres/catalogue/content.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { registerKey } from "../../../src/store/keys.ts";
import type { RegisterHead } from "../../../src/store/records/register/head.ts";
import { RegisterWriter } from "../../../src/store/records/register/text.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { registerAfter, registerOf as registerIn } from "../../support/lab/register_of.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const why = await whyNoDolibarr();
const [OLD, NEW, LATER] = ["20261101T030000Z", "20261102T030000Z", "20261103T030000Z"];

describe("a register after an upgrade of Dolibarr", () => {
  let lab: DrillLab;
  let session: Session;
  let first: MadeRegister;
  const INVOICE = "(SELECT max(rowid) FROM llx_facture WHERE fk_statut > 0 AND type = 0)";

  const registerOf = (earlier?: MadeRegister, set = NEW): Promise<MadeRegister> =>
    registerIn(session, set, earlier);
  const after = (...statements: string[]): Promise<MadeRegister> =>
    registerAfter(session, NEW, first, statements);

  beforeAll(async () => {
    lab = await startDrillLab(why === undefined ? "real" : "stand-in");
    session = await lab.provisioner(lab.prod);
    await session.query("BEGIN");
    await session.query(contentSettingsSql());
    first = await registerOf(undefined, OLD);
  });
  afterAll(async () => {
    await session.query("ROLLBACK");
    await session[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  const UPGRADES: [what: string, statement: string, isTold: boolean][] = [
    ["a column came", "ALTER TABLE llx_facture ADD COLUMN vat_new integer", false],
    ["a column went that is hashed", "ALTER TABLE llx_facture DROP COLUMN multicurrency_tx CASCADE", true],
    ["a column has another type", "ALTER TABLE llx_facture ALTER multicurrency_tx TYPE numeric(30,10)", true],
  ];
  for (const [what, statement, isTold] of UPGRADES) {
    it(`is no finding where ${what}`, async () => {
      const { faults, head } = await after(statement);
      assertEquals([faults, head.standing], [[], []]);
      const told = head.notes.filter((note) =>
        note.startsWith("llx_facture: its columns are others than in")
      );
      assertEquals(told.length, isTold ? 1 : 0, JSON.stringify(head.notes));
    });

    it(`finds another total all the same where ${what}`, async () => {
      const { faults } = await after(
        statement,
        `UPDATE llx_facture SET total_ttc = total_ttc + 10 WHERE rowid = ${INVOICE}`,
      );
      assertEquals(faults.map(({ kind }) => kind), ["altered"]);
    });
  }

  it("says which table is not compared where one lacks a column that is told, and is of both nights after that", async () => {
    await session.query("SAVEPOINT upgrade");
    await session.query("ALTER TABLE llx_paiement RENAME COLUMN amount TO amount_new");
    const second = await registerOf(first);
    assertEquals(second.faults, []);
    assertMatch(second.head.notes.join("\n"), /llx_paiement is not compared: this database does not have it/);
    assertEquals((await registerOf(second, LATER)).faults, []);
    await session.query("ROLLBACK TO SAVEPOINT upgrade");
  });

  it("goes on telling what was altered before, though its hash can no longer be compared", async () => {
    await session.query("SAVEPOINT upgrade");
    await session.query(
      `UPDATE llx_facturedet SET description = 'other' WHERE rowid = (SELECT min(rowid) FROM llx_facturedet WHERE fk_facture = ${INVOICE})`,
    );
    const second = await registerOf(first);
    await session.query("ALTER TABLE llx_facturedet ALTER multicurrency_subprice TYPE numeric(30,10)");
    const third = await registerOf(second, LATER);
    const fourth = await registerOf(third, "20261104T030000Z");
    assertEquals([second, third, fourth].map(({ faults }) => faults.map(({ key, kind }) => [key, kind])), [
      [[second.faults[0]!.key, "altered"]],
      [[second.faults[0]!.key, "altered"]],
      [[second.faults[0]!.key, "altered"]],
    ]);
    assertEquals(fourth.histories, [{ since: NEW, stillRightIn: OLD }]);
    await session.query("ROLLBACK TO SAVEPOINT upgrade");
  });

  it("keeps what stands in a table that is not compared, and its finding, until it is again", async () => {
    await session.query("SAVEPOINT upgrade");
    await session.query(
      "UPDATE llx_paiement SET amount = amount + 1 WHERE rowid = (SELECT max(rowid) FROM llx_paiement)",
    );
    const second = await registerOf(first);
    await session.query("ALTER TABLE llx_paiement RENAME COLUMN amount TO amount_new");
    const third = await registerOf(second, LATER);
    assertEquals(third.head.standing, second.head.standing);
    // the finding is not over: nothing counts as looked at
    assertEquals([registerFindings(second).covers.length > 0, registerFindings(third).covers], [true, []]);
    await session.query("ALTER TABLE llx_paiement RENAME COLUMN amount_new TO amount");
    const fourth = await registerOf(third, "20261104T030000Z");
    assertEquals([fourth.faults, fourth.head.notCompared], [second.faults, undefined]);
    await session.query("ROLLBACK TO SAVEPOINT upgrade");
  });

  it("compares with a register of a year ago as with one of last night", async () => {
    const old = await registerOf(undefined, "20251101T030000Z");
    assertEquals((await registerOf(old)).faults, []);
    await session.query("SAVEPOINT year");
    await session.query(`UPDATE llx_facture SET total_ttc = total_ttc + 10 WHERE rowid = ${INVOICE}`);
    const { faults, histories } = await registerOf(old);
    assertEquals(faults.map(({ kind }) => kind), ["altered"]);
    assertEquals(histories, [{ since: NEW, stillRightIn: "20251101T030000Z" }]);
    await session.query("ROLLBACK TO SAVEPOINT year");
  });
});

describe("the register that a night is compared with", () => {
  const HEAD: RegisterHead = {
    ...{ environment: "prod", set: OLD, algorithm: "x", settings: {}, standing: [], notes: [] },
    logs: { highestEvent: 0, highestLogLine: 0, unalterable: false, agenda: [] },
  };
  const written = (head: RegisterHead) => new RegisterWriter().finish(head);

  async function putWith(store: Store, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<BackupSet> {
    const key = registerKey("prod", name);
    await store.put(key, bytesOf(bytes));
    const manifest = {
      ...sampleManifest(name),
      register: { key, bytes: bytes.length, sha256: sha256Of(bytes) },
    };
    return { name, environment: "prod", manifest };
  }

  const newer = () => {
    const text = gunzipSync(written({ ...HEAD, set: NEW })).toString();
    const other = text.replace(/"format":1/, '"format":9').replace(/"minReader":1/, '"minReader":9');
    assert(other !== text);
    return new Uint8Array(gzipSync(other));
  };

  const BAD: [
    what: string,
    bytes: () => Uint8Array<ArrayBuffer>,
    says: RegExp,
  ][] = [
    ["of a newer version", newer, /it is of format 9, this version knows 1/],
    [
      "of another company",
      () => written({ ...HEAD, environment: "other", set: NEW }),
      /is the register of other\//,
    ],
    ["of another set", () => written({ ...HEAD, set: OLD }), new RegExp(`is the register of prod/${OLD}`)],
    ["no register", () => new TextEncoder().encode("{}"), /Cannot (read|use|trust) prod\/registers/],
    ["empty", () => new Uint8Array(), /Cannot (read|use|trust) prod\/registers/],
  ];
  for (const [what, bytes, says] of BAD) {
    it(`is an older one, and a warning says why, where the newest is ${what}`, async () => {
      await using folder = await emptyStore();
      const { store } = folder;
      const older = await putWith(store, OLD, written(HEAD));
      const bad = await putWith(store, NEW, bytes());
      const warnings: string[] = [];
      const reporter = { ...silentReporter, warn: (text: string) => void warnings.push(text) };
      const { registers } = await readEarlierRegisters(store, [bad, older], reporter);
      assertEquals(registers.map(({ head }) => head.set), [OLD]);
      assertEquals(warnings.length, 1);
      assertMatch(warnings[0]!, says);
      await store.delete(bad.manifest.register!.key);
      assertEquals((await readEarlierRegisters(store, [bad, older], reporter)).registers.length, 1);
      assertEquals(await readEarlierRegisters(store, [bad], reporter), { registers: [] });
    });
  }

  it("is none where earlier sets have none, without a warning", async () => {
    await using folder = await emptyStore();
    const set = { name: OLD, environment: "prod", manifest: sampleManifest(OLD) };
    const reporter = { ...silentReporter, warn: (text: string) => assertEquals(text, "") };
    assertEquals(await readEarlierRegisters(folder.store, [set], reporter), { registers: [] });
  });
});
