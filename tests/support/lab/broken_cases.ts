/** Makes a case of the corpus in a restored sandbox, runs the checks on it, and puts the sandbox back. */

import { dirname, join } from "node:path";
import { sha256Of } from "../../../src/base/streams.ts";
import { logoPath } from "../../../src/dolibarr/company.ts";
import { isValidated } from "../../../src/dolibarr/books/invoices.ts";
import { isWithin } from "../../../src/checks/check.ts";
import { type DataContext, readDataContext } from "../../../src/checks/data/context.ts";
import { dataChecks } from "../../../src/checks/all_checks.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { countObjects } from "../../../src/postgres/catalogue/objects.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { readLookup } from "../../../src/restore/load/others.ts";
import type { BrokenCase, FileAct } from "../../../fixtures/broken/case.ts";
import { rolledBack, savedFolder } from "./put_back.ts";
import { runCheck } from "../../../src/checks/run.ts";

const signal = new AbortController().signal;

/** The values of the placeholders of a case in this sandbox. */
export interface Placeholders {
  "{paper}": string;
  "{other}": string;
  "{logo}": string;
  "{owner}": string;
}

export function placeholdersOf({ invoices, company, sandbox }: DataContext): Placeholders {
  const papers = invoices.filter(isValidated).map(({ mainDocument }) => mainDocument!);
  return {
    "{paper}": papers.at(-1)!,
    "{other}": papers[papers.length >> 1]!,
    "{logo}": logoPath(company.logo),
    "{owner}": sandbox.database.owner,
  };
}

export const withPlaceholders = (text: string, names: Placeholders): string =>
  Object.entries(names).reduce(
    (withPlaceholders, [name, value]) => withPlaceholders.replaceAll(name, value),
    text,
  );

/** Runs every check on the data and the documents that a standard drill runs. */
export async function judgeSandbox(context: DataContext): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of CHECKS_OF_ONE_NIGHT) {
    results.push(await runCheck(check, context, signal));
  }
  return results;
}

/** All but what compares two nights (tests/faults/backup/register_test.ts), and what a backup left out (links_test.ts there). */
export const CHECKS_OF_ONE_NIGHT = dataChecks.filter(({ id, level }) =>
  id !== "data.register" && id !== "documents.links" && isWithin(level, "standard")
);

/** Breaks the sandbox of `whole`, runs the checks as a drill would, and puts rows and files back. */
export async function judgeCase(
  broken: BrokenCase,
  whole: DataContext,
  provisioner: Session,
): Promise<CheckResult[]> {
  const names = placeholdersOf(whole);
  await using _files = broken.files ? await savedFolder(whole.sandbox.documents) : nothingSaved();
  for (const act of broken.files ?? []) await changeFile(whole.sandbox.documents, act, names);
  return await rolledBack(provisioner, async (session) => {
    await session.query("SET LOCAL session_replication_role = replica");
    if (broken.sql) await session.query(withPlaceholders(broken.sql, names));
    return await judgeSandbox(await contextAfter(broken, { ...whole, session }));
  });
}

/** The context of a drill. Where the loss was before the backup, the backup has recorded it. */
async function contextAfter(broken: BrokenCase, whole: DataContext): Promise<DataContext> {
  const { session, sandbox, proof } = whole;
  const now = broken.sql ? await readDataContext(whole, () => contentOf(session)) : whole;
  const { content } = now;
  if (broken.lost === "before the backup") {
    const index = broken.files ? indexOfTree(sandbox.documents, proof.index) : proof.index;
    const kinds = broken.sql ? await countObjects(session, sandbox.database.owner) : proof.kinds;
    const database = { ...proof.database, expected: content, found: content, changed: [] };
    return { ...now, proof: { ...proof, database, index, kinds } };
  }
  const after = await readLookup(session.ask);
  const database = { ...proof.database, lookup: { ...proof.database.lookup, after } };
  return { ...now, proof: { ...proof, database } };
}

/** The index that a backup of this tree would write. */
export const indexOfTree = (documents: string, before: DocumentsIndex): DocumentsIndex => ({
  ...before,
  files: walkTree(documents, before.excludes).filter(({ type }) => type === "file").map((file) => {
    const bytes = Deno.readFileSync(join(documents, file.path));
    const { path, mtimeMs, ctimeMs } = file;
    return { path, bytes: bytes.length, mtimeMs, ctimeMs, sha256: sha256Of(bytes) };
  }),
});

/** Changes a file of the documents. */
export async function changeFile(documents: string, act: FileAct, names: Placeholders): Promise<void> {
  const at = (path: string) => join(documents, withPlaceholders(path, names));
  const file = at(act.path);
  switch (act.act) {
    case "remove":
      return await Deno.remove(file);
    case "empty":
      return await Deno.truncate(file, 0);
    case "truncate":
      return await Deno.truncate(file, act.bytes);
    case "copy":
      return await Deno.copyFile(at(act.from), file);
    case "date into tomorrow": {
      const tomorrow = new Date(Date.now() + 86_400_000);
      return await Deno.utime(file, tomorrow, tomorrow);
    }
    case "write":
      await Deno.mkdir(dirname(file), { recursive: true });
      return await Deno.writeTextFile(file, act.text);
    case "flip a bit of": {
      const { atime, mtime } = await Deno.stat(file);
      const bytes = await Deno.readFile(file);
      bytes[bytes.length >> 1]! ^= 1;
      await Deno.writeFile(file, bytes);
      return await Deno.utime(file, atime!, mtime!); // as after an error of the disk, its time is the same
    }
  }
}

const nothingSaved = (): AsyncDisposable => ({ [Symbol.asyncDispose]: () => Promise.resolve() });
