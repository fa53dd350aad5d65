/** What Dolibarr's lists of third parties and of supplier invoices show, as the database has it. */

import type { Session } from "../postgres/session.ts";
import { plainText } from "./pages/company_page.ts";

/** A row as a list shows it. */
export interface Listed extends Record<string, unknown> {
  id: number;
  /** A reference, or a name as the database has it. */
  label: string;
  /** What a list may write before a name, as SOCIETE_ADD_REF_IN_LIST says: the codes of a customer and of a supplier. */
  codes?: string[];
}

export interface Listing {
  /** False: the module is switched off, and nobody has a right to its list. */
  enabled: boolean;
  rows: Listed[];
}

/** Where Dolibarr cuts a third party's name off in its list (`Societe::getNomUrl`, 22.0.4). */
const NAME_IS_CUT_AT = 100;

/**
 * Every third party of the first entity, those that are closed too. Where suppliers are switched off nobody may read
 * them, and the list leaves out who is nothing else (societe/list.php of 22.0.4).
 */
export async function readThirdParties(session: Session): Promise<Listing> {
  const enabled = await isModuleOn(session, "SOCIETE");
  const suppliers = await isModuleOn(session, "FOURNISSEUR");
  const rows = enabled
    ? await session.query<Listed>(
      `SELECT s.rowid::integer AS id, coalesce(s.nom, '') AS label,
              array_remove(ARRAY[nullif(s.code_client, ''), nullif(s.code_fournisseur, '')], NULL)::text[] AS codes
         FROM public.llx_societe s WHERE s.entity = 1 AND ($1::boolean OR s.fournisseur <> 1 OR s.client <> 0)
        ORDER BY s.rowid`,
      [suppliers],
    )
    : [];
  return { enabled, rows };
}

/** Every supplier invoice of the first entity. 22.0.4 lists those whose third party is there, and asks for the module of suppliers. */
export async function readSupplierInvoices(session: Session): Promise<Listing> {
  const enabled = await isModuleOn(session, "FOURNISSEUR");
  const rows = enabled
    ? await session.query<Listed>(
      "SELECT rowid::integer AS id, ref AS label FROM public.llx_facture_fourn WHERE entity = 1 ORDER BY rowid",
    )
    : [];
  return { enabled, rows };
}

/** Whether a list's text is that row: with its codes before it, without entities, and cut off where it is long. Pure. */
export function isShownAs({ label, codes = [] }: Listed, text: string): boolean {
  let shown = plain(text);
  const whole = plain(label);
  if (shown === whole) return true;
  for (const code of codes) {
    if (shown.startsWith(`${code} -`)) shown = shown.slice(code.length + 2).trim();
  }
  const cut = shown.length > NAME_IS_CUT_AT && shown.endsWith("…") &&
    whole.startsWith(shown.slice(0, -1).trimEnd());
  return shown === whole || cut || shown === "" && codes.length > 0;
}

const plain = (text: string): string => plainText(text).replace(/\s+/g, " ").trim().normalize();

async function isModuleOn(session: Session, module: string): Promise<boolean> {
  const [row] = await session.query<{ value: string | null }>(
    "SELECT value FROM public.llx_const WHERE name = $1 AND entity IN (0, 1) ORDER BY entity DESC LIMIT 1",
    [`MAIN_MODULE_${module}`],
  );
  return isOn(row?.value);
}

/** As PHP takes a text for true. */
export const isOn = (value: string | null | undefined): boolean => !["", "0"].includes(value ?? "");
