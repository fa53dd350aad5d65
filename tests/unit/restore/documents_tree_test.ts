import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { ListedFile } from "../../../src/documents/tree/listing.ts";
import {
  isNewerThan,
  matcherOf,
  matcherOfIndex,
  whyForeign,
} from "../../../src/restore/gate/documents_tree.ts";

const FILE: ListedFile = {
  ...{ path: "facture/FA1.pdf", bytes: 100, inode: "42" },
  ...{ mtimeNs: "1782834793390000000", ctimeNs: "1796078796390039431" },
};
const record = { folders: [{ folder: "/var/www/documents", files: 1, sample: [FILE] }] };
/** What of the one recorded file is in a tree that holds this. */
function matchOf(file: Partial<ListedFile>) {
  const matcher = matcherOf(record);
  matcher.see({ ...FILE, ...file });
  const { recurring, alike, inPlace, lookedAt } = matcher.match();
  return [recurring, alike, inPlace, lookedAt];
}

describe("a recorded file in a tree", () => {
  it("recurs with its inode and its ctime, also under another path", () => {
    assertEquals(matchOf({}), [1, 0, 1, 1]);
    assertEquals(matchOf({ path: "moved.pdf" }), [1, 0, 0, 0]);
  });

  it("is alike after a change of owner, and in place after its content changed", () => {
    assertEquals(matchOf({ ctimeNs: "1796078799000000000" }), [0, 1, 1, 1]);
    assertEquals(matchOf({ ctimeNs: "1", mtimeNs: "1", bytes: 7 }), [0, 0, 1, 1]);
  });

  it("does not recur in a copy, nor where one of inode and ctime alone is the same", () => {
    assertEquals(matchOf({ inode: "43", ctimeNs: "1" }), [0, 0, 0, 1], "a copy with its times");
    assertEquals(matchOf({ inode: "43" }), [0, 0, 0, 1]);
    assertEquals(
      matchOf({ ctimeNs: "1796078796390039432", mtimeNs: "1" }),
      [0, 0, 1, 1],
      "a nanosecond later",
    );
  });

  it("recurs by an index without inodes where path, size and times are the same", () => {
    const of = (file: Partial<ListedFile>) => {
      const sha256 = "0".repeat(64);
      const times = { mtimeMs: 1_782_834_793_390, ctimeMs: 1_796_078_796_000 };
      const matcher = matcherOfIndex({ files: [{ path: FILE.path, bytes: 100, ...times, sha256 }] });
      matcher.see({ ...FILE, ...file });
      return [matcher.match().recurring, matcher.match().lookedAt];
    };
    assertEquals(of({}), [1, 1]);
    assertEquals(
      of({ ctimeNs: "1796078797000000000" }),
      [0, 1],
      "restored since: it has the file's time, and a ctime of its own",
    );
    assertEquals(of({ path: "other.pdf" }), [0, 0]);
  });
});

describe("a stranger's files", () => {
  const match = { recorded: 1, recurring: 0, alike: 0, inPlace: 0, lookedAt: 0 };
  const at = "20261130T200000Z";
  const why = (facts: Partial<Parameters<typeof whyForeign>[0]>) =>
    whyForeign({ files: 3, records: [{ at, match }], restoredOtherwise: false, ...facts });

  it("are those of which no restore tells, though one told of that tree", () => {
    assertEquals(why({}), `there is none of those that the restore of ${at} left`);
    assertEquals(why({ records: [] }), "no restore of ours ever went into it");
  });

  it("are none where one file of any of the last restores is left, or nothing lies there", () => {
    for (const one of ["recurring", "alike", "inPlace"] as const) {
      assertEquals(why({ records: [{ at, match }, { at, match: { ...match, [one]: 1 } }] }), undefined);
    }
    assertEquals(why({ files: 0 }), undefined);
    assertEquals(why({ records: [{ at, match: { ...match, recorded: 0 } }] }), undefined, "it left no file");
  });

  it("are none where the database came by a restore that left no record", () => {
    assertEquals(why({ records: [], restoredOtherwise: true }), undefined);
    assertEquals(why({ restoredOtherwise: true }), undefined, "through another store");
  });

  it("are not counted as added by people where every restore leaves them", () => {
    const moment = new Date(1_782_834_793_000);
    assertEquals(isNewerThan(FILE, moment), true);
    assertEquals(isNewerThan({ ...FILE, path: "install.lock" }, moment), false);
    assertEquals(isNewerThan(FILE, new Date(1_782_834_793_390)), false);
  });
});
