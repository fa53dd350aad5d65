/** What goes wrong between us and an S3 service: each ends in a whole object or none, with one clear message. */

import { assert, assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { afterAll, afterEach, beforeAll, describe, it } from "@std/testing/bdd";
import { readBack, send } from "../../../src/backup/upload.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf, readSmall } from "../../../src/base/streams.ts";
import type { S3Store } from "../../../src/store/drivers/s3/s3.ts";
import type { Fault, ProxiedRequest } from "../../support/s3/fault_proxy.ts";
import { wholeSecond } from "../../support/until.ts";
import { whyNoRadosgw } from "../../support/s3/radosgw.ts";
import {
  digestAt,
  MiB,
  randomBytes,
  type S3Service,
  SHORT_WAITS,
  startS3Service,
  wholeText,
} from "../../support/s3/service.ts";

const skip = whyNoRadosgw();

/** Which requests; the first `times` of them, else all. */
interface Rule {
  which: RegExp;
  fault: Fault;
  times?: number;
}

const PART = /^PUT .*partNumber=2/;
const PUT = /^PUT .*\.dump\?x-id=PutObject/;
const CREATE = /^POST .*\?uploads/;
const COMPLETE = /^POST .*uploadId=/;
const GET = /^GET .*\.dump/;

describe("what goes wrong on the way to an S3 service", { skip }, () => {
  let service: S3Service;
  let store: S3Store;
  beforeAll(async () => {
    service = await startS3Service();
    store = await service.through();
  });
  afterEach(() => service.proxy.on(() => undefined));
  afterAll(async () => await service[Symbol.asyncDispose]());

  const play = ({ which, fault, times = Infinity }: Rule) => {
    let left = times;
    service.proxy.on(({ method, path }: ProxiedRequest) =>
      which.test(`${method} ${path}`) && left-- > 0 ? fault : undefined
    );
  };
  const large = () => randomBytes(12 * MiB);
  const small = () => randomBytes(300_000);

  // deno-fmt-ignore: a line each
  const whole: [title: string, rule: Rule, body: () => ReturnType<typeof large>][] = [
    ["a connection cut in the middle of a part", { which: PART, fault: { fault: "cut the request", after: 2 * MiB }, times: 2 }, large],
    ["a connection cut in the middle of a small object", { which: PUT, fault: { fault: "cut the request", after: 100_000 }, times: 1 }, small],
    ["503 for a while", { which: PART, fault: { fault: "answer", status: 503, code: "SlowDown" }, times: 3 }, large],
    ["429 for a while", { which: PUT, fault: { fault: "answer", status: 429, code: "TooManyRequests" }, times: 3 }, small],
    ["an inner error at the completion", { which: COMPLETE, fault: { fault: "answer", status: 500, code: "InternalError" }, times: 1 }, large],
    ["an error inside of a 200", { which: COMPLETE, fault: { fault: "answer", status: 200, code: "InternalError" }, times: 1 }, large],
    ["slow answers", { which: /./, fault: { fault: "answer late", ms: 400 } }, large],
    ["an answer that never comes", { which: PART, fault: { fault: "never answer" }, times: 1 }, large],
    ["a part's answer that is lost", { which: PART, fault: { fault: "lose the answer" }, times: 1 }, large],
    ["a small object's answer that is lost", { which: PUT, fault: { fault: "lose the answer" }, times: 1 }, small],
    ["the completion's answer that is lost", { which: COMPLETE, fault: { fault: "lose the answer" }, times: 1 }, large],
    ["a byte of a part changed once", { which: PART, fault: { fault: "flip in the request", at: 3 * MiB }, times: 1 }, large],
    ["a byte of a small object changed once", { which: PUT, fault: { fault: "flip in the request", at: 5 }, times: 1 }, small],
  ];
  for (const [at, [title, rule, body]] of whole.entries()) {
    it(`stores a whole object through ${title}`, async () => {
      play(rule);
      const key = `prod/db/whole-${at}.dump`;
      const sent = await send(store, key, body());
      assertEquals(await digestAt(service.direct, key), { bytes: sent.bytes, sha256: sent.sha256 });
      assertEquals(await unfinished(), []);
    });
  }

  it("stores a whole object through a slow line: a part may take longer than silence", async () => {
    const patient = await service.through({ parts: undefined }); // sockets hold megabytes: a part must be larger
    let waited = 0;
    const onPause = (ms: number) => void (waited += ms);
    play({ which: /^PUT .*partNumber=1/, fault: { fault: "take slowly", ms: 8, onPause } });
    const sent = await send(patient, "prod/db/slow.dump", randomBytes(33 * MiB));
    assertGreater(waited, 2 * SHORT_WAITS.isSilent);
    assertEquals((await digestAt(service.direct, "prod/db/slow.dump")).sha256, sent.sha256);
    assertEquals(service.proxy.requests.filter((one) => /slow.*partNumber=1/.test(one)).length, 1);
  });

  // deno-fmt-ignore: a line each
  const none: [title: string, rule: Rule, body: () => ReturnType<typeof large>, code: string, message: RegExp][] = [
    ["every connection is cut in the middle of a part", { which: PART, fault: { fault: "cut the request", after: MiB } }, large, "STORE_UNREACHABLE", /cannot be reached, or the connection broke .*, also after \d/],
    ["every connection is cut in the middle of a small object", { which: PUT, fault: { fault: "cut the request", after: 1000 } }, small, "STORE_UNREACHABLE", /the connection broke/],
    ["the service stays busy (503)", { which: PART, fault: { fault: "answer", status: 503, code: "SlowDown" } }, large, "STORE_UNREACHABLE", /too busy \(HTTP 503\), also after/],
    ["the service stays busy (429)", { which: PUT, fault: { fault: "answer", status: 429, code: "TooManyRequests" } }, small, "STORE_UNREACHABLE", /too busy \(HTTP 429\), also after/],
    ["the service is broken", { which: PART, fault: { fault: "answer", status: 500, code: "InternalError" } }, large, "STORE_FAILED", /answered InternalError \(HTTP 500\)/],
    ["no answer ever comes", { which: PART, fault: { fault: "never answer" } }, large, "STORE_UNREACHABLE", /did not answer in time/],
    ["a byte is changed again and again", { which: PUT, fault: { fault: "flip in the request", at: 7 } }, small, "STORE_FAILED", /other bytes arrived at the store than were sent/],
    ["the store is full in the middle", { which: PART, fault: { fault: "answer", status: 403, code: "QuotaExceeded" } }, large, "DISK_FULL", /the store is full/],
    ["the upload is removed at the store", { which: PART, fault: { fault: "answer", status: 404, code: "NoSuchUpload" } }, large, "STORE_FAILED", /its upload was removed from the store/],
    ["the clock is wrong", { which: CREATE, fault: { fault: "answer", status: 403, code: "RequestTimeTooSkewed" } }, large, "STORE_LOGIN", /clocks of this machine and of the store differ/],
    ["the keys expire half-way", { which: PART, fault: { fault: "answer", status: 400, code: "ExpiredToken" } }, large, "STORE_LOGIN", /the keys have expired/],
    ["the completion fails for good", { which: COMPLETE, fault: { fault: "answer", status: 400, code: "InvalidPart" } }, large, "STORE_FAILED", /answered InvalidPart/],
  ];
  for (const [at, [title, rule, body, code, message]] of none.entries()) {
    it(`leaves nothing where ${title}`, async () => {
      play(rule);
      const key = `prod/db/none-${at}.dump`;
      const error = await assertRejects(() => store.put(key, body()), DrillError);
      assertEquals(error.code, code, error.message);
      assertMatch(error.message, new RegExp(`^Cannot write ${key}: `));
      assertMatch(error.message, message);
      assert(error.hint.length > 20);
      assertEquals(wholeText(error).includes(service.gateway.secretKey), false);
      assertEquals(await service.direct.head(key), undefined);
      assertEquals(await unfinished(), []);
    });
  }

  it("keeps the old object where a new one under its name fails", async () => {
    await store.put("prod/db/old.dump", bytesOf("old"));
    play({ which: PART, fault: { fault: "answer", status: 403, code: "QuotaExceeded" } });
    await assertRejects(() => store.put("prod/db/old.dump", large()), DrillError);
    assertEquals(new TextDecoder().decode(await readSmall(service.direct.get("prod/db/old.dump"))), "old");
  });

  it("leaves an upload whose beginning was answered to nobody where it is found and removed", async () => {
    play({ which: CREATE, fault: { fault: "lose the answer" }, times: 1 });
    const before = wholeSecond();
    await store.put("prod/db/orphan.dump", large());
    const [orphan, ...others] = await unfinished();
    assertEquals([orphan?.key, others], ["prod/db/orphan.dump", []]);
    assert(before <= orphan!.startedAt && orphan!.startedAt <= new Date(), orphan!.startedAt.toISOString());
    await store.abortUpload(orphan!);
    await store.abortUpload(orphan!); // it is gone: no error
    assertEquals(await unfinished(), []);
    assertEquals((await service.direct.head("prod/db/orphan.dump"))?.bytes, 12 * MiB);
  });

  describe("reading", () => {
    const key = "prod/db/read.dump";
    let sent: Awaited<ReturnType<typeof send>>;
    beforeAll(async () => {
      sent = await send(service.direct, key, large());
    });
    const isWhole = async () =>
      assertEquals(await digestAt(store, key), { bytes: sent.bytes, sha256: sent.sha256 });

    // deno-fmt-ignore: a line each
    const goneOnWith: [title: string, rule: Rule][] = [
      ["a body that is cut off", { which: GET, fault: { fault: "cut the answer", after: 5 * MiB }, times: 1 }],
      ["bodies that are all cut off after a while", { which: GET, fault: { fault: "cut the answer", after: 4 * MiB } }],
      ["a body that stalls", { which: GET, fault: { fault: "stall the answer", after: MiB }, times: 1 }],
      ["an answer that is cut off before its body", { which: GET, fault: { fault: "cut the answer", after: 0 }, times: 2 }],
      ["503 for a while", { which: GET, fault: { fault: "answer", status: 503, code: "SlowDown" }, times: 2 }],
    ];
    for (const [title, rule] of goneOnWith) {
      it(`goes on where it was after ${title}`, async () => {
        play(rule);
        await isWhole();
      });
    }

    it("goes on inside a range too", async () => {
      play({ which: GET, fault: { fault: "cut the answer", after: MiB } });
      const range = { offset: 3 * MiB + 5, length: 4 * MiB };
      assertEquals(await readSmall(store.get(key, range)), await readSmall(service.direct.get(key, range)));
    });

    it("ends where nothing comes any more, and says so", async () => {
      for (
        const fault of [{ fault: "cut the answer", after: 0 }, {
          fault: "stall the answer",
          after: 0,
        }] as Fault[]
      ) {
        play({ which: GET, fault });
        const error = await assertRejects(() => digestAt(store, key), DrillError);
        assertEquals(error.code, "STORE_UNREACHABLE", error.message);
        assertMatch(error.message, /^Cannot read prod\/db\/read\.dump: .*(broke|in time).*, also after/);
      }
    });

    it("never puts two objects together: one that was replaced in the middle is an error", async () => {
      await service.direct.put("prod/db/replaced.dump", large());
      play({ which: GET, fault: { fault: "cut the answer", after: 6 * MiB }, times: 1 });
      const error = await assertRejects(async () => {
        let first = true;
        for await (const _ of store.get("prod/db/replaced.dump")) {
          if (first) await service.direct.put("prod/db/replaced.dump", large());
          first = false;
        }
      }, DrillError);
      assertEquals(error.code, "STORE_FAILED");
      assertMatch(error.message, /the object was replaced/);
    });

    it("is not content with other bytes than it asked for", async () => {
      const whole = () => Promise.resolve(new Response("0123456789", { headers: { etag: '"x"' } }));
      play({ which: GET, fault: { fault: "instead", answer: whole } });
      const error = await assertRejects(() => readSmall(store.get(key, { offset: 5 })), DrillError);
      assertMatch(error.message, /the store sends other bytes than those from 5 on, which were requested/);
    });
  });

  describe("what a driver cannot see", () => {
    const sendAndReadBack = async (key: string) => {
      const sent = await send(store, key, small());
      await readBack("the archive", [sent], store, silentReporter, AbortSignal.timeout(20_000));
    };
    /** The service keeps what `change` makes of it, and answers as if it had kept what it was sent. */
    const keeping = (change: (body: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Fault => ({
      fault: "instead",
      answer: async ({ path }, body) => {
        const key = decodeURIComponent(path.replace(/^\/[^/]+\/erp\//, "").replace(/\?.*/, ""));
        await service.direct.put(key, bytesOf(change(body)));
        return new Response(null, { status: 200 });
      },
    });
    const found = async (key: string) => {
      const error = await assertRejects(() => sendAndReadBack(key), DrillError);
      assertEquals(error.code, "UPLOAD_DIFFERS", error.message);
      assertMatch(error.message, new RegExp(`^Cannot trust ${key}: the store (holds|shows) [\\d,]+ bytes`));
    };

    it("is whole where nothing is wrong", async () => await sendAndReadBack("prod/db/good.dump"));

    it("is found by reading back: a byte that the store keeps otherwise", async () => {
      play({ which: PUT, fault: keeping((body) => flipped(body)) });
      await found("prod/db/other.dump");
    });

    it("is found by reading back: a byte changed on the way down", async () => {
      play({ which: GET, fault: { fault: "flip in the answer", at: 4711 } });
      await found("prod/db/down.dump");
    });

    it("is found by reading back: an answer that was cut, and its length with it", async () => {
      play({ which: GET, fault: { fault: "shorten the answer", to: 4711 } });
      await found("prod/db/short.dump");
    });

    it("is seen by its size: chunk framing that is stored inside the object", async () => {
      play({ which: PUT, fault: keeping(framed) });
      await found("prod/db/framed.dump");
      assertEquals(await service.direct.head("prod/db/framed.dump"), undefined);
    });

    it("is found by reading back: chunk framing that the store does not count", async () => {
      const key = "prod/db/hidden.dump";
      const size = (await readSmall(small())).length;
      service.proxy.on(({ method, path }) => {
        if (PUT.test(`${method} ${path}`)) return keeping(framed);
        return method === "HEAD" ? { fault: "shorten the answer", to: size } : undefined;
      });
      await found(key);
    });
  });

  const unfinished = () => Array.fromAsync(service.direct.unfinishedUploads(""));
});

function flipped(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const other = body.slice();
  other[1234]! ^= 4;
  return other;
}

/** As aws-chunked writes it, where a service does not know that it must be taken off. */
function framed(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  const before = text.encode(`${body.length.toString(16)};chunk-signature=${"0".repeat(64)}\r\n`);
  const after = text.encode(`\r\n0;chunk-signature=${"0".repeat(64)}\r\n\r\n`);
  return new Uint8Array([...before, ...body, ...after]);
}
