import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isLong, lanesOf } from "../../../scripts/test_lanes.ts";

const file = (path: string, text = "") => ({ path, text });
const STAND_IN = 'await startDrillLab("stand-in")';

describe("the lanes of the tests", () => {
  it("keep those of one lab behind each other, and let the others run beside them", () => {
    const lanes = lanesOf([
      file("tests/drills/whole_real_test.ts", 'startLab("real")'),
      file("tests/faults/gate_test.ts", STAND_IN),
      file("tests/faults/verify_test.ts", STAND_IN),
      file("tests/unit/text_test.ts"),
    ]);
    assertEquals(lanes, [
      ["tests/faults/gate_test.ts", "tests/faults/verify_test.ts", "tests/unit/text_test.ts"],
      ["tests/drills/whole_real_test.ts"],
    ]);
  });

  it("hold what takes long only where it is asked for", () => {
    assert(isLong("tests/long/busy_machine_long_test.ts"));
    assert(!isLong("tests/unit/long_test.ts"));
  });

  it("hold every file once, and leave out one that is empty", () => {
    const files = [
      file("tests/unit/text_test.ts", '"stand-in"'),
      file("tests/contracts/erp_test.ts", STAND_IN),
    ];
    assertEquals(lanesOf(files).flat().sort(), files.map(({ path }) => path).sort());
    assert(lanesOf([files[0]!]).length === 1);
  });
});
