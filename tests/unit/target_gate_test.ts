import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  judgeTarget,
  type ProtectedFacts,
  type Refusal,
  REFUSALS,
  type TargetFacts,
} from "../../src/restore/target_gate.ts";

const prod: ProtectedFacts = {
  name: "prod",
  database: { systemIdentifier: "7000000000000000001", databaseOid: "16400" },
  owner: "erp_role",
  documents: { realPath: "/var/www/documents", device: 8, inode: 100 },
  documentsPath: "/var/www/documents",
  webOrigin: "https://erp.example",
};
const sandbox: TargetFacts = {
  name: "sandbox",
  disposable: true,
  database: { systemIdentifier: "7000000000000000001", databaseOid: "16500" },
  owner: "erp_sandbox_role",
  memberOf: [],
  documents: { realPath: "/srv/sandbox/documents", device: 8, inode: 200 },
  webOrigin: "https://erp-sandbox.example",
};

/** One way in which the target is production after all, and the refusal that must see it. */
const WAYS: [Refusal, string, TargetFacts, ProtectedFacts][] = [
  ["not_disposable", "it is not marked disposable", { ...sandbox, disposable: false }, prod],
  ["unknown_identity", "production is down and no set tells who it is", sandbox, {
    ...prod,
    database: undefined,
  }],
  ["same_database", "it is production's database under another name", {
    ...sandbox,
    database: prod.database!,
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
    documents: { ...sandbox.documents, inode: 100 },
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
  }, { ...prod, documents: undefined }],
  ["same_web", "it answers at production's address", { ...sandbox, webOrigin: "https://erp.example" }, prod],
];

describe("the target gate", () => {
  it("lets a disposable environment pass that is another in every way", () => {
    assertEquals(judgeTarget(sandbox, [prod]), { allowed: true, target: "sandbox" } as never);
  });

  it("is not fooled by a path that only begins like production's", () => {
    assert(
      judgeTarget(
        { ...sandbox, documents: { ...sandbox.documents, realPath: "/var/www/documents-sandbox" } },
        [prod],
      ).allowed,
    );
  });

  for (const [refusal, way, target, other] of WAYS) {
    it(`refuses when ${way}`, () => {
      const judgement = judgeTarget(target, [other]);
      assert(!judgement.allowed);
      assertEquals(judgement.reasons.map((reason) => reason.refusal), [refusal]);
    });
  }

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

  it("passes nothing that shares a database, a role, a folder or an address with production, whatever else it is", () => {
    const pick = <T>(own: T, theirs: T) =>
      fc.boolean().map((shared) => ({ shared, value: shared ? theirs : own }));
    fc.assert(fc.property(
      pick(sandbox.database, prod.database!),
      pick(sandbox.owner, prod.owner),
      pick<readonly string[]>([], [prod.owner]),
      pick(sandbox.documents, prod.documents!),
      pick(sandbox.webOrigin, prod.webOrigin),
      fc.boolean(),
      (database, owner, memberOf, documents, web, disposable) => {
        const target = {
          ...sandbox,
          disposable,
          database: database.value,
          owner: owner.value,
          memberOf: memberOf.value,
          documents: documents.value,
          webOrigin: web.value,
        };
        const shares = [database, owner, memberOf, documents, web].some(({ shared }) => shared);
        assertEquals(judgeTarget(target, [prod]).allowed, disposable && !shares);
      },
    ));
  });
});
