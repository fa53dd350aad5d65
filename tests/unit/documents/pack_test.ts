import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { bytesOf, readSmall, sha256Of } from "../../../src/base/streams.ts";
import { openArchive } from "../../../src/documents/archive/compressor.ts";
import { packDocuments } from "../../../src/documents/archive/pack.ts";
import { readIndex, writeIndex } from "../../../src/documents/index.ts";
import { walkTree } from "../../../src/documents/tree/walk.ts";
import type { DocumentFolders } from "../../../src/documents/folders.ts";
import { unpackTo } from "../../support/documents/by_path.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;
const NAME = "prod/docs/20260630T155313Z.tar.gz";
/** Packs all of it, and unpacks it again into `into`, which compares every byte with the index. */
async function packAndUnpack(source: DocumentFolders, into: string) {
  using archive = packDocuments(source, { signal });
  const packed = await readSmall(archive.stream);
  const described = archive.describe();
  await Deno.mkdir(into);
  await unpackTo(openArchive(NAME, bytesOf(packed), signal), into, described.index, undefined);
  return described;
}

const tree = (root: string) =>
  walkTree(root, []).map(({ path, type, bytes, target }) =>
    [path, type, type === "file" ? sha256Of(Deno.readFileSync(`${root}/${path}`)) : bytes, target ?? ""].join(
      " ",
    )
  );

describe("packing what trees can hold", () => {
  const LONG = "l".repeat(150);
  const names = [
    "-rf",
    "--checkpoint-action=exec=false",
    "a\nnew line",
    'tar: "x": Cannot stat: No such file or directory',
    "\\n is no new line",
    "quotes \" and ' and `",
    "glob *?[a-z]",
    " spaces at both ends ",
    "été",
    "e\u0301te\u0301",
    "\u{1F9FE}",
    `${LONG}/${LONG}/${LONG}.pdf`,
    "empty.pdf",
  ];
  it("gives every name back as it was", async () => {
    await using folder = await temporaryFolder();
    const source = `${folder.path}/source`;
    await Deno.mkdir(`${source}/${LONG}/${LONG}`, { recursive: true });
    for (const name of names) await Deno.writeTextFile(`${source}/${name}`, name === "empty.pdf" ? "" : name);
    const { index, warnings } = await packAndUnpack(
      { documents: source },
      `${folder.path}/out`,
    );
    assertEquals(warnings, []);
    assertEquals(index.files.map(({ path }) => path).sort(), names.toSorted());
    assertEquals(tree(`${folder.path}/out`), tree(source));
  });

  it("gives back empty folders, holes, both names of a hard link, links, and no special right", async () => {
    await using folder = await temporaryFolder();
    const source = `${folder.path}/source`;
    await Deno.mkdir(`${source}/empty/inner`, { recursive: true });
    await Deno.writeTextFile(`${source}/paper`, "paper");
    await Deno.link(`${source}/paper`, `${source}/same paper`);
    await Deno.symlink("../source/paper", `${source}/away`);
    await Deno.symlink("paper", `${source}/near`);
    await Deno.chmod(`${source}/paper`, 0o4755);
    await runTool("/usr/bin/truncate", { args: ["--size=5M", `${source}/hole`] });
    const { index, warnings } = await packAndUnpack(
      { documents: source, excludes: ["away"] },
      `${folder.path}/out`,
    );
    assertEquals(warnings, []);
    assertEquals(index.files.map(({ path, bytes }) => [path, bytes]), [["hole", 5 * 1024 * 1024], [
      "paper",
      5,
    ], ["same paper", 5]]);
    assertEquals(index.links, [{ path: "near", target: "paper" }]);
    assertEquals(tree(`${folder.path}/out`), tree(source).filter((line) => !line.startsWith("away")));
    assertEquals((await Deno.stat(`${folder.path}/out/paper`)).mode! & 0o7777, 0o755);
  });

  it("leaves links out of the documents out, and says so; all else is given back", async () => {
    await using folder = await temporaryFolder();
    const source = `${folder.path}/source`;
    await Deno.mkdir(`${source}/x`, { recursive: true });
    await Deno.writeTextFile(`${source}/x/paper`, "paper");
    await Deno.symlink("/etc/passwd", `${source}/x/abs`);
    await Deno.symlink("../../source/x/paper", `${source}/x/up`);
    await Deno.symlink("../x/paper", `${source}/x/inside`);
    const { index, warnings } = await packAndUnpack({ documents: source }, `${folder.path}/out`);
    assertEquals(warnings, [
      "x/abs is a link out of the documents, to /etc/passwd: it is not in the backup",
      "x/up is a link out of the documents, to ../../source/x/paper: it is not in the backup",
    ]);
    assertEquals(index.links, [{ path: "x/inside", target: "../x/paper" }]);
    assertEquals(index.leftOut, [
      { path: "x/abs", target: "/etc/passwd" },
      { path: "x/up", target: "../../source/x/paper" },
    ]);
    assertEquals(readIndex(writeIndex(index), "index"), index);
    assertEquals(tree(`${folder.path}/out`), tree(source).filter((line) => !/^x\/(abs|up) /.test(line)));
  });

  it("says nothing of links left out where there is none", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/source`);
    await Deno.symlink(".", `${folder.path}/source/self`);
    const { index } = await packAndUnpack({ documents: `${folder.path}/source` }, `${folder.path}/out`);
    assertEquals([Object.hasOwn(index, "leftOut"), index.links.length], [false, 1]);
  });

  it("refuses what became a link out of the documents because another one vanished", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/deep/er`, { recursive: true });
    await Deno.symlink("deep/er", `${folder.path}/b`);
    await Deno.symlink("b/../..", `${folder.path}/a`); // leads to the top, through the other one
    using archive = packDocuments({ documents: folder.path }, { signal }); // walked here, packed below
    await Deno.remove(`${folder.path}/b`);
    await readSmall(archive.stream);
    const error = assertThrows(() => archive.describe(), DrillError);
    assertEquals(error.code, "DOCUMENTS_UNREADABLE");
    assertStringIncludes(error.message, "it became a link out of the documents, to b/../..");
  });

  it("packs an empty folder", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/source`);
    const { index } = await packAndUnpack({ documents: `${folder.path}/source` }, `${folder.path}/out`);
    assertEquals([index.files, index.links], [[], []]);
  });
});

describe("packing what cannot be packed", () => {
  const odd: [what: string, make: string, path: string, is: string, says: string][] = [
    ["a pipe", "mkfifo pipe", "pipe", "pipe", "is a pipe"],
    [
      "a socket",
      `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("pipe"))'`,
      "pipe",
      "socket",
      "is a socket",
    ],
    [
      "a name that is not UTF-8",
      `touch "$(printf 'pi\\\\p\\351')"`,
      "pi\\\\p\\xE9",
      "name",
      "has a name that is not UTF-8",
    ],
  ];
  for (const [what, make, path, is, says] of odd) {
    it(`leaves ${what} out by its name, and says so, unless it is excluded; all else is packed`, async () => {
      await using folder = await temporaryFolder();
      const source = `${folder.path}/source`;
      await Deno.mkdir(`${source}/in`, { recursive: true });
      await Deno.writeTextFile(`${source}/in/paper`, "paper");
      await runTool("/bin/sh", { args: ["-c", make], cwd: `${source}/in` });
      const { index, warnings } = await packAndUnpack({ documents: source }, `${folder.path}/out`);
      assertEquals(index.odd, [{ path: `in/${path}`, is: is as "name" }]);
      assertEquals(warnings, [`in/${path} ${says}: it is not in the backup`]);
      assertEquals(index.files.map(({ path }) => path), ["in/paper"]);
      assertEquals(readIndex(writeIndex(index), "index"), index);
      assertThrows(() => walkTree(source), DrillError, says.replace("is a", "is a"));
      const excluded = await packAndUnpack({ documents: source, excludes: ["pi*"] }, `${folder.path}/again`);
      assertEquals([Object.hasOwn(excluded.index, "odd"), excluded.warnings], [false, []]);
    });
  }

  it("refuses a file that nobody may read", async () => {
    using archive = packDocuments({ documents: "/proc/sys/net/ipv4/route" }, { signal });
    const read = async () => {
      await readSmall(archive.stream);
    };
    const error = await assertRejects(read, DrillError);
    assertEquals(error.code, "DOCUMENTS_UNREADABLE");
    assertStringIncludes(error.message, "flush");
  });

  it("refuses a folder that is not there", () => {
    assertEquals(
      assertThrows(() => packDocuments({ documents: "/nowhere" }, { signal }), DrillError).code,
      "DOCUMENTS_UNREADABLE",
    );
  });
});

