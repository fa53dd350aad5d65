/** What an index says of one path, as the file system would answer it of the tree that was archived. Pure. */

import { posix } from "node:path";
import type { DocumentsIndex, IndexedFile } from "./index.ts";

/** More links one behind the other than a file system follows (Linux: 40). */
const MOST_LINKS = 40;

/**
 * A function that finds the file at a path below the documents folder, through links that stay inside it. It answers
 * undefined where there is none, where a folder is there, and where the path leads out of the tree.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const file = { path: "facture/FA1/FA1.pdf", bytes: 5, mtimeMs: 0, ctimeMs: 0, sha256: "0".repeat(64) };
 * const link = { path: "invoices", target: "facture" };
 * const find = findInIndex({ files: [file], links: [link] });
 * assertEquals(find("facture//FA1/FA1.pdf"), file);
 * assertEquals(find("invoices/FA1/FA1.pdf"), file);
 * assertEquals(find("facture/FA1"), undefined);
 * ```
 */
export function findInIndex(
  { files, links }: Pick<DocumentsIndex, "files" | "links">,
): (path: string) => IndexedFile | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const targets = new Map(links.map(({ path, target }) => [path, target]));
  return (asked) => {
    let path = posix.normalize(asked);
    for (let followed = 0; followed <= MOST_LINKS; followed++) {
      const found = byPath.get(path);
      if (found) return found;
      const next = targets.size === 0 ? undefined : throughLink(path, targets);
      if (next === undefined) return undefined;
      path = next;
    }
    return undefined;
  };
}

/** `path` with the first link in it replaced by what it leads to; undefined where there is none. */
function throughLink(path: string, targets: ReadonlyMap<string, string>): string | undefined {
  const parts = path.split("/");
  for (const at of parts.keys()) {
    const target = targets.get(parts.slice(0, at + 1).join("/"));
    if (target === undefined) continue;
    const folder = parts.slice(0, at).join("/");
    return posix.normalize(posix.join(folder, target, ...parts.slice(at + 1)));
  }
  return undefined;
}
