/** The tabs beside the stand-in's card of an invoice: contacts, notes, linked files. */

import { isListedFile } from "../../../dolibarr/papers/linked_files.ts";
import { escape, forbidden, page, recordNotFound, type Reply } from "./html.ts";
import { banner, type InvoiceRow, readInvoice } from "./invoices.ts";
import type { Visit } from "../site.ts";

export const contacts = (visit: Visit): Promise<Reply> =>
  tab(visit, "Contacts/Addresses", () => `<p class="opacitymedium">No contact</p>`);

export const notes = (visit: Visit): Promise<Reply> =>
  tab(visit, "Notes", () => `<p class="opacitymedium">No note</p>`);

export const linkedFiles = (visit: Visit): Promise<Reply> =>
  tab(visit, "Linked files", ({ ref }) => {
    const rows = namesIn(`${visit.site.config.documents}/facture/${ref}`).map((name) =>
      `<tr class="oddeven"><td class="minwidth200imp tdoverflowmax500" title="${
        escape(name)
      }"><a class="paddingright valignmiddle" href="/document.php?modulepart=facture&amp;entity=1&amp;file=${
        encodeURIComponent(`${ref}/${name}`)
      }">${escape(name)}</a></td></tr>`
    );
    return `<table id="tablelines" class="centpercent liste noborder nobottom">
<tr class="liste_titre"><th>Documents</th></tr>
${rows.join("\n") || `<tr><td><span class="opacitymedium">None</span></td></tr>`}</table>`;
  });

async function tab(visit: Visit, title: string, content: (row: InvoiceRow) => string): Promise<Reply> {
  if (!visit.user?.rights.has("facture.lire")) return forbidden(visit);
  const row = await readInvoice(visit);
  if (!row) return recordNotFound(visit, title);
  const shown = visit.fault.mode === "other-invoice" ? { ...row, ref: "FA9999-0001" } : row;
  return page(visit, `${row.ref} - ${title}`, `${banner(shown, title)}\n${content(row)}</div>`);
}

function namesIn(folder: string): string[] {
  try {
    const files = [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && isListedFile(name));
    return files.map(({ name }) => name).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
