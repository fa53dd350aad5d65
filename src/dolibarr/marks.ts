/**
 * Two random marks in the sandbox: the sign-in page's message, and a file of the company's. Seeing both in the browser
 * proves that its pages are those of what was restored, and not of another ERP behind a wrong address (DESIGN, rule 9).
 */

import { join } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import type { Session } from "../postgres/session.ts";
import { randomText } from "./drill_account.ts";

export interface Marks extends AsyncDisposable {
  /** What the sign-in page must say. */
  message: string;
  /** Under `mycompany/`, and what is in it. */
  file: { name: string; content: string };
}

/** The constant whose value the sign-in page shows. */
const MESSAGE_CONSTANT = "MAIN_HOME";

/** Writes both marks; disposing puts back what was there. @throws DrillError `DOCUMENTS_NOT_WRITABLE`. */
export async function writeMarks(session: Session, documents: string): Promise<Marks> {
  const message = `dolibarr-drill ${randomText(16)}`;
  const file = { name: `dolibarr-drill-${randomText(16)}.txt`, content: randomText(32) + "\n" };
  const path = join(documents, "mycompany", file.name);
  const restoreMessage = await writeMessage(session, message);
  try {
    await Deno.writeTextFile(path, file.content, { createNew: true, mode: 0o644 });
  } catch (error) {
    await restoreMessage();
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot write a mark into the sandbox: ${messageOf(error)}`,
      `May this user write to ${documents}/mycompany?`,
      { cause: error },
    );
  }
  return {
    message,
    file,
    async [Symbol.asyncDispose]() {
      await restoreMessage();
      await Deno.remove(path);
    },
  };
}

/** Sets the message in every entity and returns what puts the old ones back. */
async function writeMessage(session: Session, message: string): Promise<() => Promise<void>> {
  const before = await session.query<{ rowid: string; value: string | null }>(
    "SELECT rowid::text, value FROM public.llx_const WHERE name = $1",
    [MESSAGE_CONSTANT],
  );
  if (before.length === 0) {
    await session.query(
      "INSERT INTO public.llx_const (name, entity, value, type, visible, note) VALUES ($1, 0, $2, 'chaine', 0, 'dolibarr-drill')",
      [MESSAGE_CONSTANT, message],
    );
  } else {await session.query("UPDATE public.llx_const SET value = $2 WHERE name = $1", [
      MESSAGE_CONSTANT,
      message,
    ]);}
  return async () => {
    if (before.length === 0) {
      await session.query("DELETE FROM public.llx_const WHERE name = $1", [MESSAGE_CONSTANT]);
    }
    for (const { rowid, value } of before) {
      await session.query("UPDATE public.llx_const SET value = $2 WHERE rowid = $1", [rowid, value]);
    }
  };
}
