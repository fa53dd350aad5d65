/** An object of an S3 store as a stream that is whole or fails: after a break it continues where it broke off. */

import { GetObjectCommand } from "@aws-sdk/client-s3";
import { DrillError } from "../../../base/errors.ts";
import type { Bytes } from "../../../base/streams.ts";
import { within } from "../../../base/time.ts";
import { formatCount } from "../../../base/numbers.ts";
import type { S3Requests } from "./client.ts";
import { failureOf, isPassing } from "./errors.ts";
import { silence, socketError } from "./http.ts";

interface Range {
  offset: number;
  length?: number;
}

/** The answer to a request for bytes. */
interface Answer {
  /** The next bytes; undefined at the end. */
  next(): Promise<Bytes | undefined>;
  /** How many bytes the service says that it sends. */
  bytes: number;
  etag?: string;
  /** Ends the connection, where the body is not wanted to its end. */
  end(): Promise<void>;
}

/**
 * The bytes of `key`, those of `range`, or none where it ends before. A body that breaks off or stalls is requested again
 * from where it ended, as long as it is the same object (If-Match on its ETag).
 * @throws DrillError `OBJECT_MISSING`, `STORE_UNREACHABLE`, `STORE_FAILED`, ...
 */
export async function* download(
  s3: S3Requests,
  key: string,
  range: Range | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Bytes, void, void> {
  const action = `read ${key}`;
  const first = await ask(s3, key, range, undefined, signal);
  if (!first) return;
  let answer = first;
  let sent = 0;
  let failures = 0;
  let failingSince = 0;
  while (true) {
    const asked = sent;
    try {
      for (let chunk; (chunk = await answer.next());) {
        if (sent + chunk.length > first.bytes) throw tooLong(action, first.bytes);
        failures = 0;
        sent += chunk.length;
        yield chunk;
      }
      if (sent === first.bytes) return;
      throw Object.assign(new Error(`it ended ${formatCount(first.bytes - sent, "byte")} too early`), {
        code: "ECONNRESET",
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DrillError) throw error;
      if (sent === first.bytes) return; // all bytes are here, however the connection ended
      if (failures++ === 0) failingSince = performance.now();
      const triedFor = performance.now() - failingSince;
      if (!isPassing(failureOf(error)) || triedFor > s3.limits.isTriedAgain) {
        throw s3.errorOf(error, action, triedFor);
      }
    } finally {
      await answer.end();
    }
    if (asked === sent) await s3.pause(failures, signal);
    const rest = { offset: (range?.offset ?? 0) + sent, length: first.bytes - sent };
    const next = await ask(s3, key, rest, first.etag, signal);
    if (next?.bytes !== rest.length) throw changed(action);
    answer = next;
  }
}

/** One request; undefined where the object ends before the range begins. */
async function ask(
  s3: S3Requests,
  key: string,
  range: Range | undefined,
  etag: string | undefined,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  const action = `read ${key}`;
  const { bucket, prefix } = s3.address;
  const offset = range?.offset ?? 0;
  const bounded = offset > 0 || range?.length !== undefined;
  const length = Math.max(range?.length ?? Infinity, 1); // a range of no bytes cannot be requested
  const last = length === Infinity ? "" : String(offset + length - 1);
  const answer = await s3.send(action, async (client, options) => {
    try {
      return await client.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: prefix + key,
          ...(bounded ? { Range: `bytes=${offset}-${last}` } : {}),
          ...(etag === undefined ? {} : { IfMatch: etag }),
        }),
        options,
      );
    } catch (error) {
      const { status } = failureOf(error);
      if (status === 416) return undefined;
      if (status === 412) throw changed(action);
      throw error;
    }
  }, signal);
  if (!answer) return undefined;
  const reader = (answer.Body as unknown as ReadableStream<Bytes>).getReader();
  const end = () => reader.cancel().catch(() => undefined); // it has ended already, or broke: `next` reports that
  const refuse = async (state: string) => {
    await end();
    return failed(action, state);
  };
  if (range?.length === 0) {
    await end();
    return undefined;
  }
  if (answer.ContentLength === undefined) throw await refuse("the store does not send its length");
  if (answer.ContentEncoding && answer.ContentEncoding !== "identity") {
    throw await refuse(
      `it is stored with the Content-Encoding ${answer.ContentEncoding}, which would change its bytes`,
    );
  }
  if (bounded && !answer.ContentRange?.startsWith(`bytes ${offset}-`)) {
    throw await refuse(`the store sends other bytes than those from ${offset} on, which were requested`);
  }
  return {
    next: () => nextOf(reader, s3.limits.isSilent, signal),
    bytes: answer.ContentLength,
    etag: answer.ETag,
    end,
  };
}

/** The next bytes, within the limit. It counts only while we wait: the reader may take long between two calls. */
const nextOf = async (
  reader: ReadableStreamDefaultReader<Bytes>,
  ms: number,
  signal?: AbortSignal,
): Promise<Bytes | undefined> =>
  (await within(ms, reader.read().catch(broken), () => silence(ms), signal)).value;

const broken = (error: unknown) => {
  throw socketError(error);
};

const tooLong = (action: string, bytes: number) =>
  failed(action, `the store sends more than the ${formatCount(bytes, "byte")} that it announced`);

const changed = (action: string) =>
  failed(action, "the connection broke, and the object was replaced before the rest could be read");

const failed = (action: string, state: string) =>
  new DrillError(
    "STORE_FAILED",
    `Cannot ${action}: ${state}`,
    "Run it again; if it happens again, check the store and the proxies before it.",
  );
