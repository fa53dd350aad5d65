/** The first broken backups: how each is made, which check must see it, and what it must say. */

import type { ErrorCode } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { bytesOf, readSmall } from "../../../src/base/streams.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { totalBytes, writeIndex } from "../../../src/documents/index.ts";
import { connectionEnvironment } from "../../../src/postgres/connection/database.ts";
import { findPrograms } from "../../../src/postgres/programs/programs.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import type { DrillLab, SetCopy } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";

export interface BrokenBackup {
  name: string;
  /** Breaks the copy of a good set. */
  make(copy: SetCopy, lab: DrillLab): Promise<void>;
  /** The check that must see it, its code, and words of its message that name the cause. */
  failedBy: string;
  code: ErrorCode;
  cause: RegExp;
  /** True where the restore is refused, so that the sandbox must be what it was. */
  refused: boolean;
}

const signal = AbortSignal.timeout(20 * 60_000);

export const BROKEN_BACKUPS: readonly BrokenBackup[] = [
  {
    name: "a truncated dump",
    make: (copy) => truncate(copy.path(copy.manifest.db.objects[0]!.key), 0.6),
    failedBy: "backup.objects",
    code: "OBJECT_CORRUPT",
    cause: /db\/.*\.dump: it has [\d,]+ bytes, recorded at the backup were [\d,]+/,
    refused: true,
  },
  {
    name: "a dump that was truncated before it was recorded",
    async make(copy) {
      await truncate(copy.path(copy.manifest.db.objects[0]!.key), 0.6);
      await copy.record("db");
    },
    failedBy: "backup.objects",
    code: "DUMP_UNREADABLE",
    cause: /Cannot read prod\/db\/\S*\.dump: the dump is truncated after \d/,
    refused: true,
  },
  {
    name: "a dump with one flipped bit",
    async make(copy) {
      const path = copy.path(copy.manifest.db.objects[0]!.key);
      const bytes = await Deno.readFile(path);
      bytes[Math.floor(bytes.length * 0.7)]! ^= 4;
      await Deno.writeFile(path, bytes);
    },
    failedBy: "backup.objects",
    code: "OBJECT_CORRUPT",
    cause: /its SHA-256 is \w+…, recorded at the backup was/,
    refused: true,
  },
  {
    name: "a table short",
    make: (copy, lab) => dumpAnew(copy, lab, ["--exclude-table=public.llx_c_currencies"]),
    failedBy: "data.rows",
    code: "CONTENT_DIFFERS",
    cause: /public\.llx_c_currencies: missing; the backup has it with [\d,]+ rows/,
    refused: true,
  },
  {
    name: "a table without its rows",
    make: (copy, lab) => dumpAnew(copy, lab, ["--exclude-table-data=public.llx_facturedet"]),
    failedBy: "data.rows",
    code: "CONTENT_DIFFERS",
    cause: /public\.llx_facturedet: 0 rows, the backup has \d+/,
    refused: true,
  },
  {
    name: "one row changed",
    // llx_facturedet has no tms: only the content tells
    make: (copy, lab) =>
      whileChanged(
        lab,
        "UPDATE public.llx_facturedet SET qty = qty + 1 WHERE rowid = 5",
        "UPDATE public.llx_facturedet SET qty = qty - 1 WHERE rowid = 5",
        () => dumpAnew(copy, lab, []),
      ),
    failedBy: "data.rows",
    code: "CONTENT_DIFFERS",
    cause: /public\.llx_facturedet: \d+ rows, but their content differs/,
    refused: true,
  },
  {
    name: "empty documents",
    make: (copy) =>
      archiveAnew(copy, async (tree) => {
        await Deno.remove(tree, { recursive: true });
        await Deno.mkdir(`${tree}/mycompany`, { recursive: true });
      }),
    failedBy: "documents.files",
    code: "CHECK_FAILED",
    cause: /nothing to compare/,
    refused: false,
  },
  {
    name: "the logo missing",
    make: (copy) => archiveAnew(copy, (tree) => Deno.remove(`${tree}/mycompany/logos`, { recursive: true })),
    failedBy: "documents.logo",
    code: "CHECK_FAILED",
    cause: /mycompany\/logos\/logo\.png is not in the backup/,
    refused: false,
  },
  {
    name: "a PDF missing",
    make: (copy) => archiveAnew(copy, async (tree) => await Deno.remove(await somePdf(tree))),
    failedBy: "documents.invoices",
    code: "CHECK_FAILED",
    cause: /^FA\S+: facture\/\S+\.pdf is missing/,
    refused: false,
  },
  {
    name: "a PDF replaced",
    make: (copy) =>
      archiveAnew(
        copy,
        async (tree) => await Deno.writeTextFile(await somePdf(tree), "%PDF-1.4 another paper\n%%EOF\n"),
      ),
    failedBy: "documents.invoices",
    code: "CHECK_FAILED",
    cause: /^FA\S+: facture\/\S+\.pdf has md5 \w+, Dolibarr recorded \w+/,
    refused: false,
  },
  {
    name: "a documents archive of another set",
    make: (copy) =>
      archiveAnew(copy, async (tree) => await Deno.writeTextFile(await somePdf(tree), "x"), "archive only"),
    failedBy: "documents.files",
    code: "DOCUMENTS_DIFFER",
    cause: /Cannot trust \w+\/docs\/\w+\.tar\.gz: /,
    refused: true,
  },
];

