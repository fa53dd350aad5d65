import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { asDrillError, DrillError } from "../../../src/base/errors.ts";

const failing = (error: unknown): AsyncDisposable => ({ [Symbol.asyncDispose]: () => Promise.reject(error) });
const caught = async (action: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await action();
  } catch (error) {
    return error;
  }
};

describe("an error after which disposing failed as well", () => {
  const first = new DrillError("CONTENT_DIFFERS", "Cannot restore: 2 tables differ", "Look at them.", {
    details: ["llx_facture"],
  });
  const start = new DrillError("WORKLOAD_FAILED", "Cannot start the ERP: it exited with 1", "Start it.", {
    details: ["exec format error"],
  });

  it("is the first one, with what disposing failed with under it", async () => {
    const thrown = await caught(async () => {
      await using _erp = failing(start);
      throw first;
    });
    const { code, message, hint, details } = asDrillError(thrown);
    assertEquals([code, message, hint], [first.code, first.message, first.hint]);
    assertEquals(details, [
      "llx_facture",
      "and then: Cannot start the ERP: it exited with 1",
      "  exec format error",
    ]);
  });

  it("is the first one however many fail after it, in their order", async () => {
    const thrown = await caught(async () => {
      await using _last = failing(new Error("the lease is gone"));
      await using _erp = failing(start);
      throw first;
    });
    const { code, details } = asDrillError(thrown);
    assertEquals([code, details.slice(1)], ["CONTENT_DIFFERS", [
      "and then: Cannot start the ERP: it exited with 1",
      "  exec format error",
      "and then: Cannot continue: the lease is gone",
    ]]);
  });

  it("is told as it is where nothing failed before it", async () => {
    const thrown = await caught(async () => {
      await using _erp = failing(start);
    });
    assertEquals(asDrillError(thrown), start);
  });
});
