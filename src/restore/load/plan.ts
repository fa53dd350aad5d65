/** How a dump is loaded: which entries of it, and with which programs. Decided before anything is touched. */

import { DrillError } from "../../base/errors.ts";
import { isErpTable } from "../../dolibarr/tables/names.ts";
import type { TableContent } from "../../postgres/catalogue/content.ts";
import { CONTENT_HASH, contentAlgorithm, type RecordedHash } from "../../postgres/rows/content_algorithms.ts";
import { extensionsOf } from "../../postgres/catalogue/extensions.ts";
import {
  type DatabaseSettings,
  readDatabaseSettings,
  settingDifferences,
} from "../../postgres/catalogue/database_settings.ts";
import { quoteIdentifier } from "../../postgres/connection/database.ts";
import type { ArchiveHeader } from "../../postgres/programs/archive_header.ts";
import { identify } from "../../postgres/connection/identity.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { listArchive, scriptOf } from "../../postgres/programs/archive.ts";
import { findPrograms, type Programs } from "../../postgres/programs/programs.ts";
import { checkingBytes, type Readable, streamOf } from "../dump/bytes.ts";
import { countKinds, planRestore, refuseMissingExtensions, type RestorePlan } from "../dump/filter.ts";
import { parseContents } from "../dump/toc.ts";
import { refuseMissingRoles } from "../gate/policy_roles.ts";

/** A dump that is brought into an environment: a set's, or that of another environment's current state. */
export interface IncomingDump {
  /** For messages: `prod/20260630T155313Z`. */
  name: string;
  dump: Readable;
  /** What the tables held when they were dumped; without it the rows of the dump are counted while they are loaded. */
  tables?: readonly TableContent[];
  /** How they were hashed; without it as it is done now. */
  hash?: RecordedHash | undefined;
  /** What the database was set to, which no dump has; undefined where that was not recorded. */
  settings?: DatabaseSettings | undefined;
  /** `server_version_num` of the server that makes the dump now; a recorded dump says itself what can read it. */
  serverVersion?: number;
}

export interface LoadPlan {
  source: IncomingDump;
  plan: RestorePlan;
  programs: Programs;
  /** How many entries of each kind are restored. */
  kinds: Record<string, number>;
  /** What a person should know of it before it is loaded. */
  warnings: readonly string[];
}

/**
 * Reads the table of contents of `source` and decides what is restored; nothing is touched.
 *
 * @param session in the target
 * @throws DrillError `DUMP_UNREADABLE`, `DUMP_NEWER`, `DUMP_FOREIGN`, `OBJECT_CORRUPT`, `EXTENSION_MISSING`,
 *   `ROLE_MISSING`, `TOOL_MISSING`, `STORE_NEWER`
 */
export async function planLoad(
  source: IncomingDump,
  session: Session,
  signal: AbortSignal,
): Promise<LoadPlan> {
  const { name, dump, hash = CONTENT_HASH } = source;
  const { dependsOnEncoding } = contentAlgorithm(hash, name);
  const { serverVersion, databaseName } = await identify(session);
  const programs = await findPrograms(Math.max(serverVersion, source.serverVersion ?? 0));
  const { entries, warnings, encoding } = await readContents(dump, serverVersion, programs, signal);
  if (source.tables && dependsOnEncoding && encoding !== undefined) {
    await refuseOtherEncoding(session, databaseName, name, encoding);
  }
  const extensions = await extensionsOf(session);
  const plan = planRestore(entries, { extensions });
  refuseForeignDump(plan, name);
  refuseMissingExtensions(plan, extensions, databaseName);
  const script = (lines: readonly string[]) => scriptOf(streamOf(dump), lines, programs, signal);
  await checkingBytes(
    dump,
    signal,
    () => refuseMissingRoles(session, plan.included, databaseName, script),
  );
  return {
    source,
    plan,
    programs,
    kinds: countKinds(plan.included),
    warnings: [...warnings, ...adoptions(plan), ...await otherSettings(source, session, databaseName)],
  };
}

/** A database in this encoding holds bytes as they come, in none. */
const NO_ENCODING = "SQL_ASCII";

/**
 * A hash of the first algorithm is of the bytes in which a server holds text. In a database of another encoding no table with a
 * letter beyond ASCII would be found equal, after all of it was loaded.
 */
async function refuseOtherEncoding(
  session: Session,
  database: string,
  source: string,
  encoding: string,
): Promise<void> {
  const there = await session.ask<string>("SELECT to_json(current_setting('server_encoding'))");
  if (there === encoding || [there, encoding].includes(NO_ENCODING)) return;
  throw new DrillError(
    "TARGET_UNFIT",
    `Cannot restore ${source} into ${database}: it was taken from a database in ${encoding}, and ${database} is in ${there}`,
    `Nothing was changed. What was recorded of its tables can be compared only in ${encoding}. Let the provisioner make the database anew: DROP DATABASE ${
      quoteIdentifier(database)
    }; CREATE DATABASE ${
      quoteIdentifier(database)
    } OWNER ... TEMPLATE template0 ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C';`,
  );
}

/** A dump has none of them: the restored ERP shows its values as the target is set to. */
async function otherSettings(
  { name, settings }: IncomingDump,
  session: Session,
  target: string,
): Promise<string[]> {
  if (!settings) return [];
  return settingDifferences(settings, await readDatabaseSettings(session.ask), {
    source: name,
    target,
  });
}

/** @param server `server_version_num` of the target's */
async function readContents(dump: Readable, server: number, programs: Programs, signal: AbortSignal) {
  const warnings: string[] = [];
  let encoding: string | undefined;
  const onHeader = (header: ArchiveHeader, found: readonly string[]) => {
    encoding = header.encoding;
    warnings.push(...found);
  };
  const read = async () =>
    parseContents(await listArchive(streamOf(dump), programs, signal, { server, onHeader }), dump.key);
  const entries = await checkingBytes(dump, signal, read);
  return { entries, warnings, encoding };
}

/** @throws DrillError `DUMP_FOREIGN` for a dump without a single table of Dolibarr's. */
function refuseForeignDump({ included }: RestorePlan, set: string): void {
  const tables = included.filter(({ kind }) => kind === "TABLE");
  if (tables.some(({ schema, name }) => isErpTable(`${schema}.${name}`))) return;
  throw new DrillError(
    "DUMP_FOREIGN",
    `Cannot restore ${set}: its dump has ${tables.length} tables, none of them Dolibarr's`,
    "It is the dump of another application. Nothing was changed.",
  );
}

/** `--no-owner` makes all of it the owner role's. */
function adoptions({ adopted }: RestorePlan): string[] {
  if (adopted.length === 0) return [];
  const [first] = adopted;
  return [
    `${adopted.length} of the dump's objects were of other roles (${first!.what} of ${first!.from}${
      adopted.length > 1 ? ", ..." : ""
    }): in the target they belong to the owner role`,
  ];
}
