/** The message with which each check fails on its twin, and further ways to break what it compares. */

import type { DataContext } from "../../../src/checks/data/context.ts";
import type { FaultMode } from "../../../src/lab/stand_in/faults.ts";

/** The message on the check's own twin: it names what is broken. */
export const MESSAGES: Record<string, RegExp> = {
  "backup.objects": /\.dump is not what was backed up/,
  "backup.age": /is (< 1|\d+) min old/,
  "backup.sets": /^20260630T155313Z is missing: it was there before, and no prune dropped it$/,
  "backup.suspect": /is newer and bad: no users/,
  "backup.in_use": /prod: nobody changed anything in the database that is backed up, or signed in, since/,
  "data.tables": /public\.llx_\w+ is missing: \d+ of \d+ tables/,
  "data.rows": /llx_societe: [\d,]+ rows, but their content differs/,
  "data.not_empty": /no validated invoice/,
  "data.objects": /\d+ of kind TRIGGER, the dump has \d+/,
  "data.sequences": /llx_facture_rowid_seq gives (\d+) next, llx_facture\.rowid has \1/,
  "data.new_rows": /^llx_societe\.rowid draws from no sequence: no new row can be made$/,
  "data.foreign_keys": /^llx_facturedet \d+: its fk_facture is -1, and llx_facture has no such row$/,
  "data.indexes": /drill_twin: the index drill_twin_n is not valid/,
  "data.index_contents": /the index drill_twin_wrong: .*lacks matching index tuple/,
  "data.owners": /^\w+ public\.\w+.* belongs to erp_sandbox_role/,
  "data.user_lookup": /found none, expected provisioner's/,
  "data.neutralised": /MAIN_HOME does not say SANDBOX/,
  "data.invoice_totals": /\w+-\d+: its total without tax is -?[\d.]+, its lines make -?[\d.]+/,
  "data.supplier_invoice_totals": /SI\d+-\d+: its total without tax is [\d.]+, its lines make 0/,
  "data.payments": /FA\S+: [\d.]+ was paid, its total is [\d.]+, and 1 more finding$/,
  "data.numbering": /FA: \d+ is missing between FA\S+ and FA\S+/,
  "data.bookkeeping": /transaction \d+ \(drill twin\): 0\.01 debit, 0 credit/,
  "data.unalterable_log": /line \d+ is missing: line \d+ \(\w+ \S+\) does not follow line \d+/,
  "data.logged_invoices":
    /^(FA|AV)\S+: its total with tax is -?[\d.]+, the unalterable log recorded -?[\d.]+$/,
  "data.register": /^llx_facture: 1 row not as in the register of the set, and 1 more$/,
  "documents.files": /\S+: 1 byte, the backup has [\d,]+/,
  "documents.more": /^custom: mymodule\/core\/modMyModule\.class\.php: missing$/,
  "documents.times": /\S+ is of 20\S+Z, newer than the backup of 20\S+Z/,
  "documents.invoices": /(FA|AV)\S+: facture\S+ is missing/,
  "documents.invoice_texts": /(FA|AV)\S+: facture\S+ .*does not say the reference/,
  "documents.papers": /societe\/\d+\/drill-twin\.pdf is missing: the list of files names it/,
  "documents.links": /^produit is a link to \/srv\/volume2\/produit: what lies behind it is in no backup$/,
  "documents.logo": /logo\.png has other bytes than the backup/,
};
/** Further ways to break what a check looks at, by the provisioner or in the documents. */
export const FURTHER_TWINS: {
  id: string;
  message: RegExp;
  sql?: string;
  file?: (context: DataContext) => Promise<void>;
}[] = [
  {
    id: "data.objects",
    message: /\d+ of kind TRIGGER, the dump has \d+/,
    sql:
      "CREATE TRIGGER one_more BEFORE UPDATE ON llx_societe FOR EACH ROW EXECUTE FUNCTION update_modified_column_tms()",
  },
  {
    id: "data.owners",
    message: /function public\.not_ours\(\) belongs to provisioner/,
    sql: "CREATE FUNCTION not_ours() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
  },
  {
    id: "data.neutralised",
    message: /llx_cronjob has rows whose status is not 0/,
    sql: "UPDATE llx_cronjob SET status = 1",
  },
  {
    id: "data.invoice_totals",
    message: /FA\S+: its total with tax is/,
    sql:
      "UPDATE llx_facture SET total_ttc = total_ttc + 0.01 WHERE rowid = (SELECT min(rowid) FROM llx_facture)",
  },
  {
    id: "data.payments",
    message: /^payment PAY\S+ is of [\d.]+, its parts make 0/,
    sql: "DELETE FROM llx_paiement_facture WHERE rowid = (SELECT min(rowid) FROM llx_paiement_facture)",
  },
  {
    id: "data.unalterable_log",
    message: /^line 3 \(\w+ \S+\) was altered: it does not match its signature$/,
    sql: "UPDATE llx_blockedlog SET amounts = amounts + 0.01 WHERE rowid = 3",
  },
  {
    id: "data.unalterable_log",
    message: /^line 1 is missing: line 2 \(\w+ \S+\) does not begin the chain/,
    sql: "DELETE FROM llx_blockedlog WHERE rowid = 1",
  },
  {
    id: "data.logged_invoices",
    message: /^FA\S+ is missing: the unalterable log recorded it with [\d.]+$/,
    sql:
      `CREATE TEMPORARY TABLE gone ON COMMIT DROP AS SELECT min(rowid) AS id FROM llx_facture WHERE fk_statut > 0;
      DELETE FROM llx_facture WHERE rowid = (SELECT id FROM gone)`,
  },
  {
    id: "data.new_rows",
    message: /^llx_facture\.rowid has no valid key: two rows can have one number$/,
    sql: "ALTER TABLE llx_facture DROP CONSTRAINT llx_facture_pkey CASCADE",
  },
  {
    id: "documents.invoices",
    message: /is truncated: it has no PDF trailer/,
    file: (context) => Deno.truncate(paperOf(context), 1500),
  },
  {
    id: "documents.invoices",
    message: /has md5 \w+, Dolibarr recorded \w+/,
    async file(context) {
      const bytes = await Deno.readFile(paperOf(context));
      bytes[bytes.length >> 1]! ^= 1;
      await Deno.writeFile(paperOf(context), bytes);
    },
  },
  {
    id: "documents.invoice_texts",
    message: /cannot be read|does not say/,
    file: (context) => Deno.writeTextFile(paperOf(context), "%PDF-1.4\nnothing\n%%EOF\n"),
  },
];

