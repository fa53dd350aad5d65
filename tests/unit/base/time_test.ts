import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { growing } from "../../../src/base/limits.ts";
import { sleep, waitUntil, within } from "../../../src/base/time.ts";

/** Long enough that a test which waits for it is one that hangs. */
const FOR_EVER = 3_600_000;
const reasonOf = async (waiting: Promise<unknown>): Promise<unknown> => {
  try {
    return await waiting;
  } catch (error) {
    return error;
  }
};

describe("sleeping", () => {
  it("ends by itself", async () => {
    await sleep(1);
    await sleep(1, new AbortController().signal);
  });

  it("ends with the reason of its signal, aborted before or meanwhile", async () => {
    const reason = new Error("interrupted");
    assertStrictEquals(await reasonOf(sleep(FOR_EVER, AbortSignal.abort(reason))), reason);
    const controller = new AbortController();
    const sleeping = sleep(FOR_EVER, controller.signal);
    controller.abort(reason);
    assertStrictEquals(await reasonOf(sleeping), reason);
  });
});

describe("waiting for a state", () => {
  it("asks again until it is reached", async () => {
    let asked = 0;
    assertEquals(await waitUntil(() => ++asked === 3, FOR_EVER, undefined, 1), true);
    assertEquals(asked, 3);
  });

  it("asks at least once, and says where it was not reached in time", async () => {
    let asked = 0;
    assertEquals(await waitUntil(() => ++asked > 1, -1), false);
    assertEquals(asked, 1);
  });

  it("ends with the reason of its signal, also between two tries", async () => {
    const controller = new AbortController();
    const reason = new Error("interrupted");
    const waiting = waitUntil(() => false, FOR_EVER, controller.signal, FOR_EVER);
    controller.abort(reason);
    assertStrictEquals(await reasonOf(waiting), reason);
  });

  it("fails as the question does", async () => {
    await assertRejects(() => waitUntil(() => Promise.reject(new Error("gone")), FOR_EVER), Error, "gone");
  });
});

describe("waiting within a limit", () => {
  const never = () => new Promise<never>(() => {});

  it("gives what was waited for, or its failure", async () => {
    assertEquals(await within(FOR_EVER, Promise.resolve(7), () => new Error("too long")), 7);
    const failing = Promise.reject(new Error("gone"));
    await assertRejects(() => within(FOR_EVER, failing, () => new Error("too long")), Error, "gone");
  });

  it("fails after the limit, whatever comes later", async () => {
    const late = Promise.withResolvers<void>();
    await assertRejects(() => within(1, late.promise, () => new Error("too long")), Error, "too long");
    late.reject(new Error("late")); // reported to nobody
    await sleep(0);
  });

  it("ends with the reason of its signal, aborted before or meanwhile", async () => {
    const reason = new Error("interrupted");
    const tooLong = () => new Error("too long");
    assertStrictEquals(await reasonOf(within(FOR_EVER, never(), tooLong, AbortSignal.abort(reason))), reason);
    const controller = new AbortController();
    const waiting = within(FOR_EVER, never(), tooLong, controller.signal);
    controller.abort(reason);
    assertStrictEquals(await reasonOf(waiting), reason);
  });
});

describe("pauses that grow", () => {
  it("double from the first to the longest", () => {
    assertEquals([1, 2, 3, 4, 5, 99].map((failures) => growing([150, 1_500], failures)), [
      150,
      300,
      600,
      1_200,
      1_500,
      1_500,
    ]);
  });
});