async function truncate(path: string, part: number): Promise<void> {
  await Deno.truncate(path, Math.floor((await Deno.stat(path)).size * part));
}

/** A dump of production made in another way, under the set's name and with its recorded counts and hashes. */
async function dumpAnew(copy: SetCopy, { prod }: DrillLab, args: string[]): Promise<void> {
  await using session = await connect(prod.database);
  const [row] = await session.query<{ version: string }>(
    "SELECT current_setting('server_version_num') AS version",
  );
  const { pgDump } = await findPrograms(Number(row!.version));
  const file = copy.path(copy.manifest.db.objects[0]!.key);
  const { code, stderr } = await runTool(pgDump, {
    args: ["--format=custom", `--file=${file}`, ...args],
    env: connectionEnvironment(prod.database),
  });
  if (code !== 0) throw new Error(stderr);
  await copy.record("db");
}

/** Runs `body` while production's database is another; then it is what it was, to the hash. */
async function whileChanged(
  { prod }: DrillLab,
  change: string,
  undo: string,
  body: () => Promise<void>,
): Promise<void> {
  await using session = await connect(prod.database);
  await session.query(change);
  try {
    await body();
  } finally {
    await session.query(undo);
  }
}

/** The set's documents, changed by `change` and archived again, with an index of what they are now (or the old one). */
async function archiveAnew(
  copy: SetCopy,
  change: (tree: string) => Promise<void>,
  what: "both" | "archive only" = "both",
): Promise<void> {
  const { docs } = copy.manifest;
  await using folder = await temporaryFolder();
  const tree = `${folder.path}/documents`;
  await Deno.mkdir(tree);
  const { code, stderr } = await runTool("/usr/bin/tar", {
    args: ["-xzf", copy.path(docs.objects[0]!.key), "-C", tree],
  });
  if (code !== 0) throw new Error(stderr);
  await change(tree);
  using archive = packDocuments({ documents: tree }, { signal });
  const packed = await readSmall(archive.stream);
  await Deno.writeFile(copy.path(docs.objects[0]!.key), packed);
  if (what === "both") {
    const { index } = archive.describe();
    await copy.store.put(docs.index.key, bytesOf(writeIndex(index)));
    Object.assign(docs, { files: index.files.length, bytes: totalBytes(index) });
  }
  await copy.record("docs");
}

async function somePdf(tree: string): Promise<string> {
  const refs = (await Array.fromAsync(Deno.readDir(`${tree}/facture`))).map(({ name }) => name).filter((
    name,
  ) => name.startsWith("FA")).sort();
  return `${tree}/facture/${refs[7]}/${refs[7]}.pdf`;
}
