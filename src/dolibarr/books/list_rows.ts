/** What Dolibarr's lists of third parties and of supplier invoices show, as the database has it. */

import type { Session } from "../../postgres/connection/session.ts";
import { isPhpTrue, readConstants } from "../constants.ts";
import { plainText } from "../formats/plain_text.ts";

/** A row as a list shows it. */
export interface ListRow extends Record<string, unknown> {
  id: number;
  /** A reference, or a name as the database has it. */
  label: string;
  /** What a list may write before a name, as SOCIETE_ADD_REF_IN_LIST says: the codes of a customer and of a supplier. */
  codes?: string[];
  /** Whether the list may write such a code in the name's place, as it does where that setting is not 1. */
  codesAlone?: boolean;
}

export interface ExpectedList {
  /** False: the module is switched off, and nobody has a right to its list. */
  enabled: boolean;
  rows: ListRow[];
}

/** Where Dolibarr cuts a third party's name off in its list (`Societe::getNomUrl`, 22.0.4). */
const NAME_IS_CUT_AT = 100;

/**
 * Every third party of the first entity, those that are closed too. Where suppliers are switched off nobody may read
 * them, and the list leaves out who is nothing else (societe/list.php of 22.0.4).
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

/** Every supplier invoice of the first entity. 22.0.4 lists those whose third party is there, and asks for the module of suppliers. */
export async function readSupplierInvoices(session: Session): Promise<ExpectedList> {
  const enabled = await isModuleOn(session, "FOURNISSEUR");
  const rows = enabled
    ? await session.query<ListRow>(
      "SELECT rowid::integer AS id, ref AS label FROM public.llx_facture_fourn WHERE entity = 1 ORDER BY rowid",
    )
    : [];
  return { enabled, rows };
}

/** Whether a list's text is that row: with its codes before it or alone, and cut off where it is long. Pure. */
export function matchesListLabel({ label, codes = [], codesAlone = false }: ListRow, text: string): boolean {
  let shown = plainText(text);
  const whole = plainText(label);
  if (shown === whole) return true;
  let before = "";
  for (const code of codes) {
    if (!shown.startsWith(`${plainText(code)} -`)) continue;
    shown = shown.slice(plainText(code).length + 2).trim();
    before += `${code} - `;
  }
  const codeAlone = codesAlone && before !== "" && shown === "";
  return shown === whole || codeAlone || isCutOff(shown, label, before);
}

/**
 * Whether `shown` is the beginning of a name with `before` before it: as much as `dol_trunc` leaves of it at the least,
 * which counts the characters of entities and tags where it knows them for none, and may cut one in two.
 */
function isCutOff(shown: string, label: string, before: string): boolean {
  const stored = [...`${before}${before && " "}${label}`];
  if (!shown.endsWith("…") || stored.length <= NAME_IS_CUT_AT + 1) return false;
  const least = plainText(
    stored.slice(0, NAME_IS_CUT_AT).join("").slice(before.length).replace(CUT_IN_TWO, ""),
  );
  const beginning = shown.slice(0, -1).replace(CUT_IN_TWO, "").trimEnd();
  return beginning.startsWith(least) && plainText(label).startsWith(beginning);
}

/** The beginning of an entity or of a tag, at the end of a text. */
const CUT_IN_TWO = /(?:&#?\w*|<[^<>]*)$/;

async function isModuleOn(session: Session, module: string): Promise<boolean> {
  const name = `MAIN_MODULE_${module}`;
  return isPhpTrue((await readConstants(session, [name]))[name]);
}
