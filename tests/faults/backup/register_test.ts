import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { readSmall } from "../../../src/base/streams.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { extractCommand } from "../../../src/checks/findings/words.ts";
import { extractRows } from "../../../src/restore/extract/rows.ts";
import { restorableSetOf } from "../../../src/store/sets/restorable_set.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import type { Manifest } from "../../../src/store/records/manifest.ts";
import { readInventory, vanishedIn } from "../../../src/store/sets/inventory.ts";
import type { Store } from "../../../src/store/store.ts";
import { keysOf, putSet } from "../../support/store/sets.ts";
import { temporaryFolder } from "../../support/folder.ts";
import type { MadeRegister } from "../../../src/backup/register/register.ts";
import { contentSettingsSql } from "../../../src/postgres/catalogue/content.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { openRegister } from "../../../src/store/records/register/text.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { registerAfter, registerOf as registerIn } from "../../support/lab/register_of.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";

const why = await whyNoDolibarr();
let lab: DrillLab;
let session: Session;
let first: MadeRegister;

/** The register of the state as it is in this transaction, compared with `earlier`. */
const registerOf = (earlier?: MadeRegister, set = "20261102T030000Z"): Promise<MadeRegister> =>
  registerIn(session, set, earlier);

/** What the register says after `statements`, which are undone. */
const judged = (...statements: string[]): Promise<MadeRegister> =>
  registerAfter(session, "20261102T030000Z", first, statements);

const one = async (sql: string): Promise<number> => await session.ask<number>(sql);

