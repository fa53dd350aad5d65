/** Every check, in the order in which they run and are shown. */

import { backupAge, newerBadSets, objectHashes, setsThere } from "./backup.ts";
import { browserChecks } from "./browser/browser_checks.ts";
import type { Check, CheckText } from "./check.ts";
import type { DataContext } from "./data/context.ts";
import { foreignKeys, indexContents, indexState, rowNumbering } from "./data/keys.ts";
import { bookkeepingBalance, invoiceTotals, paymentTotals, supplierInvoiceTotals } from "./data/money.ts";
import { invoiceNumbering, loggedInvoices, unalterableLog } from "./data/numbering_and_log.ts";
import {
  databaseObjects,
  neutralisedSettings,
  ownership,
  poolerLookup,
  sequenceValues,
} from "./data/objects.ts";
import { register } from "./data/register.ts";
import { companyData, erpTables, tableContent } from "./data/tables.ts";
import { inUse } from "./in_use.ts";
import { furtherFolders } from "./documents/further_folders.ts";
import { invoicePdfs } from "./documents/invoice_pdfs.ts";
import { invoicePdfTexts } from "./documents/invoice_texts.ts";
import { linksAway } from "./documents/links.ts";
import { namedPapers } from "./documents/named_papers.ts";
import { fileTimes, logoFile, restoredFiles } from "./documents/restored_files.ts";
import { durationChecks } from "./duration.ts";
import { codeOfSandbox } from "./platform/code.ts";

/** The checks on the set, the restored database and the restored documents: they run before the first page is opened. */
export const dataChecks: readonly Check<DataContext>[] = [
  objectHashes,
  backupAge,
  setsThere,
  newerBadSets,
  inUse,
  erpTables,
  tableContent,
  companyData,
  databaseObjects,
  sequenceValues,
  rowNumbering,
  foreignKeys,
  indexState,
  indexContents,
  ownership,
  poolerLookup,
  neutralisedSettings,
  invoiceTotals,
  supplierInvoiceTotals,
  paymentTotals,
  invoiceNumbering,
  bookkeepingBalance,
  unalterableLog,
  loggedInvoices,
  register,
  restoredFiles,
  furtherFolders,
  fileTimes,
  invoicePdfs,
  invoicePdfTexts,
  namedPapers,
  linksAway,
  logoFile,
];

/**
 * `dataChecks` for one set. Of a set of the old script no hash was recorded, so the check on hashes cannot run: it is
 * printed and counted, and does not keep the set from being proved by all the others.
 */
export const dataChecksFor = (hashesRecorded: boolean): readonly Check<DataContext>[] =>
  dataChecks.map((check) =>
    check === objectHashes && !hashesRecorded ? { ...check, required: false } : check
  );

/** The checks on the code of the sandbox: run where the configuration names its htdocs. */
export const codeChecks: readonly Check<DataContext>[] = [codeOfSandbox];

/** The checks of a whole drill of a sandbox whose code is not looked at. */
export const allChecks: readonly CheckText[] = [...dataChecks, ...browserChecks, ...durationChecks];
