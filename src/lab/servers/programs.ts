/** The programs of the lab's servers, and the system user that they run as. */

import { DrillError } from "../../base/errors.ts";
import { requireTool } from "../../base/process/processes.ts";
import { fileExists } from "../files.ts";

/** The system user that a server runs as; undefined where it is the user of this process. */
export type ServerUser = { uid: number; gid: number } | undefined;

/** Debian's folder of PostgreSQL's programs, with one folder for each version; those on the PATH are slow wrappers. */
const DEBIAN = "/usr/lib/postgresql";

/**
 * The user for PostgreSQL and pgbouncer, which refuse to run as root: then it is the system user `postgres`.
 * @throws DrillError `TOOL_MISSING` where this process runs as root and there is no such user.
 */
export function serverUser(): ServerUser {
  if (Deno.uid() !== 0) return undefined;
  const line = Deno.readTextFileSync("/etc/passwd").split("\n").find((entry) =>
    entry.startsWith("postgres:")
  );
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new DrillError(
    "TOOL_MISSING",
    "Cannot start PostgreSQL: it refuses to run as root, and there is no system user postgres",
    "Install Debian's package postgresql, which creates that user (scripts/run does it), or run this as an ordinary user.",
  );
}

/** The folder with `initdb`, `postgres` and `psql`: Debian's newest version, else where the PATH finds `initdb`. */
export function serverPrograms(): string {
  const debian = debianVersions().map((version) => `${DEBIAN}/${version}/bin`).find((bin) =>
    fileExists(`${bin}/initdb`)
  );
  return debian ?? requireTool("initdb", "postgresql").replace(/\/initdb$/, "");
}

function debianVersions(): number[] {
  if (!fileExists(DEBIAN)) return [];
  const names = [...Deno.readDirSync(DEBIAN)].map((entry) => entry.name);
  return names.filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => b - a);
}