describe("the registers of two nights", () => {
  beforeAll(async () => {
    lab = await startDrillLab(why === undefined ? "real" : "stand-in");
    session = await lab.provisioner(lab.prod);
    await session.query("BEGIN");
    await session.query(contentSettingsSql());
    first = await registerOf(undefined, "20261101T030000Z");
  });
  afterAll(async () => {
    await session.query("ROLLBACK");
    await session[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  it("are silent where nothing changed", async () => {
    const second = await registerOf(first);
    assertEquals([second.faults, second.head.standing, second.head.notes], [[], [], []]);
  });

  const INVOICE = "(SELECT max(rowid) FROM llx_facture WHERE fk_statut > 0 AND type = 0)";
  const PAYMENT = "(SELECT max(rowid) FROM llx_paiement)";
  /** What nobody does in Dolibarr, or without a trace: statements, and the table and kind of the finding. */
  const ALTERATIONS: [what: string, statements: string[], key: RegExp, kind: string][] = [
    [
      "an invoice moved to another customer",
      [`UPDATE llx_facture SET fk_soc = (SELECT max(rowid) FROM llx_societe s WHERE s.rowid <> fk_soc) WHERE rowid = ${INVOICE}`],
      /^llx_facture:/,
      "moved",
    ],
    [
      "a year taken off an invoice's date",
      [`UPDATE llx_facture SET datef = datef - interval '1 year' WHERE rowid = ${INVOICE}`],
      /^llx_facture:/,
      "altered",
    ],
    [
      "a total and its line raised",
      [
        `UPDATE llx_facture SET total_ht = total_ht + 10, total_ttc = total_ttc + 10 WHERE rowid = ${INVOICE}`,
        `UPDATE llx_facturedet SET total_ht = total_ht + 10, total_ttc = total_ttc + 10 WHERE rowid = (SELECT min(rowid) FROM llx_facturedet WHERE fk_facture = ${INVOICE})`,
      ],
      /^llx_facture:/,
      "altered",
    ],
    [
      "a line's text",
      [`UPDATE llx_facturedet SET description = 'other' WHERE rowid = (SELECT min(rowid) FROM llx_facturedet WHERE fk_facture = ${INVOICE})`],
      /^llx_facture:/,
      "altered",
    ],
    [
      "a line gone",
      [`DELETE FROM llx_facturedet WHERE rowid = (SELECT min(rowid) FROM llx_facturedet WHERE fk_facture = ${INVOICE})`],
      /^llx_facture:/,
      "altered",
    ],
    [
      "a payment moved to another invoice",
      [`UPDATE llx_paiement_facture SET fk_facture = (SELECT min(rowid) FROM llx_facture f WHERE f.rowid <> fk_facture AND fk_statut > 0) WHERE fk_paiement = ${PAYMENT}`],
      /^llx_paiement:/,
      "part-moved",
    ],
    [
      "a payment's amount and its parts",
      [
        `UPDATE llx_paiement SET amount = amount + 1 WHERE rowid = ${PAYMENT}`,
        `UPDATE llx_paiement_facture SET amount = amount + 1 WHERE fk_paiement = ${PAYMENT}`,
      ],
      /^llx_paiement:/,
      "altered",
    ],
    [
      "a payment gone with its parts",
      [
        `DELETE FROM llx_paiement_facture WHERE fk_paiement = ${PAYMENT}`,
        `DELETE FROM llx_paiement WHERE rowid = ${PAYMENT}`,
      ],
      /^llx_paiement:/,
      "gone",
    ],
    [
      "a part gone",
      [`DELETE FROM llx_paiement_facture WHERE fk_paiement = ${PAYMENT}`],
      /^llx_paiement:/,
      "part-gone",
    ],
    [
      "a line of the unalterable log altered",
      ["UPDATE llx_blockedlog SET amounts = amounts + 1 WHERE rowid = (SELECT max(rowid) FROM llx_blockedlog)"],
      /^llx_blockedlog:/,
      "altered",
    ],
    [
      "the last line of the unalterable log gone",
      ["DELETE FROM llx_blockedlog WHERE rowid = (SELECT max(rowid) FROM llx_blockedlog)"],
      /^llx_blockedlog:/,
      "gone",
    ],
    [
      "a supplier invoice's total",
      ["UPDATE llx_facture_fourn SET total_ttc = total_ttc + 100, total_ht = total_ht + 100 WHERE rowid = (SELECT max(rowid) FROM llx_facture_fourn WHERE fk_statut > 0)"],
      /^llx_facture_fourn:/,
      "altered",
    ],
    [
      "a reference",
      [`UPDATE llx_facture SET ref = 'FA9999-0001' WHERE rowid = ${INVOICE}`],
      /^llx_facture:/,
      "altered",
    ],
  ];
  for (const [what, statements, key, kind] of ALTERATIONS) {
    it(`find ${what}`, async () => {
      const { faults, head: { notes } } = await judged(...statements);
      assertEquals(faults.map(({ kind }) => kind), [kind], JSON.stringify({ faults, notes }));
      assert(key.test(faults[0]!.key!), faults[0]!.key);
    });
  }

  /** What Dolibarr itself does. */
  const LAWFUL: [what: string, statements: string[]][] = [
    ["an invoice paid", [
      `UPDATE llx_facture SET paye = 1, fk_statut = 2, date_closing = now() WHERE rowid = ${INVOICE}`,
    ]],
    ["a note", [`UPDATE llx_facture SET note_private = 'x', tms = now() WHERE rowid = ${INVOICE}`]],
    ["a renamed customer", [
      "UPDATE llx_societe SET nom = 'Other' WHERE rowid = (SELECT min(rowid) FROM llx_societe)",
    ]],
    ["a PDF made again", [
      `UPDATE llx_facture SET last_main_doc = last_main_doc, tms = now() WHERE rowid = ${INVOICE}`,
    ]],
    ["a product's account", [
      `UPDATE llx_facturedet SET fk_code_ventilation = 7, buy_price_ht = 3 WHERE fk_facture = ${INVOICE}`,
    ]],
    ["a bank line reconciled", ["UPDATE llx_bank SET rappro = 1, num_releve = '202611'"]],
    ["a draft deleted", [
      "DELETE FROM llx_facturedet WHERE fk_facture IN (SELECT rowid FROM llx_facture WHERE fk_statut = 0)",
      "DELETE FROM llx_facture WHERE fk_statut = 0 AND rowid NOT IN (SELECT fk_facture_source FROM llx_facture WHERE fk_facture_source IS NOT NULL)",
    ]],
  ];
  for (const [what, statements] of LAWFUL) {
    it(`are silent about ${what}`, async () => {
      const { faults, head } = await judged(...statements);
      assertEquals([faults, head.standing], [[], []]);
    });
  }

  it("go on telling what nothing explained, until it is again what it was", async () => {
    await session.query("SAVEPOINT nights");
    const id = await one(`SELECT ${INVOICE}::int`);
    await session.query(`UPDATE llx_facture SET total_ttc = total_ttc + 10 WHERE rowid = ${id}`);
    const second = await registerOf(first);
    const third = await registerOf(second, "20261103T030000Z");
    assertEquals(third.faults, second.faults);
    assertEquals(third.head.standing[0]!.in, "20261101T030000Z");
    await session.query(`UPDATE llx_facture SET total_ttc = total_ttc - 10 WHERE rowid = ${id}`);
    const fourth = await registerOf(third, "20261104T030000Z");
    assertEquals([fourth.faults, fourth.head.standing], [[], []]);
    await session.query("ROLLBACK TO SAVEPOINT nights");
  });

  const EVENT = (code: string, id: number) =>
    `INSERT INTO llx_actioncomm (ref, entity, code, label, datec, fk_user_author, fk_element, elementtype)
       VALUES ('x', 1, '${code}', 'x', now(), 1, ${id}, 'invoice')`;

  it("keep the last sealed state of an invoice that is open, and are explained by its new validation", async () => {
    await session.query("SAVEPOINT nights");
    const id = await one(`SELECT ${INVOICE}::int`);
    await session.query(EVENT("AC_BILL_UNVALIDATE", id));
    await session.query(`UPDATE llx_facture SET fk_statut = 0 WHERE rowid = ${id}`);
    const second = await registerOf(first);
    assertEquals([second.faults.length, second.head.standing.length, second.head.notes.length], [0, 1, 1]);
    await session.query(`UPDATE llx_facturedet SET total_ttc = total_ttc + 5 WHERE fk_facture = ${id}`);
    await session.query(`UPDATE llx_facture SET total_ttc = total_ttc + 5 WHERE rowid = ${id}`);
    const third = await registerOf(second, "20261103T030000Z");
    assertEquals([third.faults, third.head.notes], [[], []]);
    await session.query(
      `UPDATE llx_facture SET fk_statut = 1, date_valid = current_date WHERE rowid = ${id}`,
    );
    const fourth = await registerOf(third, "20261104T030000Z");
    assertEquals(fourth.faults, []);
    assertEquals(fourth.head.notes.length, 1);
    assertEquals(fourth.head.standing, []);
    await session.query("ROLLBACK TO SAVEPOINT nights");
  });

  it("find an invoice that is open although the agenda tells of no one who reopened it", async () => {
    const { faults } = await judged(`UPDATE llx_facture SET fk_statut = 0 WHERE rowid = ${INVOICE}`);
    assertEquals(faults.map(({ kind }) => kind), ["reopened"]);
  });

  it("only tell of it where the agenda is off", async () => {
    await session.query("SAVEPOINT nights");
    await session.query("DELETE FROM llx_const WHERE name = 'MAIN_MODULE_AGENDA'");
    const quiet = await registerOf(undefined, "20261101T030000Z");
    await session.query(`UPDATE llx_facture SET fk_statut = 0 WHERE rowid = ${INVOICE}`);
    const second = await registerOf(quiet);
    assertEquals([second.faults.length, second.head.standing.length, second.head.notes.length], [0, 1, 1]);
    await session.query("ROLLBACK TO SAVEPOINT nights");
  });

  it("are explained by a log of the agenda only where it is new", async () => {
    await session.query("SAVEPOINT nights");
    const id = await one(`SELECT ${INVOICE}::int`);
    await session.query(EVENT("AC_BILL_UNVALIDATE", id));
    const second = await registerOf(first);
    await session.query(`UPDATE llx_facture SET total_ttc = total_ttc + 1 WHERE rowid = ${id}`);
    assertEquals((await registerOf(second, "20261103T030000Z")).faults.length, 1);
    await session.query(EVENT("AC_BILL_UNVALIDATE", id));
    assertEquals((await registerOf(second, "20261103T030000Z")).faults.length, 0);
    await session.query("ROLLBACK TO SAVEPOINT nights");
  });
});

describe("the register of a backup", () => {
  let lab: DrillLab;
  let provisioner: Session;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  beforeAll(async () => {
    lab = await startDrillLab(why === undefined ? "real" : "stand-in");
    provisioner = await lab.provisioner(lab.prod);
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}/store`);
  });
  afterAll(async () => {
    await provisioner[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const night = (options: Partial<Parameters<typeof backup>[2]> = {}) =>
    backup(lab.prod, store, {
      reporter: silentReporter,
      signal: AbortSignal.timeout(60_000),
      ...options,
    });
  const INVOICE = "(SELECT max(rowid) FROM llx_facture WHERE fk_statut > 0 AND type = 0)";
  const raise = (by: number) =>
    provisioner.query(`UPDATE llx_facture SET total_ttc = total_ttc + ${by} WHERE rowid = ${INVOICE}`);
  const headOf = async ({ manifest: { register } }: { manifest: Manifest }) =>
    (await openRegister(await readSmall(store.get(register!.key)), register!.key)).head;
  const registerFindings = ({ manifest }: { manifest: Manifest }) =>
    (manifest.findings?.findings ?? []).filter(({ id }) => id.startsWith("data.register/"));

  it("is named by the manifest; what differs is a finding of the set, and the drill tells the same", async () => {
    const first = await night();
    assertEquals(first.manifest.register?.key, `prod/registers/${first.name}.json.gz`);
    assertEquals(registerFindings(first), []);
    await raise(10);
    try {
      const second = await night();
      const [finding, ...others] = registerFindings(second);
      assertEquals(others, []);
      assertMatch(finding!.id, /^data\.register\/llx_facture:\d+\/altered$/);
      const drilled = await lab.drill({ store, level: "fast", opensPages: false });
      const check = drilled.checks.find(({ id }) => id === "data.register")!;
      assertEquals([check.verdict, check.judges], ["fail", "books"]);
      assertEquals(check.findings?.map(findingHash), [findingHash(finding!)]);
      const history = { since: second.name, stillRightIn: first.name };
      assertEquals([finding!.history, check.findings?.[0]?.history], [history, history]);
      assertEquals(registerFindings(await night()).map((one) => one.history), [history]); // nobody drilled the first

      const command = extractCommand(finding!, { from: "prod" })!;
      const [, set, table, id] = / prod\/(\w+) --table (\w+) --where rowid=(\d+) /.exec(command)!;
      assertEquals([set, `${table}:${id}`], [first.name, finding!.facts.rows]);
      const file = `${folder.path}/${first.name}.csv`;
      const where = [{ column: "rowid", value: id! }];
      const options = { reporter: silentReporter, signal: AbortSignal.timeout(60_000) };
      await extractRows(restorableSetOf(first), { table: table!, where }, file, store, options);
      const [head, row] = (await Deno.readTextFile(file)).split("\n").map((line) => line.split(","));
      const total = Number(row![head!.indexOf("total_ttc")]);
      assertMatch(`${finding!.facts.was}`, new RegExp(`^${id}, ref \\S+, .*total ${total}, hash -?\\d+$`));
      assertMatch(
        `${finding!.facts.is}`,
        new RegExp(`^${id}, ref \\S+, .*total ${total + 10}, hash -?\\d+$`),
      );
    } finally {
      await raise(-10);
    }
    assertEquals(registerFindings(await night()), []);
  });

  it("continues the set that was restored, where production was set back to it", async () => {
    const older = await night();
    const line =
      "INSERT INTO llx_bank (datec, dateo, datev, amount, label, rappro) VALUES (now(), now(), now(), 5, 'later', 1)";
    await provisioner.query(line);
    try {
      assertEquals(registerFindings(await night()), []);
      await night({ kind: "before-restore", restoring: `prod/${older.name}` });
    } finally {
      await provisioner.query("DELETE FROM llx_bank WHERE label = 'later'");
    }
    const after = await night();
    assertEquals(registerFindings(after), []);
    const head = await headOf(after);
    assertEquals(head.comparedWith, older.name);
    assertEquals(head.notes[0], `Production was set back to prod/${older.name}`);
    const next = await headOf(await night()); // it is told once
    assertEquals([next.comparedWith, next.notes], [after.name, []]);
  });

  it("is compared with that of the set before, also of the same minute", async () => {
    const one = await night();
    const other = await night();
    assert(other.name > one.name);
    assertEquals([(await headOf(other)).comparedWith, registerFindings(other)], [one.name, []]);
  });

  it("is not made by a clock that went back: nothing is left of that night", async () => {
    await using copy = await temporaryFolder();
    const ahead = await openFileStore(`file://${copy.path}/store`);
    const options = { reporter: silentReporter, signal: AbortSignal.timeout(60_000) };
    await backup(lab.prod, ahead, options);
    await putSet(ahead, "20991231T000000Z");
    const before = await keysOf(ahead);
    const error = await assertRejects(() => backup(lab.prod, ahead, options), DrillError);
    assertEquals([error.code, await keysOf(ahead)], ["CLOCK_BEHIND", before]);
  });

  it("is made anew, and says so, where the one before is lost or damaged", async () => {
    const before = await night();
    const path = `${folder.path}/store/${before.manifest.register!.key}`;
    await Deno.writeTextFile(path, "not what was stored");
    const warnings: string[] = [];
    const after = await night({ reporter: { ...silentReporter, warn: (text) => void warnings.push(text) } });
    assertEquals(warnings.length, 1);
    assertMatch(warnings[0]!, /register of prod\/\w+ is passed over: Cannot trust prod\/registers/);
    assert(after.manifest.register);
    assertEquals(registerFindings(after), []);
  });

  it("is told to be gone with the newest set and all that bears its name: the list of the sets has another", async () => {
    const { name } = await night();
    for (const key of await keysOf(store)) if (key.includes(name)) await store.delete(key);
    assertEquals(vanishedIn(await readInventory(store, "prod")).missing, [name]);
    assertEquals(vanishedIn((await night()).before).missing, [name]);
  });
});
