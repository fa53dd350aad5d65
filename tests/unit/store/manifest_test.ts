import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { readManifest, writeManifest } from "../../../src/store/records/manifest.ts";
import { sampleManifest } from "../../support/store/manifests.ts";

const manifest = sampleManifest("20260630T155313Z");
const KEY = manifestKey("prod", "20260630T155313Z");
const stored = { format: 3, minReader: 3, ...manifest };
const reading = (value: unknown, key = KEY) =>
  assertThrows(() => readManifest(JSON.stringify(value), key), DrillError);

describe("a manifest", () => {
  it("is read as it was written", () => assertEquals(readManifest(writeManifest(manifest), KEY), manifest));

  it("is refused when a newer version wrote it, whatever else is in it", () => {
    const error = reading({ format: 4, anything: true });
    assertEquals(error.code, "STORE_NEWER");
    assertStringIncludes(error.message, "it is of format 4, this version knows 3");
    assertStringIncludes(error.hint, "Update");
  });

  it("is read without the fields that a newer version added, wherever they stand", () => {
    const newer = { ...stored, format: 7, surprise: 1, db: { ...manifest.db, more: 1 } };
    assertEquals(readManifest(JSON.stringify(newer), KEY), manifest);
  });

  it("is refused with a field of another form, which is named", () => {
    assertStringIncludes(reading({ ...stored, kind: "yearly" }).details.join(), "kind");
    assertStringIncludes(
      reading({ ...stored, docs: { ...manifest.docs, files: "1" } }).details.join(),
      "docs.files",
    );
  });

  it("is refused without a hash, with a wrong one, and without objects", () => {
    for (const sha256 of [undefined, "", "A".repeat(64), "a".repeat(63)]) {
      assertEquals(
        reading({ ...stored, db: { ...manifest.db, objects: [{ ...manifest.db.objects[0], sha256 }] } })
          .code,
        "STORE_FORMAT",
      );
    }
    assertEquals(reading({ ...stored, db: { ...manifest.db, objects: [] } }).code, "STORE_FORMAT");
  });

  it("is refused under another set's name", () => {
    assertStringIncludes(
      reading(stored, manifestKey("prod", "20260701T155313Z")).message,
      "it is the manifest of prod/20260630T155313Z",
    );
  });

  it("is refused when it is cut off", () => {
    const error = assertThrows(() => readManifest(writeManifest(manifest).slice(0, 100), KEY), DrillError);
    assertStringIncludes(error.message, "it is not JSON");
  });
});
