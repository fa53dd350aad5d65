import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { TreeMatch } from "../../../src/restore/gate/documents_tree.ts";
import { mountedInside, mountedPathOf, parseMounts } from "../../../src/documents/tree/mounts.ts";
import {
  type FolderFacts,
  judgeTarget,
  type ProtectedFacts,
  type Refusal,
  REFUSALS,
  type SetOrigin,
  type TargetFacts,
} from "../../../src/restore/gate/judge.ts";

/** A folder whose chain is these inodes on one disk, itself first and the root of the tree last. */
const folder = (realPath: string, ...inodes: number[]): FolderFacts => ({
  realPath,
  chain: [...inodes, 2].map((inode) => ({ device: 8, inode })),
  place: { filesystem: "8:1", path: realPath },
  mountedInside: [],
  isEmpty: false,
});

/** What of production's recorded files is in the target. */
const found = (match: Partial<TreeMatch>, byPath = false) => ({
  match: { recorded: 1_000, recurring: 0, alike: 0, inPlace: 0, lookedAt: 900, ...match },
  byPath,
  at: "20260630T155313Z",
});

const prod: ProtectedFacts = {
  name: "prod",
  databases: [{ systemIdentifier: "7000000000000000001", databaseOid: "16400" }],
  owner: "erp_role",
  documents: folder("/var/www/documents", 100, 101, 102),
  documentsPath: "/var/www/documents",
  tree: undefined,
  webOrigin: "https://erp.example",
};
const sandbox: TargetFacts = {
  name: "sandbox",
  disposable: true,
  database: { systemIdentifier: "7000000000000000001", databaseOid: "16500" },
  databaseName: "erp-sandbox",
  owner: "erp_sandbox_role",
  memberOf: [],
  documents: folder("/srv/sandbox/documents", 200, 201, 202),
  foreign: [],
  webOrigin: "https://erp-sandbox.example",
};

/** The set was taken from production, where production was then. */
const origin: SetOrigin = {
  set: "prod/20260630T155313Z",
  database: { systemIdentifier: "7000000000000000001", databaseOid: "16300" },
};

/** One way in which the target is production after all, and the refusal that must see it. Undefined: none is protected. */
const WAYS: [Refusal, string, TargetFacts, ProtectedFacts | undefined, requested?: string][] = [
  ["not_disposable", "it is not marked disposable", { ...sandbox, disposable: false }, prod],
  ["unknown_identity", "production is down and no set tells who it is", sandbox, {
    ...prod,
    databases: [],
  }],
  ["nothing_protected", "there is nothing to tell it from", sandbox, undefined],
  ["same_database", "it is production's database under another name", {
    ...sandbox,
    database: prod.databases[0]!,
  }, prod],
  ["same_database", "it is the database that production was when it was last backed up", sandbox, {
    ...prod,
    databases: [...prod.databases, sandbox.database],
  }],
  ["same_database", "the set was taken from it, whatever production is by now", {
    ...sandbox,
    database: origin.database,
  }, prod],
  ["same_owner", "it is owned by production's owner role", { ...sandbox, owner: "erp_role" }, prod],
  [
    "member",
    "its login is a member of production's owner role",
    { ...sandbox, memberOf: ["erp_role"] },
    prod,
  ],
  ["same_documents", "its documents are production's by another path", {
    ...sandbox,
    documents: { ...sandbox.documents, chain: [prod.documents!.chain[0]!, ...sandbox.documents.chain] },
  }, prod],
  ["same_documents", "one of its further folders is production's", {
    ...sandbox,
    furtherFolders: [{ path: "/srv/sandbox/custom", facts: folder("/srv/sandbox/custom", 100, 203) }],
  }, prod],
  ["same_documents", "one of its further folders lies where production's does, on no disk of this machine", {
    ...sandbox,
    furtherFolders: [{ path: "/srv/custom", facts: folder("/var/www/html/custom/mod", 301, 203) }],
  }, { ...prod, furtherFolders: [{ path: "/var/www/html/custom", facts: undefined }] }],
  ["same_documents", "its documents are a further folder of production's", sandbox, {
    ...prod,
    furtherFolders: [{ path: "/srv/prod-custom", facts: folder("/srv/prod-custom", 200, 300) }],
  }],
  ["mounted_inside", "something is mounted inside one of its further folders", {
    ...sandbox,
    furtherFolders: [{
      path: "/srv/custom",
      facts: { ...folder("/srv/custom", 301, 203), mountedInside: ["/srv/custom/mod"] },
    }],
  }, prod],
  ["same_documents", "a folder above production's is its own, bound elsewhere", sandbox, {
    ...prod,
    documents: folder("/var/www/documents", 100, 200, 102),
  }],
  ["same_documents", "a folder above its own is production's, bound elsewhere", {
    ...sandbox,
    documents: folder("/srv/sandbox/documents", 200, 100, 202),
  }, prod],
  ["same_documents", "production's documents are a part of its own, bound elsewhere", sandbox, {
    ...prod,
    documents: { ...prod.documents!, place: { filesystem: "8:1", path: "/srv/sandbox/documents/a/b" } },
  }],
  ["mounted_inside", "something is mounted inside its documents", {
    ...sandbox,
    documents: { ...sandbox.documents, mountedInside: ["/srv/sandbox/documents/archive"] },
  }, prod],
  ["same_documents", "its documents lie inside production's", {
    ...sandbox,
    documents: { ...sandbox.documents, realPath: "/var/www/documents/sandbox" },
  }, prod],
  ["same_documents", "production's documents lie inside its own", {
    ...sandbox,
    documents: { ...sandbox.documents, realPath: "/var/www" },
  }, prod],
  ["same_documents", "production's folder is elsewhere, but has the same path", {
    ...sandbox,
    documents: { ...sandbox.documents, realPath: "/var/www/documents/" },
  }, { ...prod, documents: undefined, tree: found({}) }],
  [
    "same_documents",
    "a file of production's lies in its documents, and nothing of production is on this machine",
    sandbox,
    {
      ...prod,
      documents: undefined,
      tree: found({ recurring: 1 }),
    },
  ],
  ["same_documents", "its documents are a clone of production's, which are here too", sandbox, {
    ...prod,
    tree: found({ recurring: 998 }),
  }],
  [
    "unknown_identity",
    "production's documents are not on this machine, and no backup recorded them",
    sandbox,
    {
      ...prod,
      documents: undefined,
    },
  ],
  ["unknown_identity", "production's folder is empty here, as a mount that is missing", sandbox, {
    ...prod,
    documents: { ...prod.documents!, isEmpty: true },
  }],
  ["unknown_identity", "most of its files are production's but for a new owner since the backup", sandbox, {
    ...prod,
    documents: undefined,
    tree: found({ alike: 501 }),
  }],
  ["unknown_identity", "of an index without inodes not one path is there", sandbox, {
    ...prod,
    documents: undefined,
    tree: found({ lookedAt: 0 }, true),
  }],
  ["foreign_documents", "its documents are nobody's that is known", {
    ...sandbox,
    foreign: ["12 files in the documents of sandbox: no restore of ours ever went into it"],
  }, prod],
  ["same_web", "it answers at production's address", { ...sandbox, webOrigin: "https://erp.example" }, prod],
  [
    "other_name",
    "another database was asked to be overwritten",
    { ...sandbox, disposable: false },
    prod,
    "erp",
  ],
];

