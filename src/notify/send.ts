/** Sends notifications. Whatever becomes of them, the verdict and the exit status of what they are about stay the same. */

import { messageOf } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { VERSION } from "../base/version.ts";
import { sleep } from "../base/time.ts";
import { formatDuration } from "../base/numbers.ts";
import type { NotifyConfig, Secret } from "../config/config.ts";
import { type Due, type Facts, messageFor } from "./message.ts";
import type { Notifications } from "../checks/result.ts";

/** How many times a message is tried at most. */
const TRIES = 3;
const USER_AGENT = `dolibarr-drill/${VERSION}`;

export interface NotifyOptions {
  reporter: Reporter;
  signal: AbortSignal;
  /** In ms; tests are in a hurry. */
  waits?: { notifyAnswers: number; notifyIsTriedAgain: number };
}

/**
 * Sends what is due. Addresses and secret headers are read also where nothing is due, so that a missing one is reported
 * after a good night too. Never throws: what failed is a warning, and in the result.
 */
export async function sendNotifications(
  { webhook, alive }: NotifyConfig,
  due: Due,
  facts: Facts,
  { reporter, signal, waits = limits }: NotifyOptions,
): Promise<Notifications> {
  const attempt = async (what: string, isDue: boolean, open: () => Promise<Letter>) => {
    const outcome = await outcomeOf(isDue, open, waits, signal);
    if (outcome?.startsWith("failed")) reporter.warn(`NOBODY WAS TOLD by ${what}: ${outcome.slice(8)}`);
    return outcome;
  };
  const [byWebhook, byAlive] = await Promise.all([
    webhook && attempt("notify.webhook", due.webhook, async () => {
      const { headers, body } = messageFor(webhook, facts);
      return {
        address: await addressOf(webhook.url),
        method: "POST",
        headers: await withSecrets(headers, webhook.headers),
        body,
      };
    }),
    alive && attempt("notify.alive_url", due.alive, async () => ({
      address: await addressOf(alive.url),
      method: alive.method,
      headers: new Headers(),
    })),
  ]);
  return { ...(byWebhook ? { webhook: byWebhook } : {}), ...(byAlive ? { alive: byAlive } : {}) };
}

interface Letter {
  address: URL;
  method: "GET" | "POST";
  headers: Headers;
  body?: string;
}

type Waits = NonNullable<NotifyOptions["waits"]>;

/** `sent`, `failed: WHY`, or undefined where nothing was due and nothing is wrong. */
async function outcomeOf(
  isDue: boolean,
  open: () => Promise<Letter>,
  waits: Waits,
  signal: AbortSignal,
): Promise<string | undefined> {
  let letter: Letter;
  try {
    letter = await open();
  } catch (error) {
    return `failed: ${messageOf(error)}`; // of a secret that cannot be read: it names the place, not the value
  }
  if (!isDue) return undefined;
  const problem = await send(letter, waits, signal);
  return problem === undefined ? "sent" : `failed: ${problem}`;
}

/** Why it could not be sent; undefined: it was. */
async function send(letter: Letter, waits: Waits, signal: AbortSignal): Promise<string | undefined> {
  for (let tried = 1;; tried++) {
    const failed = await sendOnce(letter, waits.notifyAnswers, signal);
    if (!failed) return undefined;
    if (!failed.again || tried === TRIES) return `${failed.why}${tried > 1 ? ` (${tried} tries)` : ""}`;
    // an interruption ends the wait: the next try then reports it
    await sleep(waits.notifyIsTriedAgain * tried, signal).catch(() => undefined);
  }
}

async function sendOnce(
  { address, method, headers, body }: Letter,
  limit: number,
  signal: AbortSignal,
): Promise<{ why: string; again: boolean } | undefined> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), limit);
  const host = address.host;
  try {
    const response = await fetch(address, {
      method,
      headers,
      body,
      redirect: "manual", // another host would get our secrets, and a POST would become a GET
      signal: AbortSignal.any([signal, silence.signal]),
    });
    await response.body?.cancel();
    const { status } = response;
    if (response.ok) return undefined;
    if (status >= 300 && status < 400) {
      return {
        why: `${host} answered ${status}, which leads elsewhere: name the address itself`,
        again: false,
      };
    }
    return { why: `${host} answered ${status}`, again: status >= 500 || status === 429 };
  } catch (error) {
    if (signal.aborted) return { why: "interrupted", again: false };
    if (silence.signal.aborted) {
      return { why: `${host} did not answer within ${formatDuration(limit)}`, again: true };
    }
    return { why: `${host} ${reasonOf(error)}`, again: true };
  } finally {
    clearTimeout(timer);
  }
}

/** In our own words, because the system's message contains the whole address, which is a secret. */
function reasonOf(error: unknown): string {
  const text = `${messageOf(error)} ${error instanceof Error ? messageOf(error.cause ?? "") : ""}`;
  if (/certificate|tls|handshake|ssl|corrupt message/i.test(text)) {
    return "has a certificate that is not trusted here, or speaks no TLS";
  }
  if (/dns|lookup|resolve/i.test(text)) return "is a name that cannot be found";
  if (/refused/i.test(text)) return "refused the connection";
  return "cannot be reached, or closed the connection";
}

/** Whom a message is posted to: the host and port of its address, which is all that may be shown of it. */
export const hostOf = async (secret: Secret): Promise<string> => (await addressOf(secret)).host;

/** @throws Error with the place in the configuration, and nothing of the value. */
async function addressOf(secret: Secret): Promise<URL> {
  const url = URL.parse((await secret.read()).trim());
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url;
  throw new Error(
    `what ${secret.ref} holds is no address with http:// or https://, without a user and a password`,
  );
}

async function withSecrets(
  plain: Record<string, string>,
  all: Record<string, Secret | string>,
): Promise<Headers> {
  const headers = new Headers({ "User-Agent": USER_AGENT });
  const secrets = Object.entries(all).flatMap(([name, value]) =>
    typeof value === "string" ? [] : [{ name, value }]
  );
  const read = await Promise.all(secrets.map(async ({ name, value }) => [name, await value.read()] as const));
  for (const [name, value] of [...Object.entries(plain), ...read]) {
    if (!/^[\x20-\x7e\t]+$/.test(value)) {
      throw new Error(`the header ${name} has a value that cannot be sent`);
    }
    headers.set(name, value);
  }
  return headers;
}
