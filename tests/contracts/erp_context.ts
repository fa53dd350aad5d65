/** What the tests of an ERP share: the running ERP, two visitors, and the assertion that a page is an error in disguise. */

import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { type Invoice, isValidated } from "../../src/dolibarr/books/invoices.ts";
import type { Erp, openBrowser } from "../../src/dolibarr/pages/visit/browser.ts";
import type { DisguiseKind } from "../../src/dolibarr/pages/visit/disguises.ts";
import type { RunningErp } from "../support/lab/erp.ts";
import { PageFault } from "../../src/dolibarr/pages/visit/page_fault.ts";

/** The ERP of the tests, set before the first one. */
export interface ErpContext {
  running: RunningErp;
  browser: Awaited<ReturnType<typeof openBrowser>>;
  /** Signed in with the drill's account. */
  erp: Erp;
  /** Not signed in. */
  anonymous: Erp;
  /** Oldest first. */
  invoices: Invoice[];
}

/** Asserts that `open` finds a disguise of this kind. @returns the message of the error. */
export async function assertDisguise(kind: DisguiseKind, open: () => Promise<unknown>): Promise<string> {
  const fault = await assertRejects(open, PageFault);
  assertEquals([fault.kind, fault.code], [kind, "CHECK_FAILED"], fault.message);
  return fault.message;
}

/** The newest validated invoice. */
export const newestInvoice = ({ invoices }: ErpContext): Invoice => invoices.findLast(isValidated)!;

/** The path of an invoice's PDF, relative to the documents of invoices: `FA2511-0001/FA2511-0001.pdf`. */
export const pdfOf = (invoice: Invoice): string => invoice.mainDocument!.replace(/^facture\//, "");

export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
