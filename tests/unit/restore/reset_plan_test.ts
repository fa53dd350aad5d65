/** What a reset does to documents, decided from what lay there and what lies there. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { TreeEntry } from "../../../src/documents/tree/walk.ts";
import type { ObservedFile, SavedEntry } from "../../../src/restore/checkpoint/documents.ts";
import { doubtful, isEmptyPlan, planDocuments } from "../../../src/restore/reset/documents_plan.ts";

const KEPT_AT = 1_800_000_000_000;
/** Long before that. */
const OLD = KEPT_AT - 86_400_000;

const saved = (path: string, more: Partial<SavedEntry> = {}): SavedEntry => ({
  path,
  type: "file",
  mode: 0o644,
  uid: 33,
  gid: 33,
  mtimeMs: OLD,
  ...(more.type === undefined ? { bytes: 4, sha256: "aa" } : {}),
  ...more,
});
const current = (path: string, more: Partial<TreeEntry> = {}): TreeEntry => ({
  path,
  type: "file",
  mode: 0o644,
  uid: 33,
  gid: 33,
  mtimeMs: OLD,
  ctimeMs: OLD,
  inode: 7,
  bytes: more.type === undefined ? 4 : 0,
  ...more,
});
const seen = (more: Partial<ObservedFile> = {}): Map<string, ObservedFile> =>
  new Map([["a", { bytes: 4, mtimeMs: OLD, ctimeMs: OLD, inode: 7, at: KEPT_AT, ...more }]]);

describe("the files of which nobody can tell without reading them", () => {
  const cases: [
    what: string,
    file: Partial<TreeEntry>,
    seen: Map<string, ObservedFile>,
    isDoubtful: boolean,
  ][] = [
    ["one that looks as it did", {}, seen(), false],
    ["one that was touched", { mtimeMs: OLD + 1000 }, seen(), true],
    ["one whose time was set back", { ctimeMs: KEPT_AT + 60_000 }, seen(), true],
    ["another one under its name", { inode: 8 }, seen(), true],
    ["one that was written just before it was looked at", { mtimeMs: OLD }, seen({ at: OLD + 1500 }), true],
    ["one that nobody looked at", {}, new Map(), true],
    ["one of another size, which needs no reading", { bytes: 5 }, seen(), false],
    ["what is a folder now", { type: "directory" }, seen(), false],
  ];
  for (const [what, file, known, isDoubtful] of cases) {
    it(`${isDoubtful ? "are" : "are not"} ${what}`, () => {
      assertEquals(doubtful([saved("a")], [current("a", file)], known).length, Number(isDoubtful));
    });
  }
});

describe("the plan of a reset", () => {
  const words = (
    before: SavedEntry[],
    now: TreeEntry[],
    hashes: [string, string][] = [],
    mayOwn = true,
  ): Record<string, string[]> => {
    const { remove, put, mend } = planDocuments(before, now, new Map(hashes), mayOwn);
    const paths = (entries: { path: string }[]) => entries.map(({ path }) => path);
    return { remove: paths(remove), put: paths(put), mend: paths(mend) };
  };
  const folder = { type: "directory" as const, mode: 0o755 };
  const link = { type: "link" as const, mode: 0o777 };
  const nothing = { remove: [], put: [], mend: [] };

  it("is empty where all is as it was, whatever the time of a folder is", () => {
    const now = [
      current("d", { ...folder, mtimeMs: KEPT_AT }),
      current("d/a"),
      current("l", { ...link, target: "d/a" }),
    ];
    const plan = planDocuments(
      [saved("d", folder), saved("d/a"), saved("l", { ...link, target: "d/a" })],
      now,
      new Map(),
      true,
    );
    assertEquals(isEmptyPlan(plan), true);
  });

  const cases: [what: string, before: SavedEntry[], now: TreeEntry[], plan: Record<string, string[]>][] = [
    ["puts a missing file back", [saved("a")], [], { ...nothing, put: ["a"] }],
    ["puts back one of another size", [saved("a")], [current("a", { bytes: 5 })], { ...nothing, put: ["a"] }],
    ["mends times", [saved("a")], [current("a", { mtimeMs: 5 })], { ...nothing, mend: ["a"] }],
    ["mends rights", [saved("a")], [current("a", { mode: 0o600 })], { ...nothing, mend: ["a"] }],
    ["mends owners", [saved("a")], [current("a", { uid: 0 })], { ...nothing, mend: ["a"] }],
    [
      "removes what came, the deepest first",
      [],
      [current("d", folder), current("d/e", folder), current("d/e/f")],
      { ...nothing, remove: ["d/e/f", "d/e", "d"] },
    ],
    [
      "makes folders before what lies in them",
      [saved("d", folder), saved("d/a")],
      [],
      { ...nothing, put: ["d", "d/a"] },
    ],
    [
      "replaces a folder by the file that was there",
      [saved("a")],
      [current("a", folder), current("a/b")],
      { remove: ["a/b", "a"], put: ["a"], mend: [] },
    ],
    [
      "replaces a link that was put in the place of a folder",
      [saved("d", folder), saved("d/a")],
      [current("d", { ...link, target: "/etc" })],
      { remove: ["d"], put: ["d", "d/a"], mend: [] },
    ],
    [
      "makes a link anew that leads elsewhere",
      [saved("l", { ...link, target: "a" })],
      [current("l", { ...link, target: "b" })],
      { ...nothing, put: ["l"] },
    ],
  ];
  for (const [what, before, now, plan] of cases) {
    it(what, () => assertEquals(words(before, now), plan));
  }

  it("puts a file back whose bytes are others, and takes one that was read and is equal", () => {
    assertEquals(words([saved("a")], [current("a")], [["a", "bb"]]), { ...nothing, put: ["a"] });
    assertEquals(words([saved("a")], [current("a")], [["a", "aa"]]), nothing);
  });

  it("does not look at owners where this process cannot give files away", () => {
    assertEquals(words([saved("a")], [current("a", { uid: 0 })], [], false), nothing);
  });
});
