/** Situations of real ERPs that no check may call a fault, each with what is one in the same place. */

import { blankPdf, chinesePdf, encryptedPdf } from "../../support/samples/pdfs.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import type { Verdict } from "../../../src/base/verdict.ts";

/** One change of the restored ERP, by a superuser without foreign keys and triggers, or in its documents' folder. */
export interface Change {
  sql?: string;
  file?: (documents: string, whole: DataContext) => Promise<void>;
  /** What else is said of the backup. */
  context?: (whole: DataContext) => DataContext;
}

interface Situation {
  check: string;
  /** "where ...": reads on from the check's id. */
  what: string;
  given: Change;
  /** Default: pass. */
  verdict?: Verdict;
  /** What its message or details say. */
  says?: RegExp;
  /** A loss in the same situation, and what is said of it. */
  but: Change & { what: string; says: RegExp };
}

/** A chart as `accountancy/admin/account.php` loads it: explicit numbers, and the sequence stays. */
const CHART =
  `INSERT INTO llx_accounting_account (entity, rowid, fk_pcg_version, pcg_type, account_number, account_parent, label, active)
   SELECT 1, 100105000 + n, 'SKR03', 'x', n::text, 0, 'account ' || n, 1 FROM generate_series(1, 500) AS n;`;
const ACCOUNTS_FROM = (next: number) =>
  `ALTER SEQUENCE llx_accounting_account_rowid_seq RESTART WITH ${next};`;

/** The table of the module expense reports, with the rows of Dolibarr's own data file. */
const COEFFICIENTS =
  `CREATE TABLE IF NOT EXISTS public.llx_expensereport_ik (rowid serial PRIMARY KEY, datec timestamp, tms timestamp,
     fk_c_exp_tax_cat integer NOT NULL, fk_range integer NOT NULL, coef double precision NOT NULL, ikoffset double precision NOT NULL);
   INSERT INTO llx_expensereport_ik (rowid, fk_c_exp_tax_cat, fk_range, coef, ikoffset)
   SELECT n, 1 + n / 3, n, 0.3, 0 FROM generate_series(1, 15) AS n; ALTER SEQUENCE llx_expensereport_ik_rowid_seq RESTART WITH 1;`;

/** The dates of lines of the log, as PHP in Paris would have stored the same instants. */
const IN_PARIS = (lines: string) =>
  `UPDATE llx_blockedlog SET date_creation = date_creation AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris',
     date_object = date_object AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Paris' WHERE rowid ${lines};`;

/** The newest validated invoice of the demo company, which has a PDF. */
const newest = ({ samples }: DataContext) => samples[0]!;
const NEWEST =
  "(SELECT rowid FROM llx_facture WHERE entity = 1 AND fk_statut > 0 ORDER BY datef DESC NULLS LAST, rowid DESC LIMIT 1)";
const UNNAMED = `UPDATE llx_facture SET last_main_doc = NULL WHERE rowid = ${NEWEST};`;
const NAMES_DRAFT =
  `UPDATE llx_facture SET last_main_doc = 'facture/(PROV51)/(PROV51).pdf' WHERE rowid = ${NEWEST};`;
/** The rows of its folder in the list of files. */
const UNLISTED =
  `DELETE FROM llx_ecm_files WHERE filepath = 'facture/' || (SELECT ref FROM llx_facture WHERE rowid = ${NEWEST});`;
const lose = async (documents: string, whole: DataContext) =>
  await Deno.remove(`${documents}/${newest(whole).mainDocument}`);
/** Neither does the backup have it. */
const notBackedUp = (whole: DataContext): DataContext =>
  withFiles(whole, (files) => files.filter(({ path }) => path !== newest(whole).mainDocument));
const withFiles = (
  whole: DataContext,
  change: (files: DataContext["proof"]["index"]["files"]) => DataContext["proof"]["index"]["files"],
): DataContext => ({
  ...whole,
  proof: { ...whole.proof, index: { ...whole.proof.index, files: change(whole.proof.index.files) } },
});
/** Its PDF is another one, written so many ms after the backup began, which took a minute. */
const written = async (documents: string, whole: DataContext) =>
  await Deno.writeTextFile(`${documents}/${newest(whole).mainDocument}`, "%PDF-1.4\nmade again\n%%EOF\n");
