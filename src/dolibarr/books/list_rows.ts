/** The rows that Dolibarr's lists of third parties and of supplier invoices must show, as the database has them. */

import type { Session } from "../../postgres/connection/session.ts";
import { isPhpTrue, readConstants } from "../constants.ts";
import { plainText } from "../formats/plain_text.ts";

/** A row that a list must show. */
export interface ListRow extends Record<string, unknown> {
  id: number;
  /** A reference or a name, as stored. */
  label: string;
  /** The codes of a customer and of a supplier, which a list may write before a name (SOCIETE_ADD_REF_IN_LIST). */
  codes?: string[];
  /** Whether the list may write a code in place of the name, as it does where that constant is not 1. */
  codesAlone?: boolean;
}

export interface ExpectedList {
  /** False where the module is off: then no account has the right to open its list. */
  enabled: boolean;
  rows: ListRow[];
}

/** The length at which Dolibarr truncates a third party's name in its list (`Societe::getNomUrl`, 22.0.4). */
const TRUNCATED_AT = 100;

/**
 * Every third party of the first entity, closed ones included. Where the module of suppliers is off, the list leaves out
 * third parties that are suppliers only (societe/list.php of 22.0.4).
 */
export async function readThirdParties(session: Session): Promise<ExpectedList> {
  const enabled = await isModuleOn(session, "SOCIETE");
  const suppliers = await isModuleOn(session, "FOURNISSEUR");
  const { SOCIETE_ADD_REF_IN_LIST: codes } = await readConstants(session, ["SOCIETE_ADD_REF_IN_LIST"]);
  const codesAlone = isPhpTrue(codes) && parseInt(codes!, 10) !== 1;
  const rows = enabled
    ? await session.query<ListRow>(
      `SELECT s.rowid::integer AS id, coalesce(s.nom, '') AS label,
              array_remove(ARRAY[nullif(s.code_client, ''), nullif(s.code_fournisseur, '')], NULL)::text[] AS codes
         FROM public.llx_societe s WHERE s.entity = 1 AND ($1::boolean OR s.fournisseur <> 1 OR s.client <> 0)
        ORDER BY s.rowid`,
      [suppliers],
    )
    : [];
  return { enabled, rows: rows.map((row) => ({ ...row, codesAlone })) };
}

/** Every supplier invoice of the first entity; none where the module of suppliers is off. */
export async function readSupplierInvoices(session: Session): Promise<ExpectedList> {
  const enabled = await isModuleOn(session, "FOURNISSEUR");
  const rows = enabled
    ? await session.query<ListRow>(
      "SELECT rowid::integer AS id, ref AS label FROM public.llx_facture_fourn WHERE entity = 1 ORDER BY rowid",
    )
    : [];
  return { enabled, rows };
}

/** Whether the text in a list is that of this row: the label, with its codes before it or alone, truncated where it is long. Pure. */
export function matchesListLabel({ label, codes = [], codesAlone = false }: ListRow, text: string): boolean {
  let rest = plainText(text);
  const whole = plainText(label);
  if (rest === whole) return true;
  let prefix = "";
  for (const code of codes) {
    if (!rest.startsWith(`${plainText(code)} -`)) continue;
    rest = rest.slice(plainText(code).length + 2).trim();
    prefix += `${code} - `;
  }
  const codeAlone = codesAlone && prefix !== "" && rest === "";
  return rest === whole || codeAlone || isTruncated(rest, label, prefix);
}

/**
 * Whether `text` is the truncated `label`, after the codes `prefix`: at least as much as `dol_trunc` leaves. That function
 * counts the characters of HTML entities and tags that it does not recognise, and may cut one in two.
 */
function isTruncated(text: string, label: string, prefix: string): boolean {
  const stored = [...`${prefix}${prefix && " "}${label}`];
  if (!text.endsWith("…") || stored.length <= TRUNCATED_AT + 1) return false;
  const least = plainText(
    stored.slice(0, TRUNCATED_AT).join("").slice(prefix.length).replace(INCOMPLETE, ""),
  );
  const beginning = text.slice(0, -1).replace(INCOMPLETE, "").trimEnd();
  return beginning.startsWith(least) && plainText(label).startsWith(beginning);
}

/** An incomplete HTML entity or tag at the end of a text. */
const INCOMPLETE = /(?:&#?\w*|<[^<>]*)$/;

async function isModuleOn(session: Session, module: string): Promise<boolean> {
  const name = `MAIN_MODULE_${module}`;
  return isPhpTrue((await readConstants(session, [name]))[name]);
}
