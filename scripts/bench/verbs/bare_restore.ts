/** What the bare alternatives to a restore share: the same dump, the same entries of it, the same database. */

import { readFile } from "../../../src/base/streams.ts";
import { quoteIdentifier } from "../../../src/postgres/connection/database.ts";
import { listArchive } from "../../../src/postgres/programs/archive.ts";
import type { Programs } from "../../../src/postgres/programs/programs.ts";
import { planRestore } from "../../../src/restore/dump/filter.ts";
import { parseContents } from "../../../src/restore/dump/toc.ts";

/** Writes the entries of `dump` that a restore includes into a file for `pg_restore --use-list`. @returns its path. */
export async function writeEntries(
  { folder, dump, programs, signal }: {
    folder: string;
    dump: string;
    programs: Programs;
    signal: AbortSignal;
  },
): Promise<string> {
  const { included } = planRestore(
    parseContents(await listArchive({ name: dump, bytes: readFile(dump) }, programs, signal), dump),
  );
  const file = `${folder}/entries`;
  await Deno.writeTextFile(file, included.map(({ line }) => line).join("\n") + "\n");
  return file;
}

/** The shell command that drops everything that `owner` owns. */
export const dropOwned = (owner: string, { psql }: Programs): string =>
  `"${psql}" --quiet --command='DROP OWNED BY ${quoteIdentifier(owner)} CASCADE'`;

/** The one file in `folder` whose name ends with `ending`. */
export function onlyFile(folder: string, ending: string): string {
  const [found] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(ending));
  if (!found) throw new Error(`there is no ${ending} in ${folder}`);
  return `${folder}/${found.name}`;
}
