/** Which of PostgreSQL's programs fit which server. */

import { DrillError } from "../../base/errors.ts";
import { runTool } from "../../base/process/processes.ts";
import { versionText } from "../connection/identity.ts";

export interface Programs {
  pgDump: string;
  pgRestore: string;
  psql: string;
  /** "15.18" */
  version: string;
}

/** Where distributions install them; not /usr/bin, where Debian's wrappers start Perl first. */
const FOLDERS = ["/usr/lib/postgresql", "/usr/pgsql"];

/** A folder with PostgreSQL's programs of one major version. */
interface Installed {
  major: number;
  folder: string;
}

/**
 * The newest programs that are there and not older than the server.
 * @param serverVersion `server_version_num`; pg_dump refuses a server that is newer than itself.
 * @throws DrillError `TOOL_MISSING` naming what is there.
 */
export async function findPrograms(serverVersion: number): Promise<Programs> {
  const newest = chooseInstalled(await installedFolders(), serverVersion);
  const { stdout } = await runTool(`${newest.folder}/pg_dump`, { args: ["--version"] });
  return {
    pgDump: `${newest.folder}/pg_dump`,
    pgRestore: `${newest.folder}/pg_restore`,
    psql: `${newest.folder}/psql`,
    version: /\d+(\.\d+)?/.exec(stdout)?.[0] ?? String(newest.major),
  };
}

/** The newest of them, unless that is older than the server. Pure. @throws DrillError `TOOL_MISSING` naming what is there. */
export function chooseInstalled(installed: readonly Installed[], serverVersion: number): Installed {
  const major = Math.floor(serverVersion / 10_000);
  const sorted = installed.toSorted((a, b) => a.major - b.major);
  const newest = sorted.at(-1);
  if (newest && newest.major >= major) return newest;
  const there = sorted.map((folder) => folder.major).join(", ") || "none";
  throw new DrillError(
    "TOOL_MISSING",
    `Cannot dump a PostgreSQL ${
      versionText(serverVersion)
    } server: pg_dump ${major} or newer is needed, there is ${there}`,
    `Install it: apt-get install postgresql-client-${major} (or postgresql-client)`,
  );
}

/** Folders with pg_dump in them. */
async function installedFolders(): Promise<Installed[]> {
  const found: Installed[] = [];
  for (const parent of FOLDERS) {
    for (const entry of listFolder(parent)) {
      const folder = `${parent}/${entry}/bin`;
      if (/^\d+$/.test(entry) && await isFile(`${folder}/pg_dump`) && await isFile(`${folder}/psql`)) {
        found.push({ major: Number(entry), folder });
      }
    }
  }
  return found;
}

function listFolder(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
