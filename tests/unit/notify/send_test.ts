import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import type { NotifyConfig, Secret } from "../../../src/config/config.ts";
import { factsOfError } from "../../../src/notify/message.ts";
import { type NotifyOptions, sendNotifications } from "../../../src/notify/send.ts";
import { temporaryFolder } from "../../support/folder.ts";

const facts = factsOfError(new DrillError("NO_SET", "Cannot find a good set", "Take one."), "prod");
const both = { webhook: true, alive: true };
/** In the path of every address here: must be seen nowhere. */
const HOOK = "hook-s3cr3t";

const secret = (value: string | Error): Secret => ({
  ref: "env:TEST",
  read: () => value instanceof Error ? Promise.reject(value) : Promise.resolve(value),
});

/** What the listener got. */
interface Got {
  method: string;
  path: string;
  headers: Headers;
  body: string;
}

/** A real listener; `answers` in their order, the last one for all that come after. */
function listen(...answers: ((got: Got) => Response | Promise<Response>)[]) {
  const got: Got[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const one = {
      method: request.method,
      path: new URL(request.url).pathname,
      headers: request.headers,
      body: await request.text(),
    };
    got.push(one);
    return await answers[Math.min(got.length, answers.length) - 1]!(one);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return { got, host, url: `http://${host}/${HOOK}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** One whose certificate nobody has signed but itself. */
async function listenWithOwnCertificate() {
  await using folder = await temporaryFolder();
  const [keyFile, certFile] = [`${folder.path}/key`, `${folder.path}/cert`];
  const about = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1", "-nodes"];
  const made = await runTool("/usr/bin/openssl", {
    args: ["req", "-x509", "-newkey", "rsa:2048", ...about, "-keyout", keyFile, "-out", certFile],
  });
  assertEquals(made.code, 0, made.stderr);
  const [key, cert] = [await Deno.readTextFile(keyFile), await Deno.readTextFile(certFile)];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, key, cert },
    () => new Response(),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return { host, url: `https://${host}/${HOOK}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

const status = (status: number) => () => new Response("no matter", { status });

async function told(notify: NotifyConfig, options: Partial<NotifyOptions> = {}, due = both) {
  const warnings: string[] = [];
  const outcome = await sendNotifications(notify, due, facts, {
    reporter: { ...silentReporter, warn: (line) => void warnings.push(line) },
    signal: new AbortController().signal,
    waits: { notifyAnswers: 300, notifyIsTriedAgain: 5 },
    ...options,
  });
  const said = JSON.stringify([outcome, warnings]);
  assertFalse(said.includes(HOOK), said);
  return { outcome, warnings };
}

const webhook = (
  url: string | Error,
  more: Partial<NonNullable<NotifyConfig["webhook"]>> = {},
): NotifyConfig => ({
  webhook: { url: secret(url), headers: {}, body: { json: { text: "{verdict}: {cause}" } }, ...more },
});

describe("telling people", () => {
  it("posts the message, with secret headers, and asks for the dead man's switch", async () => {
    await using listener = listen(status(200));
    const { outcome, warnings } = await told({
      ...webhook(listener.url, { headers: { Authorization: secret("Bearer tk"), Priority: "high" } }),
      alive: { url: secret(`${listener.url}-alive`), method: "GET" },
    });
    assertEquals([outcome, warnings], [{ webhook: "sent", alive: "sent" }, []]);
    const post = listener.got.find(({ method }) => method === "POST")!;
    assertEquals(post.path, `/${HOOK}`);
    assertEquals(JSON.parse(post.body), { text: "NOT RUN: Cannot find a good set" });
    assertEquals(["authorization", "priority", "content-type"].map((name) => post.headers.get(name)), [
      "Bearer tk",
      "high",
      "application/json",
    ]);
    const ping = listener.got.find(({ method }) => method === "GET")!;
    assertEquals([ping.path, ping.body, ping.headers.get("authorization")], [`/${HOOK}-alive`, "", null]);
  });

  it("sends nothing that is not due", async () => {
    await using listener = listen(status(200));
    const notify = {
      ...webhook(listener.url),
      alive: { url: secret(listener.url), method: "POST" as const },
    };
    assertEquals((await told(notify, {}, { webhook: false, alive: false })).outcome, {});
    assertEquals((await told(notify, {}, { webhook: false, alive: true })).outcome, { alive: "sent" });
    assertEquals(listener.got.map(({ method }) => method), ["POST"]);
  });

  it("tries three times where the listener is out of order, and once where it refuses", async () => {
    await using broken = listen(status(500));
    const { outcome, warnings } = await told(webhook(broken.url));
    assertEquals(outcome.webhook, `failed: ${broken.host} answered 500 (3 tries)`);
    assertMatch(warnings.join(), /^NOBODY WAS TOLD by notify\.webhook: /);
    assertEquals(broken.got.length, 3);
    await using refuses = listen(status(403));
    assertEquals((await told(webhook(refuses.url))).outcome.webhook, `failed: ${refuses.host} answered 403`);
    assertEquals(refuses.got.length, 1);
    await using recovers = listen(status(503), status(429), status(200));
    assertEquals((await told(webhook(recovers.url))).outcome.webhook, "sent");
    assertEquals(recovers.got.length, 3);
  });

  it("does not wait for ever for one that hangs", async () => {
    const hanging: (() => void)[] = [];
    await using listener = listen(() =>
      new Promise((resolve) => hanging.push(() => resolve(new Response())))
    );
    const { outcome } = await told(webhook(listener.url), {
      waits: { notifyAnswers: 60, notifyIsTriedAgain: 5 },
    });
    assertEquals(outcome.webhook, `failed: ${listener.host} did not answer within 60 ms (3 tries)`);
    assertEquals(listener.got.length, 3);
    for (const release of hanging) release();
  });

  it("follows nobody to another host, nor to another page", async () => {
    await using other = listen(status(200));
    for (const to of [other.url, `/elsewhere-${HOOK}`]) {
      await using listener = listen(() => new Response(null, { status: 302, headers: { Location: to } }));
      const { outcome } = await told(webhook(listener.url, { headers: { Authorization: secret("x") } }));
      assertEquals(
        outcome.webhook,
        `failed: ${listener.host} answered 302, which leads elsewhere: name the address itself`,
      );
      assertEquals(listener.got.length, 1);
    }
    assertEquals(other.got, []);
  });

  it("says why nobody can be reached, and never the whole address", async () => {
    const gone = listen(status(200));
    await gone[Symbol.asyncDispose]();
    assertEquals(
      (await told(webhook(gone.url))).outcome.webhook,
      `failed: ${gone.host} refused the connection (3 tries)`,
    );
    await using plain = listen(status(200)); // speaks no TLS
    await using own = await listenWithOwnCertificate();
    for (const { host, url } of [plain, own]) {
      assertMatch(
        (await told(webhook(url.replace("http:", "https:")))).outcome.webhook ?? "",
        new RegExp(`^failed: ${host} has a certificate that is not trusted here, or speaks no TLS`),
      );
    }
    assertMatch(
      (await told(webhook(`http://nowhere.invalid/${HOOK}`))).outcome.webhook ?? "",
      /^failed: nowhere\.invalid is a name that cannot be found/,
    );
  });

  it("refuses an address or a header that cannot be one, without showing it", async () => {
    for (const address of [HOOK, `ftp://h/${HOOK}`, `https://user:${HOOK}@host/`, ""]) {
      assertMatch(
        (await told(webhook(address))).outcome.webhook ?? "",
        /^failed: what env:TEST holds is no address/,
      );
    }
    await using listener = listen(status(200));
    const { outcome } = await told(
      webhook(listener.url, { headers: { Authorization: secret(`a\n${HOOK}`) } }),
    );
    assertEquals(outcome.webhook, "failed: the header Authorization has a value that cannot be sent");
  });

  it("says that a secret is missing on a good night too", async () => {
    const missing = new DrillError(
      "SECRET_MISSING",
      "Cannot read notify.webhook.url (f:9): the variable X is not set",
      "",
    );
    const { outcome, warnings } = await told(webhook(missing), {}, { webhook: false, alive: true });
    assertEquals(outcome, {
      webhook: "failed: Cannot read notify.webhook.url (f:9): the variable X is not set",
    });
    assertEquals(warnings.length, 1);
  });

  it("ends at once where all is interrupted", async () => {
    const interrupted = new AbortController();
    await using listener = listen(() => {
      interrupted.abort();
      return new Response(null, { status: 500 });
    });
    const { outcome } = await told(webhook(listener.url), {
      signal: interrupted.signal,
      waits: { notifyAnswers: 3_600_000, notifyIsTriedAgain: 3_600_000 }, // this test would not end either
    });
    assertMatch(outcome.webhook ?? "", /^failed: interrupted/);
  });
});
