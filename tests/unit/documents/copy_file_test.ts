import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import { type CopiedFile, copyFile, copyProved, refuseOtherCopy } from "../../../src/documents/copy/file.ts";
import { saveDocuments } from "../../../src/restore/checkpoint/documents.ts";
import { copyAt, entryAt } from "../../support/documents/by_path.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, readTree } from "../../support/documents/swap_trees.ts";

for (const shares of [false, true]) {
  describe(`a file that is copied${shares ? ", its blocks shared where the disk can" : ""}`, () => {
    it("has the same bytes, and is for this user alone", async () => {
      await using folder = await temporaryFolder();
      for (const size of [0, 1, 1024 * 1024, 2 * 1024 * 1024 + 1]) {
        const [from, to] = [`${folder.path}/from-${size}`, `${folder.path}/to-${size}`];
        const bytes = new Uint8Array(size).fill(65);
        Deno.writeFileSync(from, bytes);
        Deno.chmodSync(from, 0o4755);
        const copied = copyAt(copyProved, from, to, { shares }) as CopiedFile;
        assertEquals(Deno.readFileSync(to), bytes);
        assertEquals(Deno.lstatSync(to).mode! & 0o7777, 0o600);
        const { path: _, type: __, ...state } = entryAt(from)!;
        assertEquals([copied.state, copied.bytes, copied.sha256], [state, size, sha256Of(bytes)]);
        assertEquals([copied.readings, copied.changed], [1, false]);
      }
    });

    it("gets rights and time where they are asked for, and no setuid", async () => {
      await using folder = await temporaryFolder();
      const [from, to] = [`${folder.path}/from`, `${folder.path}/to`];
      Deno.writeTextFileSync(from, "paper");
      Deno.chmodSync(from, 0o4750);
      Deno.utimeSync(from, 1_700_000_000.123, 1_700_000_000.123);
      copyAt(copyFile, from, to, { as: {}, shares });
      const { mode, mtime } = Deno.lstatSync(to);
      assertEquals([mode! & 0o7777, mtime?.getTime()], [0o750, 1_700_000_000_123]);
    });

    it("is gone where there is none, and never what a link leads to", async () => {
      await using folder = await temporaryFolder();
      makeTree(folder.path, { folder: null, link: { link: "/etc/hostname" }, file: "f" });
      await new Deno.Command("mkfifo", { args: [`${folder.path}/pipe`] }).output();
      for (const name of ["nothing", "folder", "link", "file/below", "pipe"]) {
        assertEquals(copyAt(copyFile, `${folder.path}/${name}`, `${folder.path}/copy`, { shares }), "gone");
      }
    });

    it("is never written over what is there", async () => {
      await using folder = await temporaryFolder();
      makeTree(folder.path, { from: "new", to: "old", link: { link: "to" } });
      for (const to of ["to", "link"]) {
        const error = assertThrows(
          () => copyAt(copyFile, `${folder.path}/from`, `${folder.path}/${to}`, { shares }),
          DrillError,
        );
        assertEquals(error.code, "DOCUMENTS_NOT_WRITABLE");
      }
      assertEquals(readTree(folder.path).to, "old");
    });
  });
}

describe("a copy that reads back otherwise", () => {
  const digest = { bytes: 5, sha256: sha256Of("paper") };
  it("is refused", () => {
    for (
      const back of ["gone" as const, undefined, { ...digest, bytes: 4 }, {
        ...digest,
        sha256: sha256Of("PAPER"),
      }]
    ) {
      const error = assertThrows(() => refuseOtherCopy("a.pdf", digest, back), DrillError);
      assertEquals(error.code, "DOCUMENTS_DIFFER");
      assert(/a\.pdf (is gone|reads back otherwise)/.test(error.message), error.message);
    }
    refuseOtherCopy("a.pdf", digest, { ...digest });
  });
});

describe("a file that is written all the time", () => {
  /** Asks again until the writer was not kept from writing by whatever else this machine does. */
  async function whileWritten<T>(
    ask: (root: string, to: string) => Promise<T> | T,
    holds: (found: T) => boolean,
  ) {
    await using folder = await temporaryFolder();
    const root = `${folder.path}/documents`;
    makeTree(root, { "a": "a", "b": "x".repeat(30_000_000) });
    const writer = new Deno.Command("sh", {
      args: ["-c", 'while :; do printf x >> "$1"; done', "sh", `${root}/b`],
    }).spawn();
    try {
      for (let at = 0;; at++) {
        const found = await ask(root, `${folder.path}/${at}`);
        if (holds(found)) return { found, root };
        await Deno.remove(`${folder.path}/${at}`, { recursive: true });
      }
    } finally {
      writer.kill("SIGKILL");
      await writer.status;
    }
  }

  it("is copied as it was read the last of five times, and marked as changed", async () => {
    const { found } = await whileWritten(
      (root, to) => copyAt(copyFile, `${root}/b`, to, {}) as CopiedFile,
      ({ changed }) => changed,
    );
    assertEquals(found.readings, 5);
  });

  it("is no part of a checkpoint, which is refused", async () => {
    const { found, root } = await whileWritten(async (root, to) => {
      Deno.mkdirSync(to);
      const { signal } = new AbortController();
      return await saveDocuments(root, to, { reporter: silentReporter, signal }).catch((error) => error);
    }, (found) => found instanceof Error);
    assertEquals([found.code, found.message], [
      "DOCUMENTS_UNREADABLE",
      `Cannot save ${root}/b: it changed each of the 5 times that it was copied`,
    ]);
  });
});
