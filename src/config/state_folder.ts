/**
 * Where what this user did on this machine is kept: for each environment what a run after a crash needs, and the mark that
 * this user has worked with a configuration here. From then on a missing file is a mistake, and no embedded lab stands in.
 */

import { createHash } from "node:crypto";
import { exists } from "../base/files.ts";

type Variables = (name: string) => string | undefined;

/**
 * The folder of this user's states: `$XDG_STATE_HOME/dolibarr-drill`, else for root `/var/lib/dolibarr-drill`, else
 * `~/.local/state/dolibarr-drill`. A user without a home has none. A configuration may name another (`state`).
 */
export function stateFolderOf(env: Variables, uid = Deno.uid()): string | undefined {
  const [states, home] = [env("XDG_STATE_HOME"), env("HOME")];
  if (states?.startsWith("/")) return `${states}/dolibarr-drill`;
  if (uid === 0) return "/var/lib/dolibarr-drill";
  return home ? `${home}/.local/state/dolibarr-drill` : undefined;
}

/**
 * The folder of one environment in there: its name, and 8 hex digits that follow from where its documents lie, so that two
 * configurations which call two ERPs `sandbox` never share one.
 *
 * @param documents the folder or the claim, as it is configured
 */
export function environmentStateIn(states: string, name: string, documents: string): string {
  const hash = createHash("sha256").update(documents).digest("hex");
  return `${states}/${name}-${hash.slice(0, 8)}`;
}

const markIn = (folder: string) => `${folder}/configured`;

/** Whether a configuration was ever read; where that cannot be known it is taken as read. */
export async function wasConfigured(folder: string | undefined): Promise<boolean> {
  return folder === undefined || await exists(markIn(folder)).catch(() => true);
}

/** Leaves the mark. A folder that cannot be written to must not stop a backup: it goes without one. */
export async function markConfigured(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const text = "A configuration was read here: dolibarr-drill no longer drills the embedded lab unasked.\n";
    await Deno.writeTextFile(markIn(folder), text, { createNew: true });
  } catch {
    // it is there already, or cannot be
  }
}
