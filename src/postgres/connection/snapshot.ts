/** One instant of a database, read-only, which other sessions (pg_dump) can read too. */

import { asDrillError, DrillError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import {
  contentSettingsSql,
  readContent,
  readFilledContent,
  type TableContent,
} from "../catalogue/content.ts";
import type { RecordedHash } from "../rows/content_algorithms.ts";
import { trustedSettingsSql } from "../rows/settings.ts";
import { requireOwnerRole } from "../rights/owner_role.ts";
import type { FilledTable } from "../catalogue/filled.ts";
import { identify, type Identity } from "./identity.ts";
import { connect, type Session } from "./session.ts";
import type { Database } from "./database.ts";

export interface Snapshot extends AsyncDisposable {
  /** For `pg_dump --snapshot`; valid until this is disposed. */
  id: string;
  /** When its session began, by `performance.now()`: a server that is up for less was restarted under it. */
  since: number;
  identity: Identity;
  /** Counts and hashes every table, as of this instant. */
  content(onProgress?: (done: number, total: number) => void): Promise<TableContent[]>;
  /** The same, and how many rows every column fills. */
  filledContent(
    onProgress?: (done: number, total: number) => void,
  ): Promise<{ tables: TableContent[]; filled: FilledTable[] }>;
  /** A question as of this instant. */
  session: Session;
  /**
   * Asks what this database may have no answer to: where that fails the instant stands, and pg_dump goes on reading it.
   * @throws DrillError where the session is gone.
   */
  attempt<T>(read: (session: Session) => Promise<T>): Promise<{ found: T } | { error: DrillError }>;
}

/**
 * Opens a read-only transaction, proves that it is one, and exports its snapshot.
 *
 * @param allow checks the session before anything else is asked, and throws when it must not be used.
 * @throws DrillError `NOT_READ_ONLY` when the server does not say so: a pooler may drop what was asked for;
 *   `ROLE_MISSING` where the configured owner is no role of it.
 */
export async function openSnapshot(
  database: Database,
  allow?: (session: Session) => Promise<void>,
): Promise<Snapshot> {
  const since = performance.now();
  const session = await connect(database);
  try {
    await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${trustedSettingsSql()}`);
    await assertReadOnly(session, database);
    await requireOwnerRole(session, database);
    await allow?.(session);
    // as with pg_dump: a backup never stands in a queue for a lock, with the ERP behind it
    await session.query(`SET LOCAL lock_timeout = ${limits.dumpWaitsForLock}`);
    await settingContent(session);
    const identity = await identify(session);
    const [exported] = await session.query<{ id: string }>("SELECT pg_catalog.pg_export_snapshot() AS id");
    return {
      id: exported!.id,
      since,
      identity,
      session,
      content: (onProgress) => readContent(session.ask, { onProgress }),
      filledContent: (onProgress) => readFilledContent(session.ask, { onProgress }),
      attempt: (read) => attempt(session, read),
      async [Symbol.asyncDispose]() {
        await session[Symbol.asyncDispose](); // ends the transaction, in which nothing was written
      },
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** A failure ends a transaction, and with it the snapshot that it exported; back at a savepoint it goes on. */
async function attempt<T>(
  session: Session,
  read: (session: Session) => Promise<T>,
): Promise<{ found: T } | { error: DrillError }> {
  await session.query("SAVEPOINT attempt");
  try {
    return { found: await read(session) };
  } catch (error) {
    await session.query("ROLLBACK TO SAVEPOINT attempt");
    return { error: asDrillError(error) };
  }
}

/** Makes a row's text what it is in every register, until the transaction ends. */
async function settingContent(session: Session): Promise<void> {
  await session.query(contentSettingsSql());
}

/** Every table as it is committed now. @param hash how it was hashed that it is compared with */
export async function contentOf(session: Session, hash?: RecordedHash): Promise<TableContent[]> {
  await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return await readContent(session.ask, hash ? { hash } : {});
  } finally {
    await session.query("ROLLBACK"); // nothing was written; what failed inside must not stay behind
  }
}

async function assertReadOnly(session: Session, database: Database): Promise<void> {
  const [row] = await session.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  if (row?.transaction_read_only === "on") return;
  throw new DrillError(
    "NOT_READ_ONLY",
    `Cannot back up ${database.name}: its session is not read-only`,
    "A pooler dropped the setting. Use a pooler in session mode, or the server itself.",
  );
}
