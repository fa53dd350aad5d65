/**
 * A company as real ones are, all oddities at once, and none of them a fault: its backup passes a drill. Where an earlier night
 * had what the company never had here, it is missed.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { savedFolder } from "../../support/lab/put_back.ts";

describe("a company with oddities", { skip: await whyNoDolibarr() }, () => {
  const resources = new AsyncDisposableStack();
  const work = { reporter: silentReporter, signal: new AbortController().signal };
  let lab: DrillLab;
  let chief: Session;
  let notes: string[] = [];

  beforeAll(async () => {
    lab = resources.use(await startDrillLab("real"));
    chief = resources.use(await lab.provisioner(lab.prod));
  });
  afterAll(() => resources.disposeAsync());

  const newStore = async () =>
    await openFileStore(`file://${resources.use(await temporaryFolder()).path}/store`);
  const night = async (store: Awaited<ReturnType<typeof newStore>>) => {
    notes = [];
    return await backup(lab.prod, store, {
      ...work,
      reporter: { ...silentReporter, note: (line) => void notes.push(line) },
    });
  };
  const failed = (checks: readonly CheckResult[]) =>
    checks.filter(({ verdict }) => verdict === "fail").map(({ id, message }) => `${id}: ${message}`);
  const detailsOf = (checks: readonly CheckResult[], id: string) => {
    const check = checks.find((one) => one.id === id);
    return [check?.message, check?.compared?.with, ...check?.details ?? []].join("\n");
  };

  it("passes a fast and a standard drill, which say what they could not look at", async () => {
    const store = await newStore();
    await using _odd = await madeOdd(lab, chief);
    const { findings, manifest } = await night(store);
    assertEquals([findings, manifest.suspect], [[], []]);
    assertStringIncludes(notes.join("\n"), "No PDF was ever made of 1 validated invoice: FA");
    for (const level of ["fast", "standard"] as const) {
      const { verdict, checks, headline } = await lab.drill({ store, level });
      assertEquals([verdict, failed(checks)], ["pass", []], headline);
      const notRun = checks.filter((check) =>
        check.verdict === "not_run" && check.code === "NOTHING_TO_CHECK"
      );
      assertEquals(notRun.map(({ id }) => id).filter((id) => /logo|pdfs|invoices/.test(id)), [
        "documents.logo",
        "browser.logo",
      ]);
      assertStringIncludes(
        detailsOf(checks, "documents.invoices"),
        "no PDF was ever made of 1 validated invoice",
      );
      assertStringIncludes(detailsOf(checks, "data.unalterable_log"), "from 21 on in Europe/Paris");
      assertStringIncludes(
        detailsOf(checks, "data.sequences"),
        "llx_accounting_account_rowid_seq gives 1 next",
      );
    }
  });

  it("misses what an earlier night has, though nothing names it any more, and in the nights after too", async () => {
    const store = await newStore();
    assertEquals((await night(store)).findings, []);
    await using odd = await madeOdd(lab, chief);
    const lost = [
      `documents.invoices/${odd.unnamed}/missing`,
      "documents.papers/mycompany/logos/logo.png/missing",
    ];
    for (let nights = 1; nights <= 2; nights++) {
      assertEquals((await night(store)).findings.map(({ id }) => id), lost, `night ${nights}`);
    }
    const { verdict, culprit, checks } = await lab.drill({ store, level: "fast", opensPages: false });
    assertEquals([verdict, culprit], ["fail", "erp"]);
    assertEquals(checks.flatMap(({ findings = [] }) => findings).map(({ id }) => id), lost);
  });
});

const OTHER_ZONE = (from: string, to: string) =>
  `UPDATE llx_blockedlog SET date_creation = date_creation AT TIME ZONE '${from}' AT TIME ZONE '${to}',
     date_object = date_object AT TIME ZONE '${from}' AT TIME ZONE '${to}' WHERE rowid > 20`;
const RENAMED = (from: string, to: string) => `UPDATE llx_const SET name = '${to}' WHERE name = '${from}'`;

/** Statements, and those that undo them. */
const ODDITIES: readonly [make: string, undo: string][] = [
  // an installation of long ago, in maintenance
  [
    RENAMED("MAIN_SECURITY_HASH_ALGO", "X_MAIN_SECURITY_HASH_ALGO"),
    RENAMED("X_MAIN_SECURITY_HASH_ALGO", "MAIN_SECURITY_HASH_ALGO"),
  ],
  [
    "INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_ONLY_LOGIN_ALLOWED', 1, 'boss')",
    "DELETE FROM llx_const WHERE name = 'MAIN_ONLY_LOGIN_ALLOWED'",
  ],
  [
    RENAMED("MAIN_INFO_SOCIETE_LOGO", "X_MAIN_INFO_SOCIETE_LOGO"),
    RENAMED("X_MAIN_INFO_SOCIETE_LOGO", "MAIN_INFO_SOCIETE_LOGO"),
  ],
  // PHP's time zone was set one day
  [OTHER_ZONE("UTC", "Europe/Paris"), OTHER_ZONE("Europe/Paris", "UTC")],
  // a chart of accounts, and tables of the owner's own
  [
    `INSERT INTO llx_accounting_account (entity, rowid, fk_pcg_version, pcg_type, account_number, account_parent, label, active)
      SELECT 1, 100105000 + n, 'SKR03', 'x', n::text, 0, 'account ' || n, 1 FROM generate_series(1, 500) AS n`,
    "DELETE FROM llx_accounting_account WHERE rowid > 100105000",
  ],
  [
    `SET ROLE erp_role; CREATE SCHEMA bi; CREATE TABLE bi.sums (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at date);
     CREATE TABLE bi.parted (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
     CREATE TABLE bi.parted_1 PARTITION OF bi.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE INDEX ON bi.parted (at); RESET ROLE`,
    "DROP SCHEMA bi CASCADE",
  ],
  ["ALTER DATABASE erp SET statement_timeout = '20ms'", "ALTER DATABASE erp RESET statement_timeout"],
];

