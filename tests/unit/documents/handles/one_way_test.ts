import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readSources, withoutComments } from "../../../support/imports.ts";

/** What takes a path: of the runtime's own, and of node's. What takes an open file is named otherwise. */
const TAKES_PATH =
  /\bDeno\s*\.\s*(open|create|read(File|TextFile|Dir|Link)|write(File|TextFile)|mkdir|remove|rename|l?stat|symlink|link|l?chown|chmod|copyFile|truncate|utime|realPath|makeTemp(Dir|File))(Sync)?\b/;
const NODE_TAKES_PATH =
  /\b(open|readFile|writeFile|appendFile|readdir|opendir|mkdir|mkdtemp|rm|rmdir|unlink|rename|l?stat|exists|access|symlink|link|readlink|realpath|l?chown|l?chmod|copyFile|cp|truncate|utimes|lutimes|statfs|createReadStream|createWriteStream)(Sync)?\b/;

/** Where no path is one of a documents tree: what it is instead. */
const ELSEWHERE: readonly [where: RegExp, what: string][] = [
  [/^base\//, "files of our own, programs, and what the system tells"],
  [/^config\//, "the configuration and secrets"],
  [/^store\//, "the store, and what is kept of it"],
  [/^postgres\//, "PostgreSQL's programs, and lists for them"],
  [/^(lab|report)\//, "the lab, and reports"],
  [/^platform\//, "notes in the state, and examples"],
  [/^dolibarr\/pages\//, "the browser's home"],
  [/^dolibarr\/outgoing\/|^checks\/platform\//, "the sandbox's code"],
  [/^drill\//, "the browser's trace"],
  [/^cli\/(extract|command\/origin_and_target)\.ts$/, "where a person wants a file"],
  [/^restore\/(extract|checkpoint|dump|load)\//, "what is written out, and the state"],
  [/^restore\/to_folder\.ts$/, "where a person wants a set"],
  [/^main\.ts$/, "a report of a crash"],
];

/** Where a path of a tree is taken all the same, and why nothing can come of it. */
const ALLOWED: Readonly<Record<string, string>> = {
  "documents/tree/folder.ts": "the one way: a name right below an open folder",
  "documents/tree/space.ts": "asks what is free, of an open folder",
  "documents/tree/mounts.ts": "reads the kernel's list of mounts",
  "documents/tree/behind_link.ts":
    "counts what lies behind a link, which is its purpose; no name and no byte of it is kept",
  "documents/tree/listing.ts": "looks at owners, sizes and times of files, and opens none",
  "documents/folders.ts": "looks at a further folder itself",
  "documents/copy/file.ts": "copies between two open files, by their handles",
  "documents/swap/place.ts": "looks at the documents folder and the one above it, before they are opened",
  "documents/swap/real_root.ts": "finds out where the documents folder is",
  "documents/swap/journal.ts": "reads what is kept in the state",
  "documents/swap/leftovers.ts": "looks at what has a name of ours, and opens nothing",
  "documents/swap/reached_state.ts": "asks who owns the documents folder",
  "restore/rearm/former_notes.ts": "reads a note of an earlier version once it is known whose it is",
  "restore/gate/folder_facts.ts": "looks at folders for what they are",
  "restore/settle_unfinished.ts": "looks at the documents folder",
  "restore/unpack_set.ts": "asks who owns the documents folder",
  "restore/reset/documents.ts": "makes and removes a folder in the state",
  "checks/documents/restored_files.ts":
    "reads one restored file, to compare it: links inside the documents are followed",
  "checks/documents/invoice_pdfs.ts": "the same",
  "checks/documents/invoice_texts.ts": "the same",
  "checks/documents/paper_bytes.ts": "the same",
  "checks/documents/paper_files.ts": "the same",
  "backup/meanwhile.ts": "looks at one file, and opens it not",
  "dolibarr/papers/linked_files.ts": "lists what a page of the restored ERP should show",
};

describe("a documents tree", () => {
  it("is reached by open folders alone, and by a path only where that is said why", async () => {
    const found = (await readSources(new URL("../../../../src/", import.meta.url))).filter(
      ({ path, text }) => {
        if (ELSEWHERE.some(([where]) => where.test(path))) return false;
        const code = withoutComments(text);
        const ofNode = /import\s+(?:\*\s+as\s+fs|\{([^}]*)\})\s+from\s+"node:fs(?:\/promises)?"/.exec(code);
        return TAKES_PATH.test(code) || ofNode !== null && NODE_TAKES_PATH.test(ofNode[1] ?? "open");
      },
    ).map(({ path }) => path).sort();
    assertEquals(found, Object.keys(ALLOWED).sort());
  });
});
