import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytesOf } from "../../../src/base/streams.ts";
import {
  acceptanceKey,
  drillPageKey,
  type Folder,
  listKeys,
  listMoments,
  madeAt,
  manifestKey,
  objectKeysOf,
  parseKey,
  proofKey,
  recordKey,
} from "../../../src/store/keys.ts";
import { emptyStore } from "../../support/retention/prune_store.ts";

const SET = "20260630T155313Z";
const CLAIM = "1d0f7a52-8f57-4a58-9a4b-7f0a54c7a0be";
const HASH = "49f7efa7d375f37d28d6779cc03edd62";
const PROOF = { at: new Date("2026-07-01T03:00:00Z"), verb: "verify", verdict: "fail", id: "0123abcd" };

describe("a key in the store", () => {
  const [dump, archive, index, register] = objectKeysOf("prod", SET);
  const built: [key: string, folder: Folder, name: string, parts: string[]][] = [
    [dump, "db", SET, ["dump"]],
    [archive, "docs", SET, ["tar.gz"]],
    [index, "docs", SET, ["index.json.gz"]],
    [register, "registers", SET, ["json.gz"]],
    [manifestKey("prod", SET), "manifests", SET, ["json"]],
    [recordKey("prod", "rosters", SET), "rosters", SET, ["json"]],
    [recordKey("prod", "runs", SET), "runs", SET, ["json"]],
    [recordKey("prod", "holds", SET), "holds", SET, ["json"]],
    [recordKey("prod", "accepted", SET), "accepted", SET, ["json"]],
    [recordKey("prod", "prunes", SET), "prunes", SET, ["json"]],
    [recordKey("prod", "drills", SET), "drills", SET, ["json"]],
    [drillPageKey("prod", SET), "drills", SET, ["html"]],
    [recordKey("prod", "lease", CLAIM), "lease", CLAIM, ["json"]],
    [proofKey("prod", SET, PROOF), "verified", SET, ["20260701T030000Z", "verify", "fail"]],
    [acceptanceKey("prod", HASH, PROOF.at, CLAIM), "findings", HASH, ["20260701T030000Z", CLAIM]],
  ];
  for (const [key, folder, name, parts] of built) {
    it(`is read as it was built: ${key}`, () => {
      assertEquals(parseKey("prod", key), { folder, name, parts });
      assertEquals(parseKey("other", key), undefined);
      assertEquals(parseKey("pro", key), undefined);
      for (
        const changed of [
          `${key}.bak`,
          `x/${key}`,
          key.replace("prod/", "prod//"),
          key.replace("prod/", "prod/a/"),
        ]
      ) {
        assertEquals(parseKey("prod", changed), undefined, changed);
      }
    });
  }

  it("is none of ours where the moment is none, the folder another, or the ending another half's", () => {
    const others = [
      "prod/db/20260631T155313Z.dump",
      "prod/db/20260630T155313Z.tar.gz",
      "prod/docs/20260630T155313Z.dump",
      "prod/lease/20260630T155313Z.json",
      "prod/holds/1d0f7a52-8f57-4a58-9a4b-7f0a54c7a0be.json",
      "prod/constructor/20260630T155313Z.json",
      "prod/verified/20260630T155313Z.json",
      "prod/findings/20260630T155313Z.json",
      `prod/findings/${HASH}.20260701T030000Z.json`,
      `prod/findings/${HASH.slice(1)}.20260701T030000Z.${CLAIM}.json`,
      "prod/RESTORE.txt",
      "prod/manifests/",
      "prod",
    ];
    assertEquals(others.filter((key) => parseKey("prod", key) !== undefined), []);
  });

  it("of an object has the moment at which it was made", () => {
    assertEquals(madeAt(archive).toISOString(), "2026-06-30T15:53:13.000Z");
    assertEquals(madeAt("prod/docs/notes.txt").getTime(), 0);
  });

  it("is listed with its parts, in the order of the moments, and without what is not ours", async () => {
    await using folder = await emptyStore();
    const { store } = folder;
    for (
      const name of [
        "20260702T000000Z.json",
        "20260701T000000Z.json",
        "latest.json",
        "x/20260701T000000Z.json",
      ]
    ) {
      await store.put(`prod/manifests/${name}`, bytesOf("12345"));
    }
    assertEquals(await listMoments(store, "prod", "manifests"), ["20260701T000000Z", "20260702T000000Z"]);
    const [first] = await Array.fromAsync(listKeys(store, "prod", "manifests"));
    assertEquals([first?.key, first?.name, first?.bytes], [
      "prod/manifests/20260701T000000Z.json",
      "20260701T000000Z",
      5,
    ]);
    assertEquals(await listMoments(store, "prod", "holds"), []);
  });
});
