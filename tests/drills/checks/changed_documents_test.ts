/** Whether Dolibarr's own documents are those that were archived last: one test a row of a table of edits. */

import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readSmall } from "../../../src/base/streams.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import type { DocumentsIndex } from "../../../src/documents/index.ts";
import { unchangedSince } from "../../../src/documents/archive/unchanged.ts";
import { type RunningErp, startErp } from "../../support/lab/erp.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";

const skip = await whyNoDolibarr();
const signal = new AbortController().signal;

describe("the documents of Dolibarr itself", { skip }, () => {
  const started = new AsyncDisposableStack();
  let folder: string;
  beforeAll(async () => {
    folder = started.use(await temporaryFolder()).path;
    const erp: RunningErp = started.use(await startErp("real"));
    const copied = await new Deno.Command("cp", { args: ["-a", erp.documents, `${folder}/kept`] }).output();
    assertEquals(copied.success, true);
  });
  afterAll(() => started.disposeAsync());

  /** What an edit needs of the tree: its root, an invoice's PDF and the company's logo, below it. */
  interface Tree {
    root: string;
    pdf: string;
    logo: string;
  }

  // deno-fmt-ignore: a line each
  const edits: [what: string, edit: (tree: Tree) => void, unchanged: boolean][] = [
    ["nothing", () => {}, true],
    ["a PDF that was touched", ({ root, pdf }) => Deno.utimeSync(`${root}/${pdf}`, 1_800_000_000, 1_800_000_000), true],
    ["a PDF that was written again with the same bytes", ({ root, pdf }) => Deno.writeFileSync(`${root}/${pdf}`, Deno.readFileSync(`${root}/${pdf}`)), true],
    ["a file in a temp folder", ({ root }) => { Deno.mkdirSync(`${root}/facture/temp`, { recursive: true }); Deno.writeTextFileSync(`${root}/facture/temp/x.pdf`, "x"); }, true],
    ["a line in a log", ({ root }) => Deno.writeTextFileSync(`${root}/dolibarr.log`, "line\n", { append: true }), true],
    ["a preview of a PDF", ({ root, pdf }) => Deno.writeTextFileSync(`${root}/${pdf}_preview-0.png`, "x"), true],
    ["one byte of a PDF, its length and time as before", ({ root, pdf }) => flipByte(`${root}/${pdf}`), false],
    ["a new PDF", ({ root, pdf }) => Deno.copyFileSync(`${root}/${pdf}`, `${root}/${pdf}-rev1.pdf`), false],
    ["a PDF that is gone", ({ root, pdf }) => Deno.removeSync(`${root}/${pdf}`), false],
    ["a PDF of another name", ({ root, pdf }) => Deno.renameSync(`${root}/${pdf}`, `${root}/${pdf}.pdf`), false],
    ["an emptied PDF", ({ root, pdf }) => Deno.truncateSync(`${root}/${pdf}`), false],
    ["another logo", ({ root, logo }) => Deno.writeTextFileSync(`${root}/${logo}`, "another"), false],
    ["install.lock that is gone", ({ root }) => Deno.removeSync(`${root}/install.lock`), false],
    ["a link in a paper's place", ({ root, pdf }) => { Deno.removeSync(`${root}/${pdf}`); Deno.symlinkSync("other.pdf", `${root}/${pdf}`); }, false],
  ];
  edits.forEach(([what, edit, unchanged], at) => {
    it(`are ${unchanged ? "as before" : "others"} after ${what}`, async () => {
      const root = `${folder}/${at}`;
      const copied = await new Deno.Command("cp", { args: ["-a", `${folder}/kept`, root] }).output();
      assertEquals(copied.success, true);
      const index = await indexOf(root);
      const pathLike = (pattern: RegExp) => index.files.find(({ path }) => pattern.test(path))!.path;
      edit({ root, pdf: pathLike(/^facture\/.*\.pdf$/), logo: pathLike(/^mycompany\/logos\/[^/]+$/) });
      const looked = await unchangedSince({ documents: root }, { index, takenAt: new Date() }, { signal });
      assertEquals(looked.unchanged, unchanged, looked.why);
    });
  });
});

async function indexOf(documents: string): Promise<DocumentsIndex> {
  using archive = packDocuments({ documents }, { signal });
  await readSmall(archive.stream);
  return archive.describe().index;
}

function flipByte(path: string): void {
  const { atime, mtime } = Deno.statSync(path);
  const bytes = Deno.readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  Deno.writeFileSync(path, bytes);
  Deno.utimeSync(path, atime!, mtime!);
}