const paperOf = ({ sandbox, samples }: DataContext) => `${sandbox.documents}/${samples[0]!.mainDocument}`;

/** The message of a check in the browser on its own twin. */
export const BROWSER_MESSAGES: Record<string, RegExp> = {
  "browser.sandbox": /does not have the mark/,
  "browser.version": /the database is of version 99\.0\.0, the pages are of 22\.0\.4/,
  "browser.sign_in": /refused|sign-in/,
  "browser.documents_mark": /serves other bytes/,
  "browser.company": /found Another company, expected/,
  "browser.logo": /placeholder|nophoto|picture|in place of the company's logo/i,
  "browser.invoice_list": /the list shows a total of \d+, expected \d+: FA\S+ is not in it/,
  "browser.invoices": /the page shows .+; the database has/,
  "browser.pdfs": /^(FA|AV)\S+: the ERP serves other bytes than facture\S+\.pdf$/,
  "browser.supplier_invoice_list": /the list shows a total of \d+, expected \d+: SI\S+ is not in it/,
  "browser.third_party_list": /the list shows a total of \d+, expected \d+: .+ is not in it/,
  "browser.tabs": /FA\S+: its tab "Linked files" does not list FA\S+\.pdf/,
  "browser.statistics": /20\d\d: the page shows (\d+) invoices of \S+ .*; the database has \1 invoices of/,
};

/** Which fault of the stand-in each browser check must see. */
export const STAND_IN_FAULTS: Record<string, { fault: FaultMode; message: RegExp }[]> = {
  "browser.sandbox": [
    { fault: "other-message", message: /does not have the mark/ },
    { fault: "sql-error-202", message: /technical error/ },
    { fault: "server-error", message: /500/ },
    { fault: "blank", message: /blank|empty/i },
    { fault: "wrong-language", message: /the page is in the language "de", not in "en"/ },
  ],
  "browser.version": [],
  "browser.sign_in": [{ fault: "signed-out", message: /refused|sign-in/ }, {
    fault: "setup",
    message: /setup/i,
  }],
  "browser.documents_mark": [{
    fault: "picture-missing",
    message: /placeholder|nophoto/i,
  }],
  "browser.company": [
    { fault: "other-company", message: /found .+, expected/ },
    {
      fault: "script-error",
      message: /the page has errors: .*script error: undefinedFunction is not defined/,
    },
  ],
  "browser.logo": [{ fault: "picture-missing", message: /placeholder|nophoto|picture/i }, {
    fault: "logo-fallback",
    message: /shows Dolibarr's own logo: the company's logo cannot be read/,
  }],
  "browser.invoice_list": [
    { fault: "empty-list", message: /short|expected/ },
    { fault: "short-list", message: /short|expected/ },
    { fault: "sql-error", message: /technical error/ },
    { fault: "asset-missing", message: /the page has errors: \/includes\/gone\.js: 404/ },
  ],
  "browser.invoices": [{ fault: "wrong-total", message: /the page shows .+; the database has/ }, {
    fault: "wrong-status",
    message: /the page shows .+draft.+; the database has/i,
  }],
  "browser.pdfs": [{ fault: "altered-pdf", message: /serves other bytes/ }],
  "browser.supplier_invoice_list": [{
    fault: "short-list",
    message: /the list shows a total of 2, expected 3: SI\S+ is/,
  }],
  "browser.third_party_list": [{ fault: "forbidden", message: /access|denied/i }],
  "browser.tabs": [{
    fault: "other-invoice",
    message: /its tab "Contacts\/Addresses" is of FA9999-0001, and/,
  }],
  "browser.statistics": [{ fault: "blank-picture", message: /the picture "No\. of .+" is blank/ }],
};
