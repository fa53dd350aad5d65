import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { damageInWords } from "../../../src/cli/verify.ts";

const DUMP = "prod/db/20261101T020000Z.dump: its SHA-256 is 12, not 34";
const INDEX = "prod/docs/20261103T020000Z.index.json.gz is not in the store";

describe("damage in several sets", () => {
  it("is told once where they share the object, with the sets", () => {
    const bad = ["20261103T020000Z", "20261102T020000Z", "20261101T020000Z"].map((set) => ({
      set,
      problems: [DUMP],
    }));
    assertEquals(
      damageInWords("prod", bad),
      `${DUMP}, shared by 3 sets, from 20261101T020000Z to 20261103T020000Z`,
    );
    assertEquals(
      damageInWords("prod", [{ set: "20261103T020000Z", problems: [INDEX, DUMP] }, bad[1]!]),
      `${DUMP}, shared by 2 sets, from 20261102T020000Z to 20261103T020000Z; and 1 other problem`,
    );
  });

  it("is that of one set where it is its own", () => {
    assertEquals(
      damageInWords("prod", [{ set: "20261103T020000Z", problems: [INDEX] }]),
      `prod/20261103T020000Z: ${INDEX}`,
    );
  });
});
