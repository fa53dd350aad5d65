import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  isFull,
  namesIn,
  unfinishedOf,
  writeAllWhole,
  writeError,
  writeWhole,
  writeWholeSync,
} from "../../../src/base/files.ts";
import { temporaryFolder } from "../../support/folder.ts";

const named = (message: string, code: string) => Object.assign(new Error(message), { code });

describe("a disk or a quota that is full", () => {
  const DISK = "the disk is full";
  const QUOTA = "the disk quota is exceeded";
  for (
    const [whose, failure, state] of [
      ["Deno's words", named("No space left on device (os error 28)", "ENOSPC"), DISK],
      ["Deno's words for a quota", new Error("Disk quota exceeded (os error 122): copy 'a' -> 'b'"), QUOTA],
      ["a number alone", new Error("write failed (os error 28)"), DISK],
      ["the number of a quota alone", new Error("write failed (os error 122)"), QUOTA],
      ["node's words", named("ENOSPC: no space left on device, write", "ENOSPC"), DISK],
      ["node's words for a quota", named("EDQUOT: disk quota exceeded, write", "EDQUOT"), QUOTA],
      ["a code alone", named("write failed", "EDQUOT"), QUOTA],
      ["a program's words", "tar: ./facture: Cannot write: No space left on device", DISK],
      ["a program's words for a quota", "cp: error writing 'b': Disk quota exceeded", QUOTA],
      ["PostgreSQL's SQLSTATE", named("could not extend file", "53100"), DISK],
      [
        "PostgreSQL's words",
        'ERROR:  could not extend file "base/1/2": wrote only 0 of 8192 bytes at block 3',
        DISK,
      ],
    ] as const
  ) {
    it(`is known by ${whose}`, () => {
      assertEquals(isFull(failure), true);
      const error = writeError("write /srv/a", failure, { hint: "Look.", room: "Make room." });
      const words = failure instanceof Error ? failure.message : failure;
      assertEquals([error.code, error.message, error.hint, error.details], [
        "DISK_FULL",
        `Cannot write /srv/a: ${state}`,
        "Make room.",
        [words],
      ]);
    });
  }

  it("is not any other failure, and no number in a name", () => {
    for (
      const failure of [
        named("Permission denied (os error 13)", "EACCES"),
        new Error("Too many links (os error 281)"),
        new Error("cannot write row 53100"),
        "Input/output error",
        undefined,
        null,
      ]
    ) {
      assertEquals(isFull(failure), false, String(failure));
      const error = writeError("write /srv/a", failure, { hint: "Look.", room: "Make room." });
      assertEquals([error.code, error.hint], ["DOCUMENTS_NOT_WRITABLE", "Look."]);
    }
  });

  it("keeps the code of who asks for everything else", () => {
    const other = { code: "REPORT_NOT_WRITABLE", hint: "Look.", room: "Make room." } as const;
    const error = writeError("write the report into /srv", new Error("Permission denied"), other);
    assertEquals([error.code, error.message], [
      "REPORT_NOT_WRITABLE",
      "Cannot write the report into /srv: Permission denied",
    ]);
  });
});

describe("a file that is written whole", () => {
  const writers = { writeWhole, writeWholeSync };
  for (const [name, write] of Object.entries(writers)) {
    it(`replaces the one before, with its own rights (${name})`, async () => {
      await using folder = await temporaryFolder();
      const file = `${folder.path}/a`;
      await Deno.writeTextFile(file, "the one before", { mode: 0o644 });
      await write(file, "new");
      assertEquals([await Deno.readTextFile(file), (await Deno.stat(file)).mode! & 0o777], ["new", 0o600]);
      await write(file, new TextEncoder().encode("newer"), { mode: 0o640, sync: false });
      assertEquals([await Deno.readTextFile(file), (await Deno.stat(file)).mode! & 0o777], ["newer", 0o640]);
      assertEquals(namesIn(folder.path), ["a"]);
    });

    it(`takes away what a killed writer left, of this version and of an earlier one (${name})`, async () => {
      await using folder = await temporaryFolder();
      const file = `${folder.path}/a`;
      for (const left of ["a~", "a.partial", "a.half"]) {
        await Deno.writeTextFile(`${folder.path}/${left}`, "half of something", { mode: 0o444 });
      }
      await write(file, "new", { formerSuffix: ".partial" });
      assertEquals(namesIn(folder.path), ["a", "a.half"]);
      assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    });

    it(`stays as it was where it cannot be written, and leaves nothing beside (${name})`, async () => {
      await using folder = await temporaryFolder();
      const file = `${folder.path}/a`;
      await Deno.mkdir(`${file}/in the way`, { recursive: true });
      await assertRejects(async () => await write(file, "new"));
      assertEquals([namesIn(folder.path), namesIn(file)], [["a"], ["in the way"]]);
    });
  }

  it("removes no folder of somebody's that has its name while it is written", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/a`;
    await Deno.mkdir(`${unfinishedOf(file)}/theirs`, { recursive: true });
    await assertRejects(() => writeWhole(file, "new"));
    assertThrows(() => writeWholeSync(file, "new"));
    assertEquals(namesIn(unfinishedOf(file)), ["theirs"]);
  });

  it("takes its place only when all that are written with it are whole", async () => {
    await using folder = await temporaryFolder();
    const [first, second] = [`${folder.path}/a`, `${folder.path}/missing/b`];
    await Deno.writeTextFile(first, "the one before");
    await assertRejects(() =>
      writeAllWhole([{ path: first, content: "new" }, { path: second, content: "new" }])
    );
    assertEquals([namesIn(folder.path), await Deno.readTextFile(first)], [["a"], "the one before"]);
  });
});
