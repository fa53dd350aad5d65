/** Whose name the PDF of an invoice prints. */

import type { Session } from "../../postgres/connection/session.ts";

/**
 * The names of the third parties of these invoices, by the invoice's id. One that has a contact is left out: of a billing
 * contact of another company the templates of 22.0.4 print that company's name (pdf_sponge, `$usecontact`).
 */
export async function readPrintedParties(
  session: Session,
  ids: readonly number[],
): Promise<Map<number, string>> {
  const isLinked = await session.ask<boolean>(
    `SELECT count(*) = 2 FROM pg_catalog.pg_attribute
      WHERE attrelid = pg_catalog.to_regclass('public.llx_element_contact') AND attname IN ('element_id', 'fk_c_type_contact')
        AND NOT attisdropped`,
  );
  const contact = isLinked
    ? `AND NOT EXISTS (SELECT FROM public.llx_element_contact e JOIN public.llx_c_type_contact c ON c.rowid = e.fk_c_type_contact
          WHERE e.element_id = f.rowid AND c.element = 'facture' AND c.source = 'external')`
    : "";
  const rows = await session.query<{ id: number; name: string }>(
    `SELECT f.rowid::integer AS id, s.nom AS name FROM public.llx_facture f JOIN public.llx_societe s ON s.rowid = f.fk_soc
      WHERE f.rowid = ANY($1) AND trim(s.nom) <> '' ${contact}`,
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name.trim()]));
}
