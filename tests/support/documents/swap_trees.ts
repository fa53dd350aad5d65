/** Documents before and after a swap. */

import { OwnFolder } from "../../../src/base/own_folder.ts";
import type { SwapPlace } from "../../../src/documents/swap/journal.ts";
/** By path: a text is a file, null an empty folder, `{ link }` a link. */
export type Tree = Record<string, string | null | { link: string }>;

export const OLD: Tree = {
  "install.lock": "the sandbox's own",
  "facture/FA1/FA1.pdf": "an old paper",
  "mycompany/logos/logo.png": "old",
  "only-old/x": "x",
  "was a file": "file",
  "link": { link: "facture" },
};
export const NEW: Tree = {
  "install.lock": "production's",
  "facture/FA1/FA1.pdf": "a new paper",
  "facture/FA2/FA2.pdf": "another",
  "mycompany/logos/logo.png": "new",
  "was a file/now a folder": "in it",
  "link": "now a file",
  "empty": null,
};
/** The new documents as they lie in the place of the old. */
export const SWAPPED: Tree = { ...NEW, "install.lock": "the sandbox's own" };

/** A further folder before and after. */
export const FURTHER_OLD: Tree = { "mod/a.php": "an old module", "only-old": "x" };
export const FURTHER_NEW: Tree = { "mod/a.php": "a new module" };

export function makeTree(root: string, tree: Tree): void {
  Deno.mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    const file = `${root}/${path}`;
    Deno.mkdirSync(content === null ? file : file.slice(0, file.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(file, content);
    else if (content !== null) Deno.symlinkSync(content.link, file);
  }
}

/** `tree` as it is below the folder that `folder` lies in. */
export const under = (folder: string, tree: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(tree).map(([path, content]) => [`${folder}/${path}`, content]));

/** All that lies below `root`, hidden or not, in the form of a tree; a folder is named where it is empty. */
export function readTree(root: string, under = ""): Tree {
  const found: Tree = {};
  const entries = [...Deno.readDirSync(`${root}/${under}`)];
  if (entries.length === 0 && under !== "") found[under.slice(0, -1)] = null;
  for (const { name, isDirectory, isSymlink } of entries) {
    const path = under + name;
    if (isDirectory) Object.assign(found, readTree(root, `${path}/`));
    else {found[path] = isSymlink
        ? { link: Deno.readLinkSync(`${root}/${path}`) }
        : Deno.readTextFileSync(`${root}/${path}`);}
  }
  return found;
}

/** What is kept of the trees of this test file; gone when it ends. */
const STATES = `${Deno.env.get("TMPDIR") ?? "/tmp"}/drill-states-${Deno.pid}`;
globalThis.addEventListener("unload", () => {
  try {
    Deno.removeSync(STATES, { recursive: true });
  } catch {
    // nothing was kept
  }
});

/** What is kept of the documents in `root`, out of their sight. */
export const stateOf = (root: string): OwnFolder => new OwnFolder(`${STATES}/${root.replaceAll("/", "_")}`);

/** The folder that is swapped, `root` or one below `documents`, and what is kept of the documents. */
export const placeOf = (root: string, documents = root): SwapPlace => ({ root, state: stateOf(documents) });
