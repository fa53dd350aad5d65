/**
 * Two random marks in the sandbox: behind the sign-in page's message, and a file of the company's. Seeing both in the
 * browser proves that its pages are those of what was restored, and not of another ERP behind a wrong address (DESIGN,
 * rule 9). Both can be told by their form alone, so that whoever comes after a killed drill can remove what it left.
 */

import { join } from "node:path";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { randomText } from "./drill_account.ts";

export interface Marks extends AsyncDisposable {
  /** What the sign-in page's message must end with. */
  message: string;
  /** Under `mycompany/`, and what is in it. */
  file: { name: string; content: string };
}

/** The constant whose value the sign-in page shows. */
const MESSAGE_CONSTANT = "MAIN_HOME";
/** A mark and its file, whatever their random parts; PostgreSQL and JavaScript read it alike. */
const MESSAGE = "dolibarr-drill [0-9a-f]{16}";
const FILE = /^dolibarr-drill-[0-9a-f]{16}\.txt$/;

/** The mark at the end of what the sign-in page says; undefined where there is none. */
export const markIn = (message: string): string | undefined => new RegExp(`${MESSAGE}$`).exec(message)?.[0];

/**
 * Writes both marks, after removing those that a killed drill left; disposing removes them again.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`.
 */
export async function writeMarks(session: Session, documents: string): Promise<Marks> {
  await removeMarks(session, documents);
  const message = `dolibarr-drill ${randomText(16)}`;
  const file = { name: `dolibarr-drill-${randomText(16)}.txt`, content: randomText(32) + "\n" };
  await appendMessage(session, message);
  try {
    await Deno.writeTextFile(join(documents, "mycompany", file.name), file.content, {
      createNew: true,
      mode: 0o644,
    });
  } catch (error) {
    await stripMessage(session);
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
    [Symbol.asyncDispose]: () => removeMarks(session, documents).then(() => undefined),
  };
}

/**
 * Removes every mark that a drill wrote, and leaves all else as it was.
 * @returns what was removed, a line each; empty where there was none.
 */
export async function removeMarks(session: Session, documents: string): Promise<string[]> {
  const removed: string[] = [];
  if (await stripMessage(session) > 0) removed.push("the mark in the sign-in page's message");
  for (const name of await fileNames(join(documents, "mycompany"))) {
    await Deno.remove(join(documents, "mycompany", name));
    removed.push(`mycompany/${name}`);
  }
  return removed;
}

/** Behind the message in every entity, and in entity 0 where no entity has one. */
async function appendMessage(session: Session, message: string): Promise<void> {
  await session.query(
    "UPDATE public.llx_const SET value = CASE value WHEN '' THEN $2::text ELSE value || ' ' || $2::text END WHERE name = $1",
    [MESSAGE_CONSTANT, message],
  );
  await session.query(
    `INSERT INTO public.llx_const (name, entity, value, type, visible, note)
     SELECT $1::varchar, 0, $2::text, 'chaine', 0, 'dolibarr-drill'
      WHERE NOT EXISTS (SELECT FROM public.llx_const WHERE name = $1::varchar)`,
    [MESSAGE_CONSTANT, message],
  );
}

/** @returns how many messages bore a mark. */
async function stripMessage(session: Session): Promise<number> {
  const [there] = await session.query<{ there: boolean }>(
    "SELECT to_regclass('public.llx_const') IS NOT NULL AS there",
  );
  if (!there?.there) return 0;
  const stripped = await session.query<{ rowid: string; value: string; note: string | null }>(
    `UPDATE public.llx_const SET value = regexp_replace(value, $2, '', 'g') WHERE name = $1 AND value ~ $2
     RETURNING rowid::text, value, note`,
    [MESSAGE_CONSTANT, ` ?${MESSAGE}`],
  );
  for (const { rowid, value, note } of stripped) {
    if (value === "" && note === "dolibarr-drill") {
      await session.query("DELETE FROM public.llx_const WHERE rowid = $1", [rowid]);
    }
  }
  return stripped.length;
}

async function fileNames(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder)))
      .filter(({ name, isFile }) => isFile && FILE.test(name))
      .map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return []; // no folder, no file
    throw error;
  }
}
