/** One lease an environment, on any store, without conditional writes. One suite, run against each driver. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError, exitStatusOf } from "../../src/base/errors.ts";
import { type Holder, thisProcess } from "../../src/base/process/holder.ts";
import { bytesOf } from "../../src/base/streams.ts";
import { type Lease, takeLease } from "../../src/store/lease/lease.ts";
import type { Store } from "../../src/store/store.ts";
import type { StartedStore } from "./store.ts";
import { until } from "../support/until.ts";

const ELSEWHERE: Holder = { host: "elsewhere", boot: "x", pid: 1, start: "1" };
const CLAIM = "00000000-0000-4000-8000-000000000000.json";

export function describeLeases(name: string, start: () => Promise<StartedStore>, skip?: string): void {
  describe(`the lease on the ${name} store`, { skip }, () => {
    let started: StartedStore;
    let store: Store;
    beforeAll(async () => {
      started = await start();
      store = started.store;
    });
    afterAll(async () => await started[Symbol.asyncDispose]());

    const claims = async (environment: string) =>
      (await Array.fromAsync(store.list(`${environment}/lease/`))).map(({ key }) => key);
    const leave = (key: string, holder: Holder, state = "held") =>
      store.put(
        key,
        bytesOf(JSON.stringify({ format: 1, state, verb: "backup", since: "2026-06-30T15:53:13Z", holder })),
      );
    const refused = (environment: string, options = {}) =>
      assertRejects(() => takeLease(store, environment, "prune", { tries: 1, ...options }), DrillError);

    it("is held by one at a time: the second gets the holder and the time, and exit status 2", async () => {
      const first = await takeLease(store, "leased", "backup");
      const error = await refused("leased");
      assertEquals([error.code, exitStatusOf(error.code)], ["LEASE_HELD", 2]);
      const year = new Date().getUTCFullYear();
      assert(error.message.includes(`backup has been running there since ${year}-`), error.message);
      assert(error.message.includes(`(process ${Deno.pid} on ${thisProcess().host})`), error.message);
      await first.confirm();
      await first[Symbol.asyncDispose]();
      await using second = await takeLease(store, "leased", "prune");
      await second.confirm();
      await using _other = await takeLease(store, "another", "backup", { tries: 1 });
    });

    it("is had by exactly one of twenty who come together", async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) => takeLease(store, "crowd", `verb ${at}`, { tries: 2 })),
      );
      const leases = tries.filter((one) => one.status === "fulfilled").map((one) => one.value);
      assertEquals(leases.length, 1);
      const codes = tries.filter((one) => one.status === "rejected").map(({ reason }) => reason.code);
      assertEquals(codes, Array(19).fill("LEASE_HELD"));
      await leases[0]!.confirm();
      assertEquals((await claims("crowd")).length, 1);
      await leases[0]![Symbol.asyncDispose]();
    });

    it("is had by all twenty, one after another, and never by two", async () => {
      let holding = 0;
      let most = 0;
      const turn = async (at: number) => {
        await using lease = await takeLease(store, "queue", `verb ${at}`, { tries: 1000 });
        most = Math.max(most, ++holding);
        await lease.confirm(); // whoever asks meanwhile does not disturb it
        await new Promise((resolve) => setTimeout(resolve, 20));
        await lease.confirm();
        holding--;
      };
      await Promise.all(Array.from({ length: 20 }, (_, at) => turn(at)));
      assertEquals([most, await claims("queue")], [1, []]);
    });

    it("fails for its holder when it was taken away, and renewing does not create it again", async () => {
      const limits = { isRenewed: 50 };
      const lease = await takeLease(store, "taken", "backup", { limits });
      for (const key of await claims("taken")) await store.delete(key);
      await new Promise((resolve) => setTimeout(resolve, 200));
      assertEquals(await claims("taken"), []);
      const error = await assertRejects(() => lease.confirm(), DrillError);
      assertEquals(error.code, "LEASE_HELD");
      assert(error.message.includes("no longer in the store"), error.message);
      await lease[Symbol.asyncDispose]();
    });

    it("is taken over from a process of this machine that is gone, and at once", async () => {
      await leave(`orphan/lease/${CLAIM}`, { ...thisProcess(), pid: 2 ** 22 + 7 });
      await (await takeLease(store, "orphan", "backup", { tries: 1 }))[Symbol.asyncDispose]();
      assertEquals(await claims("orphan"), []);
    });

    it("is another machine's until it was silent for too long, by the store's clock", async () => {
      await leave(`silent/lease/${CLAIM}`, ELSEWHERE);
      const error = await refused("silent");
      assert(error.message.includes("since 2026-06-30T15:53:13Z (process 1 on elsewhere)"), error.message);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await refused("silent", { limits: { lives: 60_000 } });
      const limits = { lives: 1000 };
      await using lease = await takeLease(store, "silent", "backup", { tries: 1, limits });
      await lease.confirm();
      assertEquals((await claims("silent")).includes(`silent/lease/${CLAIM}`), false);
    });

    it("lives as long as it is renewed", async () => {
      const limits = { lives: 2000, isRenewed: 300 };
      await using lease = await takeLease(store, "renewed", "backup", { limits });
      const [claim] = await claims("renewed");
      const renewedAt = async () => (await store.head(claim!))!.modified.getTime();
      const first = await renewedAt();
      await until(
        "it was renewed for longer than it lives",
        async () => await renewedAt() - first > limits.lives,
      );
      await refused("renewed");
      await lease.confirm();
    });

    it("is not blocked by a claim whose process is gone", async () => {
      await leave(`asked/lease/${CLAIM}`, ELSEWHERE, "asking");
      const error = await refused("asked", { limits: { isAskedFor: 5000 } });
      assert(error.message.includes("backup asks for it too"), error.message);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await using lease = await takeLease(store, "asked", "backup", { limits: { isAskedFor: 500 } });
      await lease.confirm();
    });

    it("is another's who runs elsewhere under the same name of host: no process of ours is that one", async () => {
      const gone = { ...thisProcess(), pid: 2 ** 22 + 7 };
      const { machine: _, namespace: __, ...unknown } = gone;
      const elsewhere: Holder[] = [
        { ...gone, namespace: "4026530000" },
        { ...gone, machine: "0123456789abcdef0123456789abcdef" },
        { ...gone, machine: "", boot: "another" },
        unknown, // of an earlier version
      ];
      for (const [at, holder] of elsewhere.entries()) {
        const key = `namesake${at}/lease/${CLAIM}`;
        await leave(key, holder);
        assertEquals([at, (await refused(`namesake${at}`)).code], [at, "LEASE_HELD"]);
        assertEquals(await claims(`namesake${at}`), [key]);
      }
    });

    it("is somebody's whose claim cannot be read, until that was silent for too long", async () => {
      for (const [at, body] of ["{}", "", "\0\0", '{"format":1}'].entries()) {
        const [environment, key] = [`damaged${at}`, `damaged${at}/lease/${CLAIM}`];
        await store.put(key, bytesOf(body));
        const error = await refused(environment);
        assertEquals([error.code, exitStatusOf(error.code)], ["LEASE_HELD", 2]);
        assert(error.message.includes(`claim ${key} is damaged`), error.message);
        assertEquals(await claims(environment), [key]);
      }
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const limits = { lives: 1000 };
      await using lease = await takeLease(store, "damaged0", "backup", { tries: 1, limits });
      await lease.confirm();
      assertEquals((await claims("damaged0")).includes(`damaged0/lease/${CLAIM}`), false);
    });

    it("is refused where a newer version may hold it, and the message says so", async () => {
      const key = `newer/lease/${CLAIM}`;
      await store.put(key, bytesOf('{"format":3,"minReader":2}'));
      const error = await refused("newer");
      assertEquals([error.code, exitStatusOf(error.code)], ["STORE_NEWER", 2]);
      assertEquals(error.message, `Cannot read ${key}: it is of format 3, this version knows 1`);
      assert(error.details.join().includes("a run may be at work"), error.details.join());
      assertEquals(await claims("newer"), [key]);
    });

    it("is not disturbed by what is no claim of ours", async () => {
      const others = ["0.json", "notes.txt", `${CLAIM}.bak`, `more/${CLAIM}`].map((name) =>
        `strange/lease/${name}`
      );
      for (const key of others) await store.put(key, bytesOf("{}"));
      const lease = await takeLease(store, "strange", "backup", { tries: 1 });
      await lease.confirm();
      await lease[Symbol.asyncDispose]();
      assertEquals((await claims("strange")).toSorted(), others.toSorted());
    });

    it("is given up when the wait for it is aborted", async () => {
      const first: Lease = await takeLease(store, "ended", "backup");
      const signal = AbortSignal.timeout(300);
      await assertRejects(() => takeLease(store, "ended", "prune", { tries: 1000, signal }));
      assertEquals((await claims("ended")).length, 1);
      await first[Symbol.asyncDispose]();
    });
  });
}
