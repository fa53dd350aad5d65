import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { manifestKey, readManifest, writeManifest } from "../../../src/store/records/manifest.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const manifest = sampleManifest("20260630T155313Z");
const KEY = manifestKey("prod", "20260630T155313Z");
const reading = (value: unknown, key = KEY) =>
  assertThrows(() => readManifest(JSON.stringify(value), key), DrillError);

describe("a manifest", () => {
  it("is read as it was written", () => assertEquals(readManifest(writeManifest(manifest), KEY), manifest));

  it("is refused when a newer version wrote it, whatever else is in it", () => {
    const error = reading({ format: 2, anything: true });
    assertEquals(error.code, "STORE_NEWER");
    assertStringIncludes(error.message, "it is of format 2, this version knows 1");
    assertStringIncludes(error.hint, "Update");
  });

  it("is refused with an unknown field of ours, which is named", () => {
    assertStringIncludes(reading({ ...manifest, surprise: 1 }).details.join(), "surprise");
    assertStringIncludes(reading({ ...manifest, db: { ...manifest.db, more: 1 } }).details.join(), "db");
  });

  it("is refused without a hash, with a wrong one, and without objects", () => {
    for (const sha256 of [undefined, "", "A".repeat(64), "a".repeat(63)]) {
      assertEquals(
        reading({ ...manifest, db: { ...manifest.db, objects: [{ ...manifest.db.objects[0], sha256 }] } })
          .code,
        "STORE_FORMAT",
      );
    }
    assertEquals(reading({ ...manifest, db: { ...manifest.db, objects: [] } }).code, "STORE_FORMAT");
  });

  it("is refused under another set's name", () => {
    assertStringIncludes(
      reading(manifest, manifestKey("prod", "20260701T155313Z")).message,
      "it says that it is prod/20260630T155313Z",
    );
  });

  it("is refused when it is cut off", () => {
    const error = assertThrows(() => readManifest(writeManifest(manifest).slice(0, 100), KEY), DrillError);
    assertStringIncludes(error.message, "it is not JSON");
  });
});
