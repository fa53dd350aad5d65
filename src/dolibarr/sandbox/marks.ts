/**
 * The two random marks that a drill writes into the sandbox: one at the end of the sign-in page's message, one as a picture
 * beside the company's logo. When the ERP shows both, its pages are those of what was restored, and not of another ERP
 * behind a wrong address (docs/design.md, rule 9). It shows both to everybody, so nobody has to sign in to look for them.
 * Both have a fixed form, so that a later run can remove the marks of a drill that was killed.
 */

import { closeSync, fchmodSync, fchownSync, writeSync } from "node:fs";
import { DrillError, messageOf } from "../../base/errors.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { randomHex } from "../../base/random.ts";
import type { Bytes } from "../../base/streams.ts";
import { codeOf, Folder } from "../../documents/tree/folder.ts";
import { Reach } from "../../documents/tree/reach.ts";
import { randomPicture } from "./mark_picture.ts";

export interface Marks extends AsyncDisposable {
  /** The text that the sign-in page's message must end with. */
  message: string;
  /** The picture's path below `mycompany/`, and its bytes. */
  file: { path: string; content: Bytes };
}

/** The constant that the sign-in page shows. */
const MESSAGE_CONSTANT = "MAIN_HOME";
/** The form of the message, as a pattern that PostgreSQL and JavaScript read alike. */
const MESSAGE = "dolibarr-drill [0-9a-f]{16}";
/**
 * The folder of the company's that Dolibarr serves without a sign-in (viewimage.php of 22.0.4: `mycompany` and `logos/`),
 * and the one in which the marks of earlier versions lie.
 */
const [LOGOS, EARLIER] = ["mycompany/logos", "mycompany"];
/** The forms of a file's name, by its folder. */
const FILES: readonly [folder: string, name: RegExp][] = [
  [LOGOS, /^dolibarr-drill-[0-9a-f]{16}\.png$/],
  [EARLIER, /^dolibarr-drill-[0-9a-f]{16}\.txt$/],
];

/** The mark at the end of the sign-in page's message; undefined where there is none. */
export const markIn = (message: string): string | undefined => new RegExp(`${MESSAGE}$`).exec(message)?.[0];

/**
 * Writes both marks, after removing those of a drill that was killed. Disposing removes them again.
 * @throws DrillError `DOCUMENTS_NOT_WRITABLE`.
 */
export async function writeMarks(session: Session, documents: string): Promise<Marks> {
  await removeMarks(session, documents);
  const message = `dolibarr-drill ${randomHex(8)}`;
  const path = `${LOGOS}/dolibarr-drill-${randomHex(8)}.png`;
  const content = randomPicture();
  await appendMessage(session, message);
  try {
    writePicture(documents, path, content);
  } catch (error) {
    await stripMessage(session);
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot write the mark ${documents}/${path} into the sandbox: ${messageOf(error)}`,
      `Give this user the right to write to ${documents}/${LOGOS}.`,
      { cause: error },
    );
  }
  return {
    message,
    file: { path: path.slice("mycompany/".length), content },
    [Symbol.asyncDispose]: () => removeMarks(session, documents).then(() => undefined),
  };
}

/** By handles: whoever serves the ERP may exchange any name there meanwhile. */
function writePicture(documents: string, path: string, content: Bytes): void {
  using root = Folder.open(documents);
  using reach = new Reach(root);
  makeFolderLikeParent(reach, LOGOS);
  const { folder, name } = reach.parent(path);
  const file = folder.createFile(name, 0o644);
  try {
    for (let at = 0; at < content.length;) at += writeSync(file, content, at);
  } finally {
    closeSync(file);
  }
}

/** A company without a logo may have no such folder yet; the ERP must be able to write to it as to the one above. */
function makeFolderLikeParent(reach: Reach, path: string): void {
  const { folder, name } = reach.parent(path);
  if (folder.find(name)?.isDirectory) return;
  using made = folder.makeFolder(name);
  const { uid, gid, mode } = folder.info();
  const own = made.info();
  if (own.uid !== uid || own.gid !== gid) fchownSync(made.handle, uid, gid);
  fchmodSync(made.handle, mode & 0o7777);
}

/**
 * Removes every mark of a drill, and nothing else.
 * @returns what was removed, one line each; empty where there was no mark.
 */
export async function removeMarks(session: Session, documents: string): Promise<string[]> {
  const removed: string[] = [];
  if (await stripMessage(session) > 0) removed.push("the mark in the sign-in page's message");
  for (const [folder, form] of FILES) {
    for (const name of filesIn(documents, folder, form, (there, name) => there.removeFile(name))) {
      removed.push(`${folder}/${name}`);
    }
  }
  return removed;
}

/** What `removeMarks` would remove, one line each. */
export async function leftMarks(session: Session, documents: string): Promise<string[]> {
  const [there] = await session.query<{ there: boolean }>(
    "SELECT to_regclass('public.llx_const') IS NOT NULL AS there",
  );
  const marked = there?.there
    ? await session.query("SELECT FROM public.llx_const WHERE name = $1 AND value ~ $2", [
      MESSAGE_CONSTANT,
      ` ?${MESSAGE}`,
    ])
    : [];
  const found = marked.length > 0 ? ["the mark in the sign-in page's message"] : [];
  for (const [folder, form] of FILES) {
    for (const name of filesIn(documents, folder, form)) found.push(`${folder}/${name}`);
  }
  return found;
}

/** Appends the mark to the message in every entity, or sets it in entity 0 where no entity has a message. */
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

/** Removes the mark from every message. @returns the number of messages that had one. */
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

/** The files of that form in a folder of the documents, after `act` on each. */
function filesIn(
  documents: string,
  path: string,
  form: RegExp,
  act: (folder: Folder, name: string) => void = () => {},
): string[] {
  try {
    using root = Folder.open(documents);
    using reach = new Reach(root);
    const folder = reach.folder(path);
    const names = folder.names().filter((name) => form.test(name) && folder.find(name)?.isFile);
    for (const name of names) act(folder, name);
    return names;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return []; // no folder, no file
    throw error;
  }
}
