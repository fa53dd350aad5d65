/** What the tests of an ERP share: the running ERP, two visitors, and how a fault is asked for. */

import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { type Invoice, isValidated } from "../../src/dolibarr/books/invoices.ts";
import type { Erp, openBrowser } from "../../src/dolibarr/pages/visit/browser.ts";
import type { DisguiseKind } from "../../src/dolibarr/pages/visit/disguises.ts";
import type { RunningErp } from "../support/lab/erp.ts";
import { PageFault } from "../../src/dolibarr/pages/visit/page_fault.ts";

/** What each test looks at; filled before the first one. */
export interface Looked {
  running: RunningErp;
  browser: Awaited<ReturnType<typeof openBrowser>>;
  /** Signed in with the drill's account. */
  erp: Erp;
  /** Not signed in. */
  nobody: Erp;
  /** Oldest first. */
  invoices: Invoice[];
}

/** Looks, and makes sure that it ends in a fault of this kind, whose words it returns. */
export async function seen(kind: DisguiseKind, look: () => Promise<unknown>): Promise<string> {
  const fault = await assertRejects(look, PageFault);
  assertEquals([fault.kind, fault.code], [kind, "CHECK_FAILED"], fault.message);
  return fault.message;
}

/** The newest invoice that is more than a draft. */
export const newest = ({ invoices }: Looked): Invoice => invoices.findLast(isValidated)!;

/** Below the documents of invoices: `FA2511-0001/FA2511-0001.pdf`. */
export const documentOf = (invoice: Invoice): string => invoice.mainDocument!.replace(/^facture\//, "");

export const md5 = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");