/** Makes production odd: see `ODDITIES`, and its two newest invoices. Disposing puts it back. */
async function madeOdd({ prod }: DrillLab, chief: Session): Promise<AsyncDisposable & { unnamed: string }> {
  await using made = new AsyncDisposableStack();
  const { name, owner } = prod.database;
  const sql = (text: string) =>
    chief.query(
      text.replaceAll("DATABASE erp", `DATABASE "${name}"`).replaceAll("ROLE erp_role", `ROLE "${owner}"`),
    );
  await sql("SET session_replication_role = replica"); // no trigger and no foreign key is in the way
  made.use(await savedFolder(prod.documents));
  for (const [make, undo] of ODDITIES) {
    await sql(make);
    made.defer(async () => void await sql(undo));
  }
  const [unnamed, draft] = await chief.query<{ id: number; ref: string; path: string }>(
    `SELECT rowid AS id, ref, last_main_doc AS path FROM llx_facture WHERE entity = 1 AND fk_statut > 0
      ORDER BY datef DESC NULLS LAST, rowid DESC LIMIT 2`,
  );
  const rename = (id: number, path: string | null) =>
    chief.query("UPDATE llx_facture SET last_main_doc = $2 WHERE rowid = $1", [id, path]);
  for (const { id, path } of [unnamed!, draft!]) made.defer(async () => void await rename(id, path));
  const [row] = await chief.query<{ rows: string }>(
    "SELECT jsonb_agg(t)::text AS rows FROM llx_ecm_files t WHERE filepath = $1",
    [`facture/${unnamed!.ref}`],
  );
  made.defer(async () =>
    void await chief.query(
      "INSERT INTO llx_ecm_files SELECT * FROM jsonb_populate_recordset(null::llx_ecm_files, $1::jsonb)",
      [row!.rows],
    )
  );
  await chief.query("DELETE FROM llx_ecm_files WHERE filepath = $1", [`facture/${unnamed!.ref}`]);
  await rename(unnamed!.id, null);
  await rename(draft!.id, "facture/(PROV51)/(PROV51).pdf");
  await Deno.remove(`${prod.documents}/facture/${unnamed!.ref}`, { recursive: true });
  await Deno.remove(`${prod.documents}/mycompany/logos`, { recursive: true });
  const resources = made.move();
  return { unnamed: unnamed!.ref, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
