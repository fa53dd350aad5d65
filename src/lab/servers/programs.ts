/** Which programs the lab's servers are, and which system user they run as. */

import { DrillError } from "../../base/errors.ts";
import { requireTool } from "../../base/process/processes.ts";
import { fileExists } from "../state.ts";

/** A system user that a server runs as; undefined: the one that runs this. */
export type ServerUser = { uid: number; gid: number } | undefined;

/** Debian keeps PostgreSQL's programs here, one folder a version; those on the PATH are slow wrappers. */
const DEBIAN = "/usr/lib/postgresql";

/**
 * PostgreSQL and pgbouncer refuse to run as root: then they run as the system user `postgres`.
 * @throws DrillError `TOOL_MISSING` when this is root and there is no such user.
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
    "Install Debian's package postgresql, which makes it (scripts/run does), or run this as an ordinary user.",
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
