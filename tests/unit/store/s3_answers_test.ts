import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { openS3Store } from "../../../src/store/drivers/s3/s3.ts";

const EMPTY = `<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount>` +
  `<IsTruncated>false</IsTruncated></ListBucketResult>`;

/** A service that does not answer the first request, is busy for `busy` more, and then has an empty bucket. */
function slowService(busy: number) {
  let asked = 0;
  const told = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async () => {
    if (asked++ === 0 && busy > 0) await told.promise;
    const body = asked <= busy ? "" : EMPTY;
    return new Response(body, {
      status: asked <= busy ? 503 : 200,
      headers: { "content-type": "application/xml" },
    });
  });
  return {
    told: told.resolve,
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}

async function open(endpoint: string, onLine: () => void = () => {}) {
  const lines: string[] = [];
  using _store = await openS3Store({
    ...{ url: "s3://bucket/erp", endpoint, accessKey: "key", secretKey: "secret" },
    limits: { isTold: 20, isToldAgain: 40, opens: 20_000 },
    tell: (line) => {
      lines.push(line);
      onLine();
    },
  });
  return lines;
}

describe("a store that does not answer", () => {
  it("is told of while it is tried, again and again, and when it answers again", async () => {
    const service = slowService(2);
    let count = 0;
    const lines = await open(service.endpoint, () => ++count === 2 && service.told());
    await service.stop();
    assert(lines.length >= 3, lines.join("\n"));
    for (const line of lines.slice(0, -1)) {
      assertMatch(line, /^The store s3:\/\/bucket\/erp does not answer, for .* by now; trying again$/);
    }
    assertMatch(lines.at(-1)!, /^The store s3:\/\/bucket\/erp answers again, after /);
  });

  it("is not told of where it answers at once", async () => {
    const service = slowService(0);
    const lines = await openQuick(service.endpoint);
    await service.stop();
    assertEquals(lines, []);
  });

  it("is told of no more once it was given up", async () => {
    const lines: string[] = [];
    const error = await assertRejects(
      () =>
        openS3Store({
          ...{
            url: "s3://bucket/erp",
            endpoint: "http://127.0.0.1:1",
            accessKey: "key",
            secretKey: "secret",
          },
          limits: { isTold: 0, isToldAgain: 5, opens: 30 },
          tell: (line) => void lines.push(line),
        }),
      DrillError,
    );
    assertEquals(error.code, "STORE_UNREACHABLE");
    assert(lines.length > 0);
  });
});

describe("an address whose scheme is not the service's", () => {
  const refused = (endpoint: string) =>
    assertRejects(
      () =>
        openS3Store({
          url: "s3://bucket/erp",
          endpoint,
          accessKey: "key",
          secretKey: "secret",
          limits: { opens: 0 },
        }),
      DrillError,
    );

  it("is told at once: https, and the service has no TLS", async () => {
    const service = slowService(0);
    const error = await refused(service.endpoint.replace("http:", "https:"));
    await service.stop();
    assertMatch(error.message, /^Cannot open the store .* answers without TLS, and the address says https$/);
  });

  it("is told: http, and the service has TLS, whose certificate is not looked at", async () => {
    await using folder = await temporaryFolder();
    const [key, cert] = [`${folder.path}/key.pem`, `${folder.path}/cert.pem`];
    const made = await new Deno.Command("openssl", {
      args: ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"]
        .concat(["-subj", "/CN=store.example.org"]),
      stderr: "null",
    }).output();
    assert(made.success);
    const server = Deno.serve({
      ...{ hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ...{ key: await Deno.readTextFile(key), cert: await Deno.readTextFile(cert) },
    }, () => new Response());
    const error = await refused(`http://127.0.0.1:${server.addr.port}`);
    await server.shutdown();
    assertMatch(error.message, /^Cannot open the store .* answers only with TLS, and the address says http$/);
    assertMatch(error.hint, /https:\/\/ in store\.endpoint/);
  });
});

/** With the limits of a real run: nothing may be told of what takes no longer than it must. */
async function openQuick(endpoint: string) {
  const lines: string[] = [];
  using _store = await openS3Store({
    ...{ url: "s3://bucket/erp", endpoint, accessKey: "key", secretKey: "secret" },
    tell: (line) => void lines.push(line),
  });
  return lines;
}