const writtenAt = (ms: number) => (whole: DataContext): DataContext => {
  const { takenAt } = whole.proof.source;
  const { proof, ...rest } = withFiles(
    whole,
    (files) =>
      files.map((file) =>
        file.path === newest(whole).mainDocument ? { ...file, mtimeMs: takenAt.getTime() + ms } : file
      ),
  );
  const source = { ...proof.source, endedAt: new Date(takenAt.getTime() + 60_000) };
  return { ...rest, proof: { ...proof, source } };
};
const recordedFinding = (whole: DataContext): DataContext => {
  const { ref, mainDocument } = newest(whole);
  const document = { path: mainDocument! };
  const finding = {
    ...{
      id: `documents.invoices/${ref}/missing`,
      subject: ref,
      sentence: "x",
      with: "x",
      facts: {},
      document,
    },
  };
  return { ...whole, proof: { ...whole.proof, source: { ...whole.proof.source, findings: [finding] } } };
};

/** The newest invoice's PDF is this one, and Dolibarr recorded that. */
const replacedBy = (pdf: string): Change => ({
  file: async (documents, whole) =>
    await Deno.writeTextFile(`${documents}/${newest(whole).mainDocument}`, pdf),
  sql: `UPDATE llx_ecm_files SET label = md5($pdf$${pdf}$pdf$) WHERE filepath || '/' || filename =
    (SELECT last_main_doc FROM llx_facture WHERE rowid = ${NEWEST})`,
});
const OTHER_MD5 = "UPDATE llx_ecm_files SET label = md5('other')";

