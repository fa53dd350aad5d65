/** Whether our pg_restore can read a dump, judged by its first bytes before anything is touched. Pure. */

import { DrillError, type ErrorCode } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Bytes } from "../../base/streams.ts";
import { type ArchiveHeader, readArchiveHeader } from "./archive_header.ts";
import { dumpKindOf } from "./dump_kind.ts";

/** How many first bytes are read: a header has a few hundred. */
export const HEAD_BYTES = 4096;

type DumpJudgement =
  | { readable: true; warnings: string[] }
  | { readable: false; code: ErrorCode; state: string; hint: string };

/** The newest archives that the pg_restore of a major version reads (K_VERS_MAX in its pg_backup_archiver.h). */
const NEWEST_READ: [major: number, minor: number][] = [[12, 14], [16, 15], [17, 16]];
/** The first major version whose pg_dump writes that format by itself. */
const WRITTEN_SINCE: Record<number, number> = { 15: 16, 16: 17 };
/** Of the major versions that this table knows; what a newer one reads, it says itself. */
const NEWEST_KNOWN = 18;
/** Since these a script is fenced against psql commands hidden in a dump (CVE-2025-8714). */
const FENCED_SINCE: Record<number, number> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };

/**
 * @param pgRestore its version, `15.18`
 * @param server `server_version_num` of the server that it is restored into, where there is one
 */
function judgeDump(
  header: ArchiveHeader,
  { pgRestore, server }: { pgRestore: string; server?: number },
): DumpJudgement {
  const { archiveVersion: { major, minor }, format, compression } = header;
  const ours = majorOf(pgRestore);
  const [, newest] = NEWEST_READ.findLast(([since]) => ours >= since) ?? [0, 13];
  if (major !== 1 || minor > newest && ours <= NEWEST_KNOWN) {
    const client = WRITTEN_SINCE[minor] ?? (majorOf(header.pgDumpVersion) || NEWEST_KNOWN + 1);
    return {
      readable: false,
      code: "DUMP_NEWER",
      state: `it was made by pg_dump ${
        shortOf(header.pgDumpVersion) || "of a newer PostgreSQL"
      } (archive format ${major}.${minor}); pg_restore ${pgRestore} cannot read it`,
      hint: `Nothing was changed. Install postgresql-client-${
        Math.max(client, majorOf(header.pgDumpVersion))
      } (or newer) here; a server of this version is not needed for it.`,
    };
  }
  if (format !== "custom") {
    return no(
      format === "tar"
        ? "it is the table of contents (toc.dat) of a dump in directory or tar format, without its data"
        : `its format is unknown, not that of pg_dump -Fc`,
    );
  }
  if (compression === "unknown") return no("its header names an unknown compression");
  return { readable: true, warnings: [...olderServer(header, server), ...unfenced(pgRestore)] };
}

const no = (state: string): DumpJudgement => ({
  readable: false,
  code: "DUMP_UNREADABLE",
  state,
  hint: `Take another set: ${PROGRAM} list`,
});

function olderServer({ dumpedFromServer }: ArchiveHeader, server: number | undefined): string[] {
  const into = Math.floor((server ?? 0) / 10_000);
  if (into === 0 || majorOf(dumpedFromServer) <= into) return [];
  return [
    `The dump is of a PostgreSQL ${
      shortOf(dumpedFromServer)
    } server, the target's is ${into}: if the dump uses what the older server does not know, the restore fails and changes nothing`,
  ];
}

function unfenced(pgRestore: string): string[] {
  const since = FENCED_SINCE[majorOf(pgRestore)];
  if (since === undefined || Number(pgRestore.split(".")[1] ?? 0) >= since) return [];
  return [
    `pg_restore ${pgRestore} does not fence off commands hidden in a dump (CVE-2025-8714): update postgresql-client`,
  ];
}

/**
 * The header and its judgement in one, whatever the file is.
 * @param name of the dump, for messages
 * @throws DrillError `DUMP_UNREADABLE`, `DUMP_NEWER`
 */
export function refuseUnreadable(
  name: string,
  head: Bytes,
  tools: { pgRestore: string; server?: number },
): { header: ArchiveHeader; warnings: string[] } {
  const reading = readArchiveHeader(head);
  if ("other" in reading) {
    const { what, hint } = dumpKindOf(head);
    throw new DrillError("DUMP_UNREADABLE", `Cannot read ${name}: it is ${what}`, hint);
  }
  if ("broken" in reading) {
    throw new DrillError(
      "DUMP_UNREADABLE",
      `Cannot read ${name}: its header is ${reading.broken === "cut" ? "truncated" : "damaged"}`,
      `Take another set: ${PROGRAM} list`,
    );
  }
  const judgement = judgeDump(reading.header, tools);
  if (judgement.readable) return { header: reading.header, warnings: judgement.warnings };
  throw new DrillError(judgement.code, `Cannot read ${name}: ${judgement.state}`, judgement.hint);
}

/** "15.18 (Debian 15.18-0+deb12u1)" -> 15; 0 where there is no number. */
const majorOf = (version: string): number => Number(/^\d+/.exec(version)?.[0] ?? 0);
/** "15.18 (Debian 15.18-0+deb12u1)" -> "15.18" */
const shortOf = (version: string): string => /^\d+(\.\d+)?\w*/.exec(version)?.[0] ?? "";
