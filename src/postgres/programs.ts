/** Which of PostgreSQL's programs fit which server. */

import { DrillError } from "../base/errors.ts";
import { runTool } from "../base/processes.ts";
import { versionText } from "./identity.ts";

export interface Programs {
  pgDump: string;
  pgRestore: string;
  psql: string;
  /** "15.18" */
  version: string;
}

/** Where distributions keep them; the folder itself, for Debian's wrappers in /usr/bin start Perl first. */
const FOLDERS = ["/usr/lib/postgresql", "/usr/pgsql"];

/**
 * The newest programs that are there and not older than the server.
 * @param serverVersion `server_version_num`; pg_dump refuses a server that is newer than itself.
 * @throws DrillError `TOOL_MISSING` naming what is there.
 */
export async function findPrograms(serverVersion: number): Promise<Programs> {
  const major = Math.floor(serverVersion / 10_000);
  const installed = await installedFolders();
  const newest = installed.findLast((folder) => folder.major >= major);
  if (!newest) {
    const there = installed.map((folder) => folder.major).join(", ") || "none";
    throw new DrillError(
      "TOOL_MISSING",
      `Cannot dump a PostgreSQL ${
        versionText(serverVersion)
      } server: pg_dump ${major} or newer is needed, there is ${there}`,
      `Install it: apt-get install postgresql-client-${major} (or postgresql-client)`,
    );
  }
  const { stdout } = await runTool(`${newest.folder}/pg_dump`, { args: ["--version"] });
  return {
    pgDump: `${newest.folder}/pg_dump`,
    pgRestore: `${newest.folder}/pg_restore`,
    psql: `${newest.folder}/psql`,
    version: /\d+(\.\d+)?/.exec(stdout)?.[0] ?? String(newest.major),
  };
}

/** Folders with pg_dump in them, oldest first. */
async function installedFolders(): Promise<{ major: number; folder: string }[]> {
  const found: { major: number; folder: string }[] = [];
  for (const parent of FOLDERS) {
    for (const entry of listFolder(parent)) {
      const folder = `${parent}/${entry}/bin`;
      if (/^\d+$/.test(entry) && await isFile(`${folder}/pg_dump`) && await isFile(`${folder}/psql`)) {
        found.push({ major: Number(entry), folder });
      }
    }
  }
  return found.sort((a, b) => a.major - b.major);
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
