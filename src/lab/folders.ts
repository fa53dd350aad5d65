/** What is removed of labs: the old state before a build, and what lies aside of labs that are gone. */

import { lockHolder } from "./lock.ts";
import { findOrphans, type Places } from "./places.ts";
import { stopProcesses } from "./servers/processes.ts";

/** Removes everything but the lock, which is held, and what names the link that leads here. */
export async function emptyFolder(places: Places): Promise<void> {
  for (const { name } of [...Deno.readDirSync(places.root)]) {
    const path = `${places.root}/${name}`;
    if (path !== places.lock && path !== places.link) await Deno.remove(path, { recursive: true });
  }
}

/** What is left aside of labs whose folder was removed goes when the next one is built. */
export async function removeOrphans(): Promise<void> {
  for (const orphan of findOrphans()) {
    if (lockHolder(orphan)) continue; // a run still uses it
    await stopProcesses(orphan);
    await removeIfThere(orphan.root);
  }
}

/** Removes a file or a whole folder. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
