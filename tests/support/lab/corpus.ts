/** A way of the corpus, made in a restored sandbox and judged there, and the sandbox put back. */

import { dirname, join } from "node:path";
import { sha256Of } from "../../../src/base/streams.ts";
import { logoPath } from "../../../src/dolibarr/company.ts";
import { isValidated } from "../../../src/dolibarr/books/invoices.ts";
import { isWithin, runCheck } from "../../../src/checks/check.ts";
import { type DataContext, readDataContext } from "../../../src/checks/data/context.ts";
import { dataChecks } from "../../../src/checks/data/restored.ts";
import type { CheckResult } from "../../../src/checks/result.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import { countObjects } from "../../../src/postgres/catalogue/objects.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { readLookup } from "../../../src/restore/load/others.ts";
import type { BrokenWay, FileAct } from "../../../fixtures/broken/way.ts";
import { keptFolder, undone } from "./undone.ts";

const signal = new AbortController().signal;

/** What the placeholders of a way stand for in this sandbox. */
export interface Names {
  "{paper}": string;
  "{other}": string;
  "{logo}": string;
  "{owner}": string;
}

export function namesOf({ invoices, company, sandbox }: DataContext): Names {
  const papers = invoices.filter(isValidated).map(({ mainDocument }) => mainDocument!);
  return {
    "{paper}": papers.at(-1)!,
    "{other}": papers[papers.length >> 1]!,
    "{logo}": logoPath(company.logo),
    "{owner}": sandbox.database.owner,
  };
}

export const filled = (text: string, names: Names): string =>
  Object.entries(names).reduce((filled, [name, value]) => filled.replaceAll(name, value), text);

/** Runs every check on the data and the documents that a standard drill runs. */
export async function judge(context: DataContext): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of dataChecks.filter(({ level }) => isWithin(level, "standard"))) {
    results.push(await runCheck(check, context, signal));
  }
  return results;
}

/** Breaks the sandbox of `whole` that way, judges it as a drill would, and puts it back: rows and files. */
export async function judgeBroken(
  way: BrokenWay,
  whole: DataContext,
  provisioner: Session,
): Promise<CheckResult[]> {
  const names = namesOf(whole);
  await using _files = way.files ? await keptFolder(whole.sandbox.documents) : nothingKept();
  for (const act of way.files ?? []) await change(whole.sandbox.documents, act, names);
  return await undone(provisioner, async (session) => {
    await session.query("SET LOCAL session_replication_role = replica");
    if (way.sql) await session.query(filled(way.sql, names));
    return await judge(await contextAfter(way, { ...whole, session }));
  });
}

/** What a drill would know: of a loss before the backup the backup has recorded the same. */
async function contextAfter(way: BrokenWay, whole: DataContext): Promise<DataContext> {
  const { session, sandbox, proof } = whole;
  const now = way.sql ? await readDataContext(whole, () => contentOf(session)) : whole;
  const { content } = now;
  if (way.lost === "before the backup") {
    const index = way.files ? indexOf(sandbox.documents, proof.index) : proof.index;
    const kinds = way.sql ? await countObjects(session, sandbox.database.owner) : proof.kinds;
    const database = { ...proof.database, expected: content, found: content, changed: [] };
    return { ...now, proof: { ...proof, database, index, kinds } };
  }
  const after = await readLookup(session.ask);
  const database = { ...proof.database, lookup: { ...proof.database.lookup, after } };
  return { ...now, proof: { ...proof, database } };
}

/** The index that a backup of this tree would write. */
export const indexOf = (documents: string, before: DocumentsIndex): DocumentsIndex => ({
  ...before,
  files: walkTree(documents, before.excludes).filter(({ type }) => type === "file").map((file) => {
    const bytes = Deno.readFileSync(join(documents, file.path));
    const { path, mtimeMs, ctimeMs } = file;
    return { path, bytes: bytes.length, mtimeMs, ctimeMs, sha256: sha256Of(bytes) };
  }),
});

/** Does one act to the tree. */
export async function change(documents: string, act: FileAct, names: Names): Promise<void> {
  const at = (path: string) => join(documents, filled(path, names));
  const file = at(act.path);
  switch (act.act) {
    case "remove":
      return await Deno.remove(file);
    case "empty":
      return await Deno.truncate(file, 0);
    case "cut off":
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
      return await Deno.utime(file, atime!, mtime!); // a disk that lies tells no time
    }
  }
}

const nothingKept = (): AsyncDisposable => ({ [Symbol.asyncDispose]: () => Promise.resolve() });
