import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { whyNoExchange } from "../../../support/hostile/exchange.ts";
import {
  copyExchanged,
  foolsPaths,
  packExchanged,
  swapExchanged,
} from "../../../support/hostile/exchanged_trees.ts";

const ROUNDS = 12;

// tests/long/exchanged_names_long_test.ts does it a thousand times
describe("a web user who exchanges names for links while root works on his documents", {
  skip: whyNoExchange(),
}, () => {
  it("fools whoever goes by paths", async () => assert(await foolsPaths()));

  for (
    const [what, attack] of [
      ["gets nothing of root's into an archive", packExchanged],
      ["gets nothing of root's into a copy", copyExchanged],
      [
        "gets nothing written, given away or removed elsewhere by a restore, and loses no document",
        swapExchanged,
      ],
    ] as const
  ) {
    it(what, async () => {
      const { done, refused } = await attack(ROUNDS);
      assertEquals(done + refused, ROUNDS);
    });
  }
});