export const SITUATIONS: readonly Situation[] = [
  {
    check: "data.sequences",
    what: "where a chart of accounts was loaded with numbers of its own",
    given: { sql: CHART + ACCOUNTS_FROM(1) },
    says: /llx_accounting_account_rowid_seq gives 1 next, the nearest row of .* is 100105001/,
    but: {
      what: "where the sequence comes to them within the next thousand",
      sql: ACCOUNTS_FROM(100_104_500),
      says:
        /llx_accounting_account_rowid_seq gives 100104500 next, llx_accounting_account.rowid has 100105001/,
    },
  },
  {
    check: "data.sequences",
    what: "where Dolibarr's own data file numbered the coefficients of expense reports",
    given: { sql: COEFFICIENTS },
    but: {
      what: "where a further coefficient was numbered by the sequence, which is back at its start",
      sql:
        "INSERT INTO llx_expensereport_ik (rowid, fk_c_exp_tax_cat, fk_range, coef, ikoffset) VALUES (16, 1, 1, 0.3, 0)",
      says: /llx_expensereport_ik_rowid_seq gives 1 next, llx_expensereport_ik.rowid has 16/,
    },
  },
  {
    check: "data.sequences",
    what: "where an identity and a partitioned table of the owner's are numbered",
    given: {
      sql:
        `CREATE TABLE public.own (id bigint GENERATED BY DEFAULT AS IDENTITY, label text) PARTITION BY RANGE (id);
        CREATE TABLE public.own_1 PARTITION OF public.own FOR VALUES FROM (1) TO (1000);
        INSERT INTO public.own (label) VALUES ('one'), ('two');
        CREATE TABLE public.downwards (id integer GENERATED BY DEFAULT AS IDENTITY (INCREMENT -2 START -1 MAXVALUE -1 MINVALUE -9000));
        INSERT INTO public.downwards VALUES (-2), (-4)`,
    },
    but: {
      what: "where the identity starts anew",
      sql: "ALTER TABLE public.own ALTER COLUMN id RESTART",
      says: /own_id_seq gives 1 next, own.id has 1/,
    },
  },
  {
    check: "data.unalterable_log",
    what: "where PHP's time zone changed once",
    given: { sql: IN_PARIS("> 20") },
    says: /lines 1 to 20 in UTC, from 21 on in Europe\/Paris/,
    but: {
      what: "where the dates of two lines were moved by the hours between two zones",
      sql:
        `UPDATE llx_blockedlog SET date_creation = date_creation AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo',
          date_object = date_object AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Tokyo' WHERE rowid IN (7, 12)`,
      says: /line 7 .*: its dates were altered.*, and 1 more finding$/,
    },
  },
  {
    check: "data.unalterable_log",
    what: "where scheduled jobs run in a zone that is neither the server's nor a likely one",
    given: {
      sql:
        `UPDATE llx_blockedlog SET date_creation = date_creation AT TIME ZONE 'UTC' AT TIME ZONE 'America/Bogota',
        date_object = date_object AT TIME ZONE 'UTC' AT TIME ZONE 'America/Bogota' WHERE rowid % 3 = 0`,
    },
    says: /in turn, \d+ runs of lines/,
    but: {
      what: "where a line of theirs was altered",
      sql: "UPDATE llx_blockedlog SET amounts = amounts + 1 WHERE rowid = 9",
      says: /line 9 .* was altered/,
    },
  },
  {
    check: "documents.invoices",
    what: "where the newest invoice still names the paper of its draft",
    given: { sql: NAMES_DRAFT },
    but: { what: "where it is lost", file: lose, says: /: facture\/FA\S+\.pdf is missing$/ },
  },
  {
    check: "documents.invoices",
    what: "where no paper was ever made of the newest invoice",
    given: { sql: UNNAMED + UNLISTED, file: lose, context: notBackedUp },
    says: /no PDF was ever made of 1 validated invoice: FA/,
    but: {
      what: "where an earlier set has it",
      context: recordedFinding,
      says: /: facture\/FA\S+\.pdf is missing$/,
    },
  },
  {
    check: "documents.invoices",
    what: "where the row names no paper, and the folder has one",
    given: { sql: UNNAMED },
    but: { what: "where it is lost, and a row of the list of files has it", file: lose, says: /is missing$/ },
  },
  {
    check: "documents.invoices",
    what: "where a paper was made again while the backup ran",
    given: { file: written, context: writtenAt(30_000) },
    says: /1 PDF written while the backup ran/,
    but: {
      what: "where it was written before",
      context: writtenAt(-1),
      says: /has md5 .*, Dolibarr recorded/,
    },
  },
  {
    check: "documents.invoice_texts",
    what: "where the newest invoice is a scan without text",
    given: replacedBy(blankPdf()),
    says: /NOT RUN for 1 PDF/,
    but: {
      what: "where it is not what Dolibarr recorded",
      sql: OTHER_MD5,
      says: /does not say the reference/,
    },
  },
  {
    check: "documents.invoice_texts",
    what: "where the newest invoice's PDF asks for a password",
    given: replacedBy(encryptedPdf()),
    says: /NOT RUN for 1 PDF/,
    but: { what: "where it is not what Dolibarr recorded", sql: OTHER_MD5, says: /cannot be read/ },
  },
  {
    check: "documents.invoice_texts",
    what: "where the newest invoice's PDF is Chinese, of which this machine has no data",
    given: replacedBy(chinesePdf()),
    says: /NOT RUN for 1 PDF that cannot be read as text, .* the package poppler-data/,
    but: {
      what: "where it is not what Dolibarr recorded",
      sql: OTHER_MD5,
      says: /does not say the reference/,
    },
  },
  {
    check: "documents.logo",
    what: "where no logo was ever set",
    given: { sql: "DELETE FROM llx_const WHERE name = 'MAIN_INFO_SOCIETE_LOGO'" },
    verdict: "not_run",
    says: /no logo is set/,
    but: {
      what: "where one is set that is not there",
      sql: "INSERT INTO llx_const (name, entity, value) VALUES ('MAIN_INFO_SOCIETE_LOGO', 1, 'gone.png')",
      says: /gone\.png is not in the backup/,
    },
  },
  {
    check: "documents.papers",
    what: "where no logo was ever set",
    given: {
      sql: `DELETE FROM llx_const WHERE name = 'MAIN_INFO_SOCIETE_LOGO';
        INSERT INTO llx_ecm_files (ref, label, entity, filepath, filename)
          SELECT md5(ref), '', 1, 'fournisseur', 'x.txt' FROM llx_facture LIMIT 1`,
      file: async (documents) => {
        await Deno.mkdir(`${documents}/fournisseur`, { recursive: true });
        await Deno.writeTextFile(`${documents}/fournisseur/x.txt`, "x");
        await Deno.remove(`${documents}/mycompany/logos`, { recursive: true });
      },
    },
    but: {
      what: "where an earlier set has one",
      context: (whole) => {
        const document = { path: "mycompany/logos/logo.png" };
        const told = { subject: document.path, sentence: "x", with: "x", facts: document, document };
        const findings = [{ id: `documents.papers/${document.path}/missing`, ...told }];
        return { ...whole, proof: { ...whole.proof, source: { ...whole.proof.source, findings } } };
      },
      says: /mycompany\/logos\/logo.png is missing: an earlier set has it, and no logo is set any more/,
    },
  },
];
