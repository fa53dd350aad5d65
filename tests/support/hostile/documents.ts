/** Sets with broken or hostile documents. */

import { bytesOf } from "../../../src/base/streams.ts";
import { writeIndex } from "../../../src/documents/index.ts";
import { archiveWith, type Entry, indexOfCopy } from "./archives.ts";
import { flipped } from "./dumps.ts";
import { archiveFile, type Hostile, type Make, WAS_HERE } from "./rows.ts";

/** The archive is as this says, and recorded as such, with the index of the good one. */
const archive = (entries: readonly Entry[], less?: RegExp): Make => async (copy) => {
  await Deno.writeFile(archiveFile(copy), await archiveWith(copy, entries, less));
  await copy.record("docs");
};
const index = (change: (index: Awaited<ReturnType<typeof indexOfCopy>>) => void): Make => async (copy) => {
  const changed = await indexOfCopy(copy);
  change(changed);
  await copy.store.put(copy.manifest.docs.index.key, bytesOf(writeIndex(changed)));
  await copy.record("docs");
};
const hostile = (what: string, entry: Entry): Hostile => ({
  what,
  make: archive([entry]),
  code: "DOCUMENTS_HOSTILE",
  says: /Cannot unpack|Cannot trust/,
});

export const DOCUMENTS: readonly Hostile[] = [
  {
    what: "one byte of the index is another",
    make: async (copy) => {
      const path = copy.path(copy.manifest.docs.index.key);
      await Deno.writeFile(path, flipped(new Uint8Array(await Deno.readFile(path)), 0.5));
    },
    code: "OBJECT_CORRUPT",
    says: /index\.json\.gz: its SHA-256 is/,
  },
  {
    what: "the index is damaged, and recorded so",
    make: async (copy) => {
      await Deno.writeTextFile(copy.path(copy.manifest.docs.index.key), "{}");
      await copy.record("docs");
    },
    code: "OBJECT_CORRUPT",
    says: /index\.json\.gz/,
  },
  {
    what: "the index is another set's",
    make: index(({ files }) => files[0]!.sha256 = "0".repeat(64)),
    code: "DOCUMENTS_DIFFER",
    says: /./,
  },
  {
    what: "half of the archive",
    make: async (copy) => {
      await Deno.truncate(archiveFile(copy), Math.floor((await Deno.stat(archiveFile(copy))).size / 2));
      await copy.record("docs");
    },
    code: ["OBJECT_CORRUPT", "DOCUMENTS_DIFFER"],
    says: /Cannot (read|trust) prod\/docs\/\w+\.tar\.gz: /,
  },
  {
    what: "an archive that is no gzip",
    make: async (copy) => {
      await Deno.writeTextFile(archiveFile(copy), "All documents are fine.\n");
      await copy.record("docs");
    },
    code: "OBJECT_CORRUPT",
    says: /Cannot read prod\/docs\/\w+\.tar\.gz: it is not a gzip archive/,
  },
  hostile("a path that climbs out", { name: "facture/../../evil", body: "x" }),
  hostile("an absolute path", { name: WAS_HERE, body: "x" }),
  hostile("a link that leads out", { name: "facture/out", type: "symlink", linkname: "/etc" }),
  hostile("a hard link", { name: "facture/hard", type: "link", linkname: "/etc/passwd" }),
  hostile("a device", { name: "facture/zero", type: "character-device", devmajor: 1, devminor: 5 }),
  {
    what: "a bomb: a file of 64 MB that the index has with a few bytes",
    make: async (copy) => {
      const { files } = await indexOfCopy(copy);
      const { path } = files.find(({ bytes }) => bytes > 0)!;
      await archive([{ name: path, body: "0".repeat(64_000_000) }], new RegExp(`^${RegExp.escape(path)}$`))(
        copy,
        undefined as never,
        undefined as never,
      );
    },
    code: "DOCUMENTS_HOSTILE",
    says: /./,
  },
  { what: "a file missing", make: archive([], /\.pdf$/), code: "DOCUMENTS_DIFFER", says: /\.pdf/ },
  {
    what: "a file too many",
    make: archive([{ name: "facture/one-more.pdf", body: "%PDF" }]),
    code: "DOCUMENTS_DIFFER",
    says: /one-more\.pdf/,
  },
];
