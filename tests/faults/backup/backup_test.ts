/** A backup that fails at its end: no set that claims more than it holds, and none that was whole is lost. */

import { assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { listSets } from "../../support/store/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;

describe("a backup that fails at its end", () => {
  let lab: DrillLab;
  beforeAll(async () => lab = await startDrillLab("stand-in"));
  afterAll(async () => await lab[Symbol.asyncDispose]());

  /** Takes a good set and then one more into the store as `change` makes it. */
  async function secondBackup(change: (store: Store) => Partial<Store>) {
    const folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const warnings: string[] = [];
    const reporter = { ...silentReporter, warn: (line: string) => void warnings.push(line) };
    const first = await backup(lab.prod, store, { reporter, signal });
    const keys = async () => (await Array.fromAsync(store.list(""))).map(({ key }) => key);
    const before = await keys();
    const second = backup(lab.prod, { ...store, ...change(store) }, { force: true, reporter, signal });
    /** What came since the first backup. */
    const added = async () => (await keys()).filter((key) => !before.includes(key));
    return { folder, store, first, second, warnings, added };
  }

  it("keeps the set that it published when the end of its run cannot be written", async () => {
    const { folder, store, second, warnings } = await secondBackup((store) => ({
      delete: (key) =>
        key.includes("/runs/") ? Promise.reject(new Error("no right to delete")) : store.delete(key),
    }));
    await using _folder = folder;
    const set = await second;
    const [newest] = await listSets(store, "prod");
    assertEquals(newest?.name, set.name);
    for (
      const { key } of [...set.manifest.db.objects, ...set.manifest.docs.objects, set.manifest.docs.index]
    ) {
      assertEquals((await store.head(key)) !== undefined, true, key);
    }
    assertEquals(warnings.length, 1);
  });

  it("withdraws a manifest that the store holds with other bytes, and all that it named", async () => {
    const { folder, store, first, second, added } = await secondBackup((store) => ({
      put: (key, body) => store.put(key, key.includes("/manifests/") ? bytesOf("{}") : body),
    }));
    await using _folder = folder;
    assertEquals((await assertRejects(() => second, DrillError)).code, "UPLOAD_DIFFERS");
    assertEquals((await listSets(store, "prod")).map(({ name }) => name), [first.name]);
    assertEquals(await added(), []);
  });

  it("refuses an object that the store changed, and leaves only the set before", async () => {
    const { folder, second, added } = await secondBackup((store) => ({
      put: (key, body) => store.put(key, key.endsWith(".dump") ? bytesOf("other bytes") : body),
    }));
    await using _folder = folder;
    assertEquals((await assertRejects(() => second, DrillError)).code, "UPLOAD_DIFFERS");
    assertEquals(await added(), []);
  });

  it("leaves the objects alone when the manifest that names them cannot be removed", async () => {
    const { folder, second, warnings, added } = await secondBackup((store) => ({
      get: (key, range) =>
        key.includes("/manifests/") && written ? bytesOf("other bytes") : store.get(key, range),
      put: async (key, body) => {
        await store.put(key, body);
        written ||= key.includes("/manifests/");
      },
      delete: (key) =>
        key.includes("/manifests/") ? Promise.reject(new Error("no right to delete")) : store.delete(key),
    }));
    await using _folder = folder;
    await assertRejects(() => second, DrillError);
    assertEquals((await added()).filter((key) => key.endsWith(".dump")).length, 1);
    assertEquals(warnings.length, 1);
  });

  let written = false;
});