describe("further folders", () => {
  it("lie under their own names, whatever their paths, and the index says where from", async () => {
    await using folder = await temporaryFolder();
    const [documents, custom] = [`${folder.path}/documents`, `${folder.path}/html [1].^$*|\\x/custom`];
    await Deno.mkdir(documents);
    await Deno.mkdir(`${custom}/mod/temp`, { recursive: true });
    await Deno.mkdir(`${custom}2`);
    await Deno.writeTextFile(`${documents}/customs`, "main");
    await Deno.writeTextFile(`${custom}/mod/a.php`, "module");
    await Deno.writeTextFile(`${custom}/mod/temp/x`, "noise");
    await Deno.writeTextFile(`${custom}2/b`, "second");
    await Deno.symlink(custom, `${folder.path}/link`);
    const moreFolders = { custom: `${folder.path}/link`, custom2: `${custom}2` };
    const { index, warnings } = await packAndUnpack({ documents, moreFolders }, `${folder.path}/out`);
    assertEquals(warnings, []);
    assertEquals(index.roots, moreFolders);
    // a temp folder of Dolibarr's own is left out of its documents alone
    assertEquals(index.files.map(({ path }) => path), [
      ...["customs", "custom/mod/a.php", "custom/mod/temp/x", "custom2/b"],
    ]);
    assertEquals(Deno.readTextFileSync(`${folder.path}/out/custom/mod/a.php`), "module");
  });

  it("are refused where the documents hold an entry of that name", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/documents/custom`, { recursive: true });
    await Deno.mkdir(`${folder.path}/other`);
    const source = { documents: `${folder.path}/documents`, moreFolders: { custom: `${folder.path}/other` } };
    assertEquals(assertThrows(() => packDocuments(source, { signal }), DrillError).code, "CONFIG_INVALID");
  });

  it("must be there", async () => {
    await using folder = await temporaryFolder();
    const source = { documents: folder.path, moreFolders: { custom: `${folder.path}/none` } };
    assertEquals(
      assertThrows(() => packDocuments(source, { signal }), DrillError).code,
      "DOCUMENTS_UNREADABLE",
    );
  });
});
