import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isRecentlyProved, reusableDatabase } from "../../../src/backup/reuse.ts";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import type { Manifest } from "../../../src/store/records/manifest.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import type { ObjectInfo } from "../../../src/store/store.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const NOW = momentOf("20260630T010000Z")!;
const SAME = { algorithm: "test", value: "same" };

const daysAgo = (days: number) => timestampOf(new Date(NOW.getTime() - days * 86_400_000));

function setOf(days: number, change: (manifest: Manifest) => void = () => {}): BackupSet {
  const manifest = sampleManifest(daysAgo(days));
  change(manifest);
  return { name: manifest.set, environment: "prod", manifest };
}

/** A store that holds every object of `sets` as recorded. */
function known(sets: readonly BackupSet[], change: (objects: Map<string, ObjectInfo>) => void = () => {}) {
  const objects = new Map(
    sets.flatMap(({ manifest }) => manifest.db.objects).map(({ key, bytes }) => [
      key,
      { key, bytes, modified: NOW },
    ]),
  );
  change(objects);
  return { objects, everDamaged: new Set<string>() };
}

describe("a dump stands for a database that did not change", () => {
  const yesterday = setOf(1);
  const key = yesterday.manifest.db.objects[0]!.key;

  it("when the fingerprint is the same", () => {
    const reuse = reusableDatabase(SAME, [yesterday], known([yesterday]), NOW);
    assertEquals(reuse, { half: yesterday.manifest.db, from: yesterday.name });
  });

  const refused: [string, Parameters<typeof reusableDatabase>, string][] = [
    ["there is no earlier set", [SAME, [], known([]), NOW], "it is the first set"],
    [
      "anything changed",
      [{ ...SAME, value: "other" }, [yesterday], known([yesterday]), NOW],
      `it changed since ${yesterday.name}`,
    ],
    [
      "the fingerprint was made in another way",
      [{ ...SAME, algorithm: "newer" }, [yesterday], known([yesterday]), NOW],
      `${yesterday.name} was hashed in another way, by another version: whether it changed since is not known`,
    ],
    [
      "its tables were hashed in another way",
      [SAME, [setOf(1, (manifest) => manifest.db.content.algorithm = "older")], known([yesterday]), NOW],
      `${yesterday.name} was hashed in another way, by another version: whether it changed since is not known`,
    ],
    [
      "its object is gone",
      [SAME, [yesterday], known([yesterday], (objects) => objects.delete(key)), NOW],
      `${key} is no longer in the store`,
    ],
    [
      "its object has another size",
      [SAME, [yesterday], known([yesterday], (objects) => objects.get(key)!.bytes = 2), NOW],
      `${key} has 2 bytes in the store, recorded were 3`,
    ],
    [
      "its object was ever found damaged",
      [SAME, [yesterday], { ...known([yesterday]), everDamaged: new Set([key]) }, NOW],
      `${key} was found damaged once`,
    ],
  ];
  for (const [when, question, why] of refused) {
    it(`never when ${when}`, () => assertEquals(reusableDatabase(...question), { why }));
  }

  it("for thirty days, also where sets named it every day since", () => {
    const [dump] = setOf(30).manifest.db.objects;
    const named = setOf(1, (manifest) => manifest.db.objects = [dump!]);
    const reuse = (later: number) =>
      reusableDatabase(SAME, [named], known([named]), new Date(NOW.getTime() + later));
    assertEquals("half" in reuse(0), true);
    assertEquals(reuse(1000), { why: `${dump!.key} is older than 30 days` });
  });

  it("when the newest set has another state, and an older one the same", () => {
    const [other, same] = [setOf(1, ({ db }) => db.fingerprint!.value = "other"), setOf(2)];
    const reuse = reusableDatabase(SAME, [other, same], known([other, same]), NOW);
    assertEquals("from" in reuse && reuse.from, same.name);
  });
});

describe("an archive that is named again and again", () => {
  const old = setOf(40);
  const named = setOf(1, ({ docs }) => docs.objects = old.manifest.docs.objects);
  const proved = (days: number, verdict: "pass" | "fail") => ({
    sets: [named, old],
    proofs: new Map([[named.name, [{
      key: "k",
      set: named.name,
      at: new Date(NOW.getTime() - days * 86_400_000),
      verb: "drill" as const,
      verdict,
    }]]]),
  });
  const isProved = (known: Parameters<typeof isRecentlyProved>[1]) =>
    isRecentlyProved(named.manifest.docs.objects, known, NOW);

  it("is believed for a month after it was made or proved, and then read again", () => {
    assertEquals(isProved(proved(29, "pass")), true);
    assertEquals(isProved(proved(31, "pass")), false);
    assertEquals(isProved(proved(1, "fail")), false);
    assertEquals(isProved({ sets: [named, old], proofs: new Map() }), false);
    assertEquals(
      isRecentlyProved(setOf(29).manifest.docs.objects, { sets: [], proofs: new Map() }, NOW),
      true,
    );
  });
});
