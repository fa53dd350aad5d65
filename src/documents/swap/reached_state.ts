/** Whether who serves the ERP could get at what a run after a crash believes. */

import type { OwnFolder } from "../../base/own_folder.ts";
import type { DocumentFolders } from "../folders.ts";
import { realRoots } from "./real_root.ts";

/**
 * How the documents' owner could write what is kept of the environment, as far as owners and rights show that: a sentence
 * without its full stop, or undefined. Who serves the ERP is taken to be who owns its documents; in a container it may not see
 * that folder all the same.
 */
export function reachedState(
  source: { state: OwnFolder } & Pick<DocumentFolders, "documents" | "moreFolders">,
): string | undefined {
  const { state } = source;
  const [root] = realRoots(source);
  const { uid, gid } = root === undefined ? { uid: null, gid: null } : ownerOf(root);
  if (uid === null || gid === null) return undefined;
  const why = state.reachedBy({ uid, gid });
  return why &&
    `The owner of the documents may write into ${state.path}, and what lies there tells a run after a crash what to do: ${why}`;
}

function ownerOf(root: string): { uid: number | null; gid: number | null } {
  try {
    return Deno.statSync(root);
  } catch {
    return { uid: null, gid: null }; // who could not be asked is told by the step that needs the documents
  }
}
