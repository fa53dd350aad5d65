/** What the documents hold now against what was saved: compared, and nothing changed. */

import { takingTurns } from "../../base/time.ts";
import { hashFile } from "../../documents/hash/file.ts";
import { codeOf } from "../../documents/tree/folder.ts";
import { Reach } from "../../documents/tree/reach.ts";
import { openTree, walkTree } from "../../documents/tree/walk.ts";
import { type ObservedFile, observedFile, type SavedDocuments } from "../checkpoint/documents.ts";
import { type DocumentsPlan, doubtful, planDocuments } from "./documents_plan.ts";

/**
 * @param seen the states in which files were last seen to have the saved bytes
 * @returns what is to be done, and the state of each file that is right
 */
export async function findFileDifferences(
  saved: SavedDocuments,
  seen: ReadonlyMap<string, ObservedFile>,
  root: string,
  signal: AbortSignal,
): Promise<{ plan: DocumentsPlan; seen: Map<string, ObservedFile> }> {
  const at = Date.now();
  using folder = openTree(root);
  using reach = new Reach(folder);
  const current = walkTree(folder, saved.excludes, "", undefined, () => {}); // no checkpoint holds what is odd
  const wanted = new Map(saved.entries.map((entry) => [entry.path, entry]));
  const hashes = new Map<string, string>();
  const turn = takingTurns(signal);
  for (const { path } of doubtful(saved.entries, current, seen)) {
    await turn();
    const found = hashFile(reach, path);
    hashes.set(path, found === "gone" ? found : found.sha256); // gone is as good as other bytes
  }
  const right = new Map<string, ObservedFile>();
  for (const entry of current) {
    const was = wanted.get(entry.path);
    if (entry.type !== "file" || was?.type !== "file" || was.bytes !== entry.bytes) continue;
    const hash = hashes.get(entry.path);
    const known = seen.get(entry.path);
    if (hash === was.sha256) right.set(entry.path, observedFile(entry, at));
    else if (hash === undefined && known) right.set(entry.path, known);
  }
  const plan = planDocuments(saved.entries, current, hashes, Deno.uid() === 0);
  return { plan: { ...plan, remove: withoutStaying(plan, reach) }, seen: right };
}

/** A folder that came later, and holds something excluded, stays and is no difference. */
function withoutStaying({ remove, put }: DocumentsPlan, reach: Reach): DocumentsPlan["remove"] {
  const [going, replaced] = [new Set(remove.map(({ path }) => path)), new Set(put.map(({ path }) => path))];
  for (const { path, type } of remove) { // the deepest first
    if (type !== "directory" || replaced.has(path)) continue;
    const staying = namesUnlessGone(reach, path).some((name) => !going.has(`${path}/${name}`));
    if (staying) going.delete(path);
  }
  return remove.filter(({ path }) => going.has(path));
}

function namesUnlessGone(reach: Reach, folder: string): string[] {
  try {
    return reach.folder(folder).names();
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return [];
    throw error;
  }
}
