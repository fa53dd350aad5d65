/** The register of a database as it is in the transaction of a session, and after statements that are undone. */

import { type MadeRegister, makeRegister } from "../../../src/backup/register/register.ts";
import { readContent } from "../../../src/postgres/catalogue/content.ts";
import type { Session } from "../../../src/postgres/connection/session.ts";
import { openRegister } from "../../../src/store/records/register/text.ts";

/** The register of `set`, compared with `earlier`. */
export const registerOf = async (
  session: Session,
  set: string,
  earlier?: MadeRegister,
): Promise<MadeRegister> =>
  await makeRegister({
    environment: "prod",
    set,
    session,
    tables: await readContent(session.ask),
    ...(earlier ? { earlier: await openRegister(earlier.bytes(), "prod/registers/1.json.gz") } : {}),
  });

/** The same after `statements`, which are undone. */
export async function registerAfter(
  session: Session,
  set: string,
  earlier: MadeRegister,
  statements: readonly string[],
): Promise<MadeRegister> {
  await session.query("SAVEPOINT change");
  try {
    for (const statement of statements) await session.query(statement);
    return await registerOf(session, set, earlier);
  } finally {
    await session.query("ROLLBACK TO SAVEPOINT change");
  }
}