describe("the target gate", () => {
  it("lets a disposable environment pass that is another in every way", () => {
    assertEquals(judgeTarget(sandbox, [prod], origin), { allowed: true, target: "sandbox" } as never);
  });

  it("lets a folder pass that has production's inode, or its place, on another disk", () => {
    const documents = {
      ...prod.documents!,
      realPath: "/srv/sandbox/documents",
      chain: prod.documents!.chain.map(({ inode }) => ({ device: 9, inode })),
      place: { filesystem: "8:2", path: "/var/www/documents" },
    };
    assert(judgeTarget({ ...sandbox, documents }, [prod], origin).allowed);
  });

  it("lets a target pass whose files are compared with those that production's backup recorded, wherever production is", () => {
    const away = { ...prod, documents: undefined };
    const passes = (tree: ProtectedFacts["tree"]) =>
      judgeTarget(sandbox, [{ ...away, tree }], origin).allowed;
    assert(passes(found({})));
    assert(passes(found({ lookedAt: 0 })), "each of its files was looked at, by its inode");
    assert(passes(found({ alike: 500 })), "half of them by chance, as on two fresh disks");
    assert(passes(found({ lookedAt: 1 }, true)), "an index without inodes, by path");
    assert(passes(found({ recorded: 0, lookedAt: 0 }, true)), "production had no file at all");
  });

  it("lets an empty target pass: nothing of production is in it", () => {
    const empty = { ...sandbox, documents: { ...sandbox.documents, isEmpty: true } };
    assert(judgeTarget(empty, [{ ...prod, documents: undefined }], origin).allowed);
  });

  it("is not fooled by a path that only begins like production's", () => {
    assert(
      judgeTarget(
        { ...sandbox, documents: { ...sandbox.documents, realPath: "/var/www/documents-sandbox" } },
        [prod],
      ).allowed,
    );
  });

  for (const [refusal, way, target, other, requested] of WAYS) {
    it(`refuses when ${way}`, () => {
      const judgement = judgeTarget(target, other ? [other] : [], origin, requested);
      assert(!judgement.allowed);
      assertEquals(judgement.reasons.map((reason) => reason.refusal), [refusal]);
    });
  }

  it("lets production itself pass that a person asked for by its database's name, with a set of its own", () => {
    const itself = { ...sandbox, disposable: false };
    const own = { ...origin, database: itself.database };
    assert(judgeTarget(itself, [], own, "erp-sandbox").allowed);
    assert(!judgeTarget(itself, [], own).allowed);
  });

  it("has a way for each refusal that its help lists", () => {
    assertEquals(
      [...new Set(WAYS.map(([refusal]) => refusal))].sort(),
      (Object.keys(REFUSALS) as Refusal[]).sort(),
    );
  });

  it("tells all reasons at once, for every protected environment", () => {
    const second = { ...prod, name: "prod-2" };
    const judgement = judgeTarget({ ...sandbox, disposable: false, owner: "erp_role" }, [prod, second]);
    assert(!judgement.allowed);
    assertEquals(judgement.reasons.map(({ refusal }) => refusal), [
      "not_disposable",
      "same_owner",
      "same_owner",
    ]);
  });

  it("passes nothing that shares a database, a role, a folder or an address with production, or with nothing to tell it from", () => {
    const pick = <T>(own: T, theirs: T) =>
      fc.boolean().map((shared) => ({ shared, value: shared ? theirs : own }));
    fc.assert(fc.property(
      fc.record({
        database: fc.constantFrom(
          { shared: false, value: sandbox.database },
          { shared: true, value: prod.databases[0]! },
          { shared: true, value: origin.database },
        ),
        owner: pick(sandbox.owner, prod.owner),
        memberOf: pick<readonly string[]>([], [prod.owner]),
        realPath: pick(sandbox.documents.realPath, prod.documents!.realPath),
        chain: pick(sandbox.documents.chain, prod.documents!.chain),
        place: pick(sandbox.documents.place, prod.documents!.place),
        mountedInside: pick<readonly string[]>([], ["/srv/sandbox/documents/archive"]),
        webOrigin: pick(sandbox.webOrigin, prod.webOrigin),
      }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(undefined, sandbox.databaseName, "erp"),
      (ways, disposable, anyProtected, requested) => {
        const target: TargetFacts = {
          ...sandbox,
          disposable,
          database: ways.database.value,
          owner: ways.owner.value,
          memberOf: ways.memberOf.value,
          documents: {
            isEmpty: false,
            realPath: ways.realPath.value,
            chain: ways.chain.value,
            place: ways.place.value,
            mountedInside: ways.mountedInside.value,
          },
          webOrigin: ways.webOrigin.value,
        };
        const { database, mountedInside, ...others } = ways;
        const meetsProd = Object.values(others).some(({ shared }) => shared) ||
          database.value === prod.databases[0];
        // a request takes away what is about the target itself, and nothing that is about another protected one
        const wanted = requested === undefined
          ? disposable && anyProtected && !meetsProd && database.value !== origin.database
          : requested === target.databaseName && !(anyProtected && meetsProd);
        assertEquals(
          judgeTarget(target, anyProtected ? [prod] : [], origin, requested).allowed,
          wanted && !mountedInside.shared,
        );
      },
    ));
  });
});

describe("where a folder is, by the kernel's mounts", () => {
  const mounts = parseMounts(`22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
42 27 254:0 /srv/a\\040b\\134c /mnt/two\\040words\\011tab rw,relatime - ext4 /dev/vda rw
43 42 8:1 /part /mnt/two\\040words\\011tab/in rw master:1 - ext4 /dev/sda rw
not a mount
`);

  it("reads each line, with what is escaped in it", () => {
    assertEquals(mounts.map(({ filesystem, root, mountPoint }) => [filesystem, root, mountPoint]), [
      ["0:21", "/", "/proc"],
      ["254:0", "/", "/"],
      ["254:0", "/srv/a b\\c", "/mnt/two words\ttab"],
      ["8:1", "/part", "/mnt/two words\ttab/in"],
    ]);
    assertEquals(parseMounts(""), []);
  });

  it("finds the place of a path behind every mount", () => {
    const place = (path: string) => {
      const found = mountedPathOf(path, mounts);
      return found && `${found.filesystem} ${found.path}`;
    };
    assertEquals(place("/"), "254:0 /");
    assertEquals(place("/srv/x"), "254:0 /srv/x");
    assertEquals(place("/mnt/two words\ttab"), "254:0 /srv/a b\\c");
    assertEquals(place("/mnt/two words\ttab/deep/er"), "254:0 /srv/a b\\c/deep/er");
    assertEquals(place("/mnt/two words\ttab/in/x"), "8:1 /part/x");
    assertEquals(place("/mnt/two words\ttab/inside"), "254:0 /srv/a b\\c/inside");
    assertEquals(mountedPathOf("/srv/x", []), undefined);
  });

  it("takes the last of two mounts on one point", () => {
    const two = parseMounts("1 0 8:1 / /a rw - ext4 x rw\n2 1 8:2 / /a rw - ext4 y rw");
    assertEquals(mountedPathOf("/a/b", two), { filesystem: "8:2", path: "/b" });
  });

  it("names what is mounted strictly below a folder", () => {
    assertEquals(mountedInside("/mnt", mounts), ["/mnt/two words\ttab", "/mnt/two words\ttab/in"]);
    assertEquals(mountedInside("/mnt/two words\ttab", mounts), ["/mnt/two words\ttab/in"]);
    assertEquals(mountedInside("/mnt/two words\ttab/in", mounts), []);
    assertEquals(mountedInside("/mn", mounts), []);
    assertEquals(mountedInside("/", mounts).length, 3);
  });
});
