/** What the documents hold now against what was saved: looked at, and nothing touched. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  breathing,
  hashFile,
  observed,
  type ObservedFile,
  type SavedDocuments,
  walkCurrent,
} from "./documents.ts";
import { type DocumentsPlan, doubtful, planDocuments } from "./reset_plan.ts";

/** What is to be done, and how each file that is right looks now. */
export async function findFileDifferences(
  saved: SavedDocuments,
  seen: ReadonlyMap<string, ObservedFile>,
  root: string,
  signal: AbortSignal,
) {
  const at = Date.now();
  const live = walkCurrent(root, saved.excludes);
  const wanted = new Map(saved.entries.map((entry) => [entry.path, entry]));
  const hashes = new Map<string, string>();
  const breathe = breathing(signal);
  for (const { path } of doubtful(saved.entries, live, seen)) {
    await breathe();
    hashes.set(path, hashUnlessGone(join(root, path)));
  }
  const now = new Map<string, ObservedFile>();
  for (const entry of live) {
    const was = wanted.get(entry.path);
    if (entry.type !== "file" || was?.type !== "file" || was.bytes !== entry.bytes) continue;
    const hash = hashes.get(entry.path);
    const known = seen.get(entry.path);
    if (hash === was.sha256) now.set(entry.path, observed(entry, at));
    else if (hash === undefined && known) now.set(entry.path, known);
  }
  const plan = planDocuments(saved.entries, live, hashes, Deno.uid() === 0);
  return { plan: { ...plan, remove: withoutStaying(plan, root) }, seen: now };
}

/** A folder that came later, and holds something excluded, stays and is no difference. */
function withoutStaying({ remove, put }: DocumentsPlan, root: string): DocumentsPlan["remove"] {
  const [going, replaced] = [new Set(remove.map(({ path }) => path)), new Set(put.map(({ path }) => path))];
  for (const { path, type } of remove) { // the deepest first
    if (type !== "directory" || replaced.has(path)) continue;
    const staying = namesUnlessGone(join(root, path)).some((name) => !going.has(`${path}/${name}`));
    if (staying) going.delete(path);
  }
  return remove.filter(({ path }) => going.has(path));
}

function namesUnlessGone(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
}

function hashUnlessGone(file: string): string {
  try {
    return hashFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "gone"; // as good as other bytes
    throw error;
  }
}
