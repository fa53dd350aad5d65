/** Changes of an ERP that disposing undoes. */

import type { Session } from "../../../src/postgres/connection/session.ts";

/** Sets a constant in every entity that has it, else in the first. */
export async function setConstant(session: Session, name: string, value: string): Promise<AsyncDisposable> {
  const before = await session.query<{ rowid: number; value: string }>(
    "SELECT rowid, value FROM llx_const WHERE name = $1",
    [name],
  );
  if (before.length > 0) {
    await session.query("UPDATE llx_const SET value = $2 WHERE name = $1", [name, value]);
  } else {await session.query(
      "INSERT INTO llx_const (name, entity, value, type, visible) VALUES ($1, 1, $2, 'chaine', 0)",
      [name, value],
    );}
  return {
    async [Symbol.asyncDispose]() {
      if (before.length === 0) await session.query("DELETE FROM llx_const WHERE name = $1", [name]);
      for (const row of before) {
        await session.query("UPDATE llx_const SET value = $2 WHERE rowid = $1", [row.rowid, row.value]);
      }
    },
  };
}

/** Moves a file or a folder away; disposing moves it back, and removes what took its place. */
export async function moveAway(path: string): Promise<AsyncDisposable> {
  await Deno.rename(path, `${path}.away`);
  return {
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true }).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // nothing took its place
      });
      await Deno.rename(`${path}.away`, path);
    },
  };
}

/** The names whose content differs. */
export function changedNames(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) =>
    before.get(name) !== after.get(name)
  ).sort();
}
