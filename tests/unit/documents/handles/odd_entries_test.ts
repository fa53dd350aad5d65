import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runTool } from "../../../../src/base/process/processes.ts";
import { linkedDocuments } from "../../../../src/backup/findings.ts";
import { packDocuments } from "../../../../src/documents/archive/pack.ts";
import { readSmall } from "../../../../src/base/streams.ts";
import { unchangedSince } from "../../../../src/documents/archive/unchanged.ts";
import { escapedName } from "../../../../src/documents/tree/odd_entries.ts";
import { saveDocuments } from "../../../../src/restore/checkpoint/documents.ts";
import { silentReporter } from "../../../../src/base/terminal/reporter.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { makeTree } from "../../../support/documents/swap_trees.ts";

const { signal } = new AbortController();
const bytes = (...parts: (string | number)[]) =>
  new Uint8Array(
    parts.flatMap((part) => typeof part === "number" ? [part] : [...new TextEncoder().encode(part)]),
  );

describe("a name in bytes", () => {
  // deno-fmt-ignore: a line each
  const names: [what: string, name: Uint8Array, escaped: string | undefined][] = [
    ["of ASCII", bytes("a b"), undefined],
    ["in UTF-8", bytes("été \u{1F9FE}"), undefined],
    ["in Latin-1", bytes("caf", 0xe9, ".pdf"), "caf\\xE9.pdf"],
    ["with a backslash, and not UTF-8", bytes("a\\b", 0xff), "a\\\\b\\xFF"],
    ["cut off in a sign", bytes("a", 0xe2, 0x82), "a\\xE2\\x82"],
    ["with a sign written too long", bytes(0xc0, 0xaf), "\\xC0\\xAF"],
    ["with half a surrogate", bytes(0xed, 0xa0, 0x80, "x"), "\\xED\\xA0\\x80x"],
    ["with the sign that stands for none, as UTF-8", bytes("\uFFFD"), undefined],
  ];
  for (const [what, name, escaped] of names) it(what, () => assertEquals(escapedName(name), escaped));
});

/** Documents with what no archive holds, made by a shell. */
async function oddTree(make: string) {
  const folder = await temporaryFolder();
  const root = `${folder.path}/documents`;
  makeTree(root, { "facture/paper": "paper" });
  const { code, stderr } = await runTool("/bin/sh", { args: ["-c", make], cwd: root });
  assertEquals(code, 0, stderr);
  return { root, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function packed(documents: string) {
  using archive = packDocuments({ documents }, { signal });
  await readSmall(archive.stream);
  return archive.describe().index;
}

describe("what no archive can hold among the documents", () => {
  const ODD = `mkfifo facture/pipe; touch "$(printf 'facture/caf\\351 100%% o\\047clock.pdf')"`;

  it("is a finding of every night, with the command that mends it", async () => {
    await using tree = await oddTree(ODD);
    const index = await packed(tree.root);
    assertEquals(index.files.map(({ path }) => path), ["facture/paper"]);
    const { covers, findings } = linkedDocuments({ documents: tree.root }, index);
    assertEquals(covers, ["documents.links/not-in-backup"]);
    assertEquals(findings.map(({ id }) => id).sort(), [
      "documents.links/facture/caf\\xE9 100% o'clock.pdf/not-in-backup",
      "documents.links/facture/pipe/not-in-backup",
    ]);
    for (const { sentence } of findings) {
      const [, command = ""] = /In the documents, re\w+ it: (.*)$/.exec(sentence) ?? [];
      const { code, stderr } = await runTool("/bin/sh", { args: ["-c", command], cwd: tree.root });
      assertEquals(code, 0, `${command}: ${stderr}`);
    }
    const mended = await packed(tree.root);
    assertEquals(mended.odd, undefined);
    assertEquals(mended.files.map(({ path }) => path).sort(), [
      "facture/café 100% o'clock.pdf",
      "facture/paper",
    ]);
  });

  it("is a change where it comes or goes, and none while it stays", async () => {
    await using tree = await oddTree(ODD);
    const source = { documents: tree.root };
    const earlier = { index: await packed(tree.root), takenAt: new Date() };
    assertEquals((await unchangedSince(source, earlier, { signal })).unchanged, true);
    await Deno.remove(`${tree.root}/facture/pipe`);
    assertEquals((await unchangedSince(source, earlier, { signal })).why, "facture/pipe is gone");
  });

  it("is left out of a checkpoint, which says so", async () => {
    await using tree = await oddTree(ODD);
    await using folder = await temporaryFolder();
    const warned: string[] = [];
    const reporter = { ...silentReporter, warn: (text: string) => warned.push(text) };
    const { saved } = await saveDocuments(tree.root, folder.path, { reporter, signal });
    assertEquals(saved.entries.map(({ path }) => path), ["facture", "facture/paper"]);
    assertEquals(warned.length, 2);
    assertStringIncludes(warned.join(), "facture/pipe is a pipe");
  });
});
