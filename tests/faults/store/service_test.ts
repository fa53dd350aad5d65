/** What an S3 service itself does to a backup: restarts, revoked keys, quotas, missing rights, an interrupted run. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { afterAll, afterEach, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError, type ErrorCode } from "../../../src/base/errors.ts";
import { type Bytes, bytesOf, readSmall } from "../../../src/base/streams.ts";
import { openS3Store } from "../../../src/store/drivers/s3/s3.ts";
import { whyNoRadosgw } from "../../support/s3/radosgw.ts";
import {
  digestAt,
  MiB,
  randomBytes,
  type S3Service,
  SHORT_WAITS,
  SMALL_PARTS,
  startS3Service,
  wholeText,
} from "../../support/s3/service.ts";

const skip = whyNoRadosgw();
/** No test takes so long, in ms. */
const FOR_EVER = 3_600_000;

describe("what an S3 service itself does", { skip }, () => {
  let service: S3Service;
  beforeAll(async () => service = await startS3Service());
  afterEach(() => service.proxy.on(() => undefined));
  afterAll(async () => await service[Symbol.asyncDispose]());

  const unfinished = () => Array.fromAsync(service.direct.unfinishedUploads(""));
  const refused = async (action: () => Promise<unknown>, code: ErrorCode, message: RegExp) => {
    const error = await assertRejects(action, DrillError);
    assertEquals(error.code, code, error.message);
    assertMatch(error.message, message);
    assert(error.hint.length > 20);
    assertEquals(wholeText(error).includes(service.gateway.secretKey), false);
    return error;
  };
  /** 12 MiB; `between` is done after the first two parts. */
  async function* pausing(between: () => Promise<unknown>): AsyncGenerator<Bytes> {
    yield* randomBytes(11 * MiB);
    await between();
    yield* randomBytes(MiB);
  }

  it("shows nothing of an upload whose key was revoked half-way", async () => {
    const { gateway, bucket } = service;
    const keys = await gateway.makeUser("night", bucket, [
      "s3:ListBucket",
      "s3:GetObject",
      "s3:PutObject",
      "s3:DeleteObject",
      "s3:AbortMultipartUpload",
      "s3:ListMultipartUploadParts",
    ]);
    const store = await service.through(keys);
    const error = await refused(
      () => store.put("prod/db/revoked.dump", pausing(() => gateway.revoke("night", keys))),
      "STORE_LOGIN",
      /^Cannot write prod\/db\/revoked\.dump: the store does not know the access key$/,
    );
    assertEquals(wholeText(error).includes(keys.secretKey), false);
    assertEquals(await service.direct.head("prod/db/revoked.dump"), undefined);
    for (const one of await unfinished()) await service.direct.abortUpload(one);
    assertEquals(await unfinished(), []);
  });

  it("is asked with renewed keys as soon as they are renewed", async () => {
    const { gateway, bucket } = service;
    const rights = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
    const old = await gateway.makeUser("old", bucket, rights);
    let keys = old;
    const accessKey = () => keys.accessKey;
    const secretKey = () => Promise.resolve(keys.secretKey);
    const store = await service.through({ accessKey, secretKey });
    await store.put("prod/db/renewed.dump", bytesOf("one"));
    await gateway.revoke("old", old);
    keys = await gateway.makeUser("new", bucket, rights);
    await store.put("prod/db/renewed.dump", bytesOf("two"));
    assertEquals(new TextDecoder().decode(await readSmall(store.get("prod/db/renewed.dump"))), "two");
    await store.delete("prod/db/renewed.dump");
  });

  it("says what reading a key failed with, as it is", async () => {
    const missing = new DrillError(
      "SECRET_MISSING",
      "Cannot read store.secret_key: it is gone",
      "Put it there.",
    );
    const store = () => service.through({ secretKey: () => Promise.reject(missing) });
    assertEquals(await assertRejects(store), missing);
  });

  it("is full: nothing is left, and what there was stays", async () => {
    const { gateway } = service;
    const bucket = await gateway.makeBucket("full-backup");
    const store = await service.through({ url: `s3://${bucket}/erp` });
    await store.put("prod/db/there.dump", bytesOf("there"));
    await gateway.limitBucket(bucket, 8 * MiB);
    const full = /^Cannot write .*: the store is full$/;
    await refused(() => store.put("prod/db/parts.dump", randomBytes(30 * MiB)), "DISK_FULL", full);
    await store.put("prod/db/most.dump", randomBytes(4 * MiB));
    await refused(() => store.put("prod/db/small.dump", randomBytes(4 * MiB + 1)), "DISK_FULL", full);
    const keys = await Array.fromAsync(store.list(""), ({ key }) => key);
    assertEquals(keys, ["prod/db/most.dump", "prod/db/there.dump"]);
    assertEquals(await Array.fromAsync(store.unfinishedUploads("")), []);
    await store.delete("prod/db/most.dump");
    await store.put("prod/db/small.dump", bytesOf("room again"));
  });

  it("does not let us delete: that is said, and nothing else is lost", async () => {
    const { gateway, bucket } = service;
    const rights = ["s3:ListBucket", "s3:GetObject", "s3:PutObject"];
    const store = await service.through(await gateway.makeUser("keeper", bucket, rights));
    await store.put("prod/db/kept.dump", bytesOf("kept"));
    await refused(
      () => store.delete("prod/db/kept.dump"),
      "STORE_FORBIDDEN",
      /^Cannot delete prod\/db\/kept\.dump: the key may not do that in the bucket company-backup$/,
    );
    assertEquals((await store.head("prod/db/kept.dump"))?.bytes, 4);
  });

  it("does not let us write: that is said", async () => {
    const { gateway, bucket } = service;
    const store = await service.through(
      await gateway.makeUser("reader", bucket, ["s3:ListBucket", "s3:GetObject"]),
    );
    for (const bytes of [10, 11 * MiB]) {
      const put = () => store.put("prod/db/refused.dump", randomBytes(bytes));
      await refused(put, "STORE_FORBIDDEN", /^Cannot write .*: the key may not do that/);
    }
    assertEquals(await service.direct.head("prod/db/refused.dump"), undefined);
  });

  it("shows nothing of an upload that was interrupted, and still lets us clean up", async () => {
    const interrupt = new AbortController();
    const store = await service.through({ signal: interrupt.signal });
    await store.put("prod/runs/20260630T155313Z.json", bytesOf("{}"));
    const reason = new DOMException("Interrupted", "AbortError");
    const put = store.put(
      "prod/db/interrupted.dump",
      pausing(() => Promise.resolve(interrupt.abort(reason))),
    );
    assertEquals(await assertRejects(() => put), reason);
    assertEquals(await service.direct.head("prod/db/interrupted.dump"), undefined);
    assertEquals(await unfinished(), []);
    await store.delete("prod/runs/20260630T155313Z.json");
    assertEquals(await store.head("prod/runs/20260630T155313Z.json"), undefined);
  });

  it("ends at once when a run is interrupted while it waits for the service", async () => {
    const interrupt = new AbortController();
    // no limit of its own ends it: else this test would not end either
    const never = { isSilent: FOR_EVER, answers: FOR_EVER, isTriedAgain: FOR_EVER };
    const store = await service.through({ signal: interrupt.signal, limits: never });
    service.proxy.on(() => {
      interrupt.abort();
      return { fault: "never answer" };
    });
    await assertRejects(() => readSmall(store.get("prod/db/any.dump")));
  });

  it("takes no more than 10,000 parts: more is refused with a hint, and nothing is left", async () => {
    const store = await service.through({ parts: { ...SMALL_PARTS, most: 2 } });
    await store.put("prod/db/fits.dump", randomBytes(10 * MiB));
    const error = await refused(
      () => store.put("prod/db/larger.dump", randomBytes(10 * MiB + 1)),
      "STORE_FAILED",
      /it is larger than 10.5 MB, the largest object/,
    );
    assertMatch(error.hint, /^Exclude documents that need no backup, .*\(file:\/\/\)/);
    assertEquals(await service.direct.head("prod/db/larger.dump"), undefined);
    assertEquals(await unfinished(), []);
  });

  // deno-fmt-ignore: a line each
  const notOpened: [title: string, other: (service: S3Service) => Partial<Parameters<typeof openS3Store>[0]>, code: ErrorCode, message: RegExp][] = [
    ["a wrong secret", () => ({ secretKey: "another-secret" }), "STORE_LOGIN", /the store refuses the secret key$/],
    ["an unknown key", () => ({ accessKey: "nobody" }), "STORE_LOGIN", /the store does not know the access key$/],
    ["a bucket that is not there", () => ({ url: "s3://no-such-bucket/erp" }), "STORE_UNREACHABLE", /there is no bucket no-such-bucket at http/],
    ["a port that nobody listens on", () => ({ endpoint: "http://127.0.0.1:47811" }), "STORE_UNREACHABLE", /http:\/\/127.0.0.1:47811 cannot be reached, .*\(ECONNREFUSED\)/],
    ["a name that nobody has", () => ({ endpoint: "http://storage.invalid" }), "STORE_UNREACHABLE", /storage\.invalid cannot be reached/],
    ["a server that is no S3 service", ({ proxy }) => {
      proxy.on(() => ({ fault: "instead", answer: () => Promise.resolve(new Response("<html><h1>Hello", { headers: { "content-type": "text/html" } })) }));
      return { endpoint: proxy.endpoint };
    }, "STORE_FAILED", /./],
  ];
  for (const [title, other, code, message] of notOpened) {
    it(`is not opened with ${title}`, async () => {
      const { gateway: { endpoint, accessKey, secretKey }, bucket } = service;
      const options = { url: `s3://${bucket}/erp`, endpoint, accessKey, secretKey, limits: SHORT_WAITS };
      const error = await refused(() => openS3Store({ ...options, ...other(service) }), code, message);
      assertMatch(error.message, /^Cannot open the store s3:\/\//);
      assertEquals(wholeText(error).includes("another-secret"), false);
    });
  }

  it("is not opened with another's bucket", async () => {
    const { gateway } = service;
    const bucket = await gateway.makeBucket("private-backup");
    const keys = await gateway.makeUser("stranger", service.bucket, ["s3:ListBucket"]);
    await refused(
      () => service.through({ url: `s3://${bucket}/erp`, ...keys }),
      "STORE_FORBIDDEN",
      /the key may not do that in the bucket private-backup/,
    );
  });

  it("needs no more rights than docs/configuration.md names", async () => {
    const text = await Deno.readTextFile(new URL("../../../docs/configuration.md", import.meta.url));
    const rights = [...new Set(text.match(/s3:[A-Z]\w+/g))];
    assertEquals(rights.length, 6);
    const store = await service.through(await service.gateway.makeUser("modest", service.bucket, rights));
    await store.put("modest/db/a.dump", randomBytes(6 * MiB));
    await store.put("modest/db/b.dump", bytesOf("b"));
    assertEquals((await digestAt(store, "modest/db/a.dump")).bytes, 6 * MiB);
    await refused(
      () =>
        store.put(
          "modest/db/c.dump",
          pausing(() =>
            Promise.reject(new DrillError("TOOL_FAILED", "Cannot dump: it stopped", "x".repeat(30)))
          ),
        ),
      "TOOL_FAILED",
      /it stopped/,
    );
    assertEquals(await Array.fromAsync(store.unfinishedUploads("")), []);
    for (const { key } of await Array.fromAsync(store.list("modest/"))) await store.delete(key);
    assertEquals(await store.head("modest/db/a.dump"), undefined);
  });

  // the last ones: tools of the gateway wait half a minute for one that was killed
  it("stores a whole object through a restart half-way", async () => {
    const store = await service.through({ limits: { ...SHORT_WAITS, isTriedAgain: 20_000 } });
    let restarted: Promise<void> | undefined;
    const bytes = pausing(async () => {
      await service.gateway.stopGateway();
      restarted = new Promise((resolve) => setTimeout(resolve, 500)).then(service.gateway.startGateway);
    });
    await store.put("prod/db/restarted.dump", bytes);
    await restarted;
    assertEquals((await digestAt(service.direct, "prod/db/restarted.dump")).bytes, 12 * MiB);
    assertEquals(await unfinished(), []);
  });

  it("shows nothing of an upload during which it went away, and leaves it to be found", async () => {
    const store = await service.through();
    await refused(
      () => store.put("prod/db/away.dump", pausing(service.gateway.stopGateway)),
      "STORE_UNREACHABLE",
      /cannot be reached/,
    );
    await service.gateway.startGateway();
    assertEquals(await service.direct.head("prod/db/away.dump"), undefined);
    const left = await unfinished();
    assertEquals(left.map(({ key }) => key), ["prod/db/away.dump"]);
    for (const one of left) await service.direct.abortUpload(one);
    assertEquals(await unfinished(), []);
  });
});
