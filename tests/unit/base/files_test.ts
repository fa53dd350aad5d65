import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isFull, writeError } from "../../../src/base/files.ts";

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
