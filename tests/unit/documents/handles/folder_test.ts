import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { closeSync, fstatSync, futimesSync, readSync, writeSync } from "node:fs";
import { codeOf, Folder, systemTime } from "../../../../src/documents/tree/folder.ts";
import { Reach } from "../../../../src/documents/tree/reach.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { makeTree, readTree } from "../../../support/documents/swap_trees.ts";

/** The code of what `act` throws. */
const refusal = (act: () => unknown): string | undefined => codeOf(assertThrows(act, Error));

/** A tree, and beside it what must stay as it is, which links of the tree lead to. */
async function besideCanaries() {
  const scratch = await temporaryFolder();
  const canaries = { "canary/file": "a secret", "canary/folder/file": "another" };
  makeTree(scratch.path, {
    ...canaries,
    "tree/file": "paper",
    "tree/folder/file": "paper",
    "tree/to-file": { link: "../canary/file" },
    "tree/to-folder": { link: "../canary/folder" },
    "tree/to-nothing": { link: "../canary/new" },
  });
  const folder = Folder.open(`${scratch.path}/tree`);
  return {
    folder,
    path: scratch.path,
    canariesAreThere: () => {
      const { canary: _, ...left } = { canary: null, ...readTree(scratch.path) };
      assertEquals(
        Object.fromEntries(Object.entries(left).filter(([path]) => path.startsWith("canary"))),
        canaries,
      );
    },
    async [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

describe("an open folder of a documents tree", () => {
  it("opens and makes nothing through a link", async () => {
    await using there = await besideCanaries();
    const { folder } = there;
    assertEquals(refusal(() => folder.folder("to-folder")), "ENOTDIR");
    assertEquals(refusal(() => folder.openFile("to-file")), "ELOOP");
    assertEquals(refusal(() => folder.openForWriting("to-file")), "ELOOP");
    for (const name of ["to-file", "to-folder", "to-nothing", "file"]) {
      assertEquals(refusal(() => folder.createFile(name)), "EEXIST", name);
      assertEquals(refusal(() => folder.makeFolder(name)), "EEXIST", name);
      assertEquals(refusal(() => folder.makeLink(name, "x")), "EEXIST", name);
    }
    assertEquals(folder.readLink("to-file"), "../canary/file");
    assertEquals(folder.lstat("to-folder").isSymlink, true);
    there.canariesAreThere();
  });

  it("removes, moves and dresses a link itself, never what it leads to", async () => {
    await using there = await besideCanaries();
    const { folder } = there;
    const before = Deno.statSync(`${there.path}/canary/file`);
    folder.setTime("to-file", 1_000_000_000_000);
    if (Deno.uid() === 0) folder.chown("to-file", 33, 33);
    assertEquals(Deno.statSync(`${there.path}/canary/file`).mtime, before.mtime);
    assertEquals(Deno.statSync(`${there.path}/canary/file`).uid, before.uid);
    folder.rename("to-file", folder, "moved");
    folder.removeFile("moved");
    folder.removeTree("to-folder");
    folder.removeTree("to-nothing");
    folder.removeTree("not there");
    assertEquals(folder.names(), ["file", "folder"]);
    there.canariesAreThere();
  });

  it("stays the folder that it is, whatever takes its name", async () => {
    await using there = await besideCanaries();
    using inner = there.folder.folder("folder");
    Deno.renameSync(`${there.path}/tree/folder`, `${there.path}/tree/aside`);
    Deno.symlinkSync("../canary/folder", `${there.path}/tree/folder`);
    assertEquals(inner.names(), ["file"]);
    closeSync(inner.createFile("new"));
    inner.removeFile("file");
    assertEquals(Object.keys(readTree(`${there.path}/tree/aside`)), ["new"]);
    there.canariesAreThere();
  });

  it("removes a folder with everything in it, and no more", async () => {
    await using there = await besideCanaries();
    makeTree(`${there.path}/tree/folder`, { "deep/down": { link: "../../../canary" }, "deep/er/file": "x" });
    there.folder.removeTree("folder");
    assertEquals(there.folder.has("folder"), false);
    there.canariesAreThere();
  });

  it("takes one name, and no path", async () => {
    await using there = await besideCanaries();
    for (const name of ["", ".", "..", "folder/file", "../canary/file", "/etc/passwd", "a\0b"]) {
      assertThrows(() => there.folder.openFile(name), TypeError, "is not the name of an entry");
      assertThrows(() => there.folder.rename("file", there.folder, name), TypeError);
      assertThrows(() => there.folder.removeTree(name), TypeError);
    }
    there.canariesAreThere();
  });

  it("names in an error the path that a person knows", async () => {
    await using there = await besideCanaries();
    const error = assertThrows(() => there.folder.openFile("nothing"), Error);
    assertStringIncludes(error.message, `${there.path}/tree/nothing`);
    assertMatch(error.message, /^(?!.*\/proc\/)/);
    const lost = assertThrows(() => there.folder.rename("nothing", there.folder, "x"), Error);
    assertMatch(lost.message, /^(?!.*\/proc\/).*tree\/nothing.*tree\/x/);
  });

  it("writes a file and reads it back by the same handle, and waits for no pipe", async () => {
    await using there = await besideCanaries();
    const file = there.folder.createFile("new", 0o640);
    writeSync(file, new TextEncoder().encode("written"));
    const back = new Uint8Array(7);
    readSync(file, back, 0, 7, 0);
    closeSync(file);
    assertEquals(new TextDecoder().decode(back), "written");
    await new Deno.Command("mkfifo", { args: [`${there.path}/tree/pipe`] }).output();
    const pipe = there.folder.openFile("pipe");
    assertEquals(fstatSync(pipe).isFIFO(), true);
    closeSync(pipe);
  });

  it("is opened again by another thread, which has a handle of its own, and never another folder", async () => {
    await using there = await besideCanaries();
    const inner = there.folder.folder("folder");
    const lent = inner.lend();
    using borrowed = Folder.borrow(lent);
    inner[Symbol.dispose]();
    assertEquals(borrowed.names(), ["file"]);
    using _another = there.folder.folder("folder"); // gets the number that has become free
    assertThrows(() => Folder.borrow({ ...lent, inode: lent.inode + 1 }), Error, "was closed before");
  });
});

describe("times of entries", () => {
  // deno-fmt-ignore: a line each
  const times: [what: string, ms: number][] = [
    ["before 1970", -86_400_000], ["the first that a disk holds", -2_147_483_648_000],
    ["1970", 0], ["now", 1_796_000_000_123], ["after 2038", 4_300_000_000_000], ["after 2106", 8_500_000_000_456],
  ];
  for (const [what, ms] of times) {
    it(`come back as they were: ${what}`, async () => {
      await using there = await besideCanaries();
      const file = there.folder.openFile("file");
      const time = systemTime(ms);
      futimesSync(file, time, time);
      closeSync(file);
      there.folder.setTime("to-file", ms);
      there.folder.setTime("folder", ms);
      for (const name of ["file", "to-file", "folder"]) {
        assertEquals(Deno.lstatSync(`${there.path}/tree/${name}`).mtime?.getTime(), ms, name);
      }
    });
  }
  it("before 1970 have whole seconds", () => assertEquals(systemTime(-86_399_877), new Date(-86_400_000)));
  it("that no disk holds become 1970", () => {
    for (const ms of [NaN, Infinity, 8.64e15, -8.64e15]) assertEquals(systemTime(ms), 0);
  });
});

describe("files reached by their paths", () => {
  it("are opened one folder after the other, never through a link", async () => {
    await using there = await besideCanaries();
    makeTree(`${there.path}/tree`, { "a/b/c/file": "deep", "a/b/d/file": "beside" });
    using reach = new Reach(there.folder);
    const read = (path: string) => {
      const { folder, name } = reach.parent(path);
      const file = folder.openFile(name);
      const bytes = new Uint8Array(20);
      const text = new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes, 0, 20, 0)));
      closeSync(file);
      return text;
    };
    assertEquals(["a/b/c/file", "a/b/d/file", "file", "a/b/c/file"].map(read), [
      "deep",
      "beside",
      "paper",
      "deep",
    ]);
    assertEquals(refusal(() => read("to-folder/file")), "ENOTDIR");
    assertEquals(refusal(() => read("a/../file")), undefined); // a name of its own, which is none
    assertEquals(read("a/b/d/file"), "beside", "a path that failed leaves none behind");
  });

  it("are looked up again when they are to be", async () => {
    await using there = await besideCanaries();
    using reach = new Reach(there.folder);
    assertEquals(reach.folder("folder").names(), ["file"]);
    Deno.renameSync(`${there.path}/tree/folder`, `${there.path}/tree/aside`);
    Deno.mkdirSync(`${there.path}/tree/folder`);
    assertEquals(reach.folder("folder").names(), ["file"], "the open one");
    reach.forget();
    assertEquals(reach.folder("folder").names(), []);
  });
});
