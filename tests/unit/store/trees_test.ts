import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { recordKey } from "../../../src/store/keys.ts";
import { putTree, readTrees } from "../../../src/store/records/trees.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("the records of a documents tree", () => {
  it("are read while a backup removes the oldest: the others count", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const moments = ["20261101T030000Z", "20261102T030000Z", "20261103T030000Z"];
    for (const at of moments) {
      await putTree(store, {
        ...{ environment: "prod", at, by: "backup" },
        folders: [{ folder: "/srv/documents", files: 0, sample: [] }],
      });
    }
    const oldest = recordKey("prod", "trees", moments[0]!);
    const passedOver: string[] = [];
    const read = await readTrees(
      {
        ...store,
        async *get(key, range) {
          if (key === oldest) await store.delete(key);
          yield* store.get(key, range);
        },
      },
      "prod",
      ({ key }) => void passedOver.push(key),
    );
    assertEquals([read.map(({ at }) => at), passedOver], [moments.slice(1).reverse(), [oldest]]);
  });
});
