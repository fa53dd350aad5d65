import { assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { whyNoExchange } from "../support/hostile/exchange.ts";
import { copyExchanged, packExchanged, swapExchanged } from "../support/hostile/exchanged_trees.ts";

const ROUNDS = 1_000;

describe("names that are exchanged for links a thousand times", { skip: whyNoExchange() }, () => {
  it("of a tree that is packed", async () => assertGreater((await packExchanged(ROUNDS)).done, 0));
  it("of a tree that is copied", async () => assertGreater((await copyExchanged(ROUNDS)).done, 0));
  it("of the folder of a restore", async () => {
    const { done, refused } = await swapExchanged(ROUNDS);
    assertGreater(done, 0);
    assertGreater(refused, 0);
  });
});
