/**
 * A stream of unknown length into an S3 store: one request where it fits into a part, else a multipart upload, which
 * shows nothing before it is complete. At most three parts are in memory: one that fills, two that are being sent.
 */

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { DrillError } from "../../../base/errors.ts";
import type { Bytes } from "../../../base/streams.ts";
import { formatBytes, formatCount } from "../../../base/numbers.ts";
import { type InputFailure, remembering } from "../shared.ts";
import { partsOf, type PartStream, type UploadPart } from "./parts.ts";
import type { S3Requests } from "./client.ts";
import { failureOf } from "./errors.ts";

/** 10,000 parts, which is all that the protocol allows, are 312 GiB. */
const PART_BYTES = 32 * 1024 * 1024;
const MOST_PARTS = 10_000;
const AT_ONCE = 2;
const TYPE = "application/octet-stream"; // so that no proxy unpacks it

/** Part sizes; a test has smaller ones. */
export interface PartLimits {
  bytes: number;
  most: number;
}

interface Head {
  bytes: number;
  etag: string;
  modified: number;
}

/**
 * Stores `body` under `key`, whole or not at all. If the service took all of it and its answer is lost, the whole object is
 * there although this fails.
 * @throws what the stream failed with, as it is; DrillError `DISK_FULL`, `UPLOAD_DIFFERS`, `STORE_FAILED`, ...
 */
export async function upload(
  s3: S3Requests,
  key: string,
  body: AsyncIterable<Bytes>,
  signal?: AbortSignal,
  { bytes, most }: PartLimits = { bytes: PART_BYTES, most: MOST_PARTS },
): Promise<void> {
  const source: InputFailure = {};
  const parts = partsOf(remembering(body, source), bytes);
  try {
    const first = (await parts.next()).value ?? { data: new Uint8Array(0), last: true };
    if (first.last) await putWhole(s3, key, first.data, signal);
    else await putParts(s3, key, first, parts, { bytes, most }, signal);
  } catch (error) {
    throw source.failed ? source.failed.error : error;
  } finally {
    await parts.return(); // so that the stream cleans up
  }
}

async function putWhole(s3: S3Requests, key: string, data: Bytes, signal?: AbortSignal): Promise<void> {
  const { ETag } = await s3.send(`write ${key}`, (client, options) =>
    client.send(
      new PutObjectCommand({ ...object(s3, key), Body: data, ContentType: TYPE }),
      options,
    ), signal);
  await proveSize(s3, key, data.length, ETag);
}

async function putParts(
  s3: S3Requests,
  key: string,
  first: UploadPart,
  rest: PartStream,
  { bytes, most }: PartLimits,
  signal?: AbortSignal,
): Promise<void> {
  const action = `write ${key}`;
  const before = await head(s3, key, signal);
  const { UploadId: id } = await s3.send(
    action,
    (client, options) =>
      client.send(new CreateMultipartUploadCommand({ ...object(s3, key), ContentType: TYPE }), options),
    signal,
  );
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const underWay = new Set<Promise<void>>();
  try {
    const sent: { PartNumber: number; ETag?: string }[] = [];
    const send = (number: number, data: Bytes) => {
      const one = s3.send(action, async (client, options) => {
        const { ETag } = await client.send(
          new UploadPartCommand({ ...object(s3, key), UploadId: id, PartNumber: number, Body: data }),
          options,
        );
        sent.push({ PartNumber: number, ETag });
      }, stop).catch((error) => {
        failure.abort(error); // the first one is the reason; the others are stopped by it
        throw error;
      }).finally(() => {
        underWay.delete(one);
        rest.free(data);
      });
      one.catch(() => undefined); // it is reported by `failure`
      underWay.add(one);
    };
    let number = 1;
    let total = first.data.length;
    send(number, first.data);
    for await (const { data } of rest) {
      stop.throwIfAborted();
      if (++number > most) throw tooLarge(key, bytes * most);
      total += data.length;
      send(number, data);
      while (underWay.size >= AT_ONCE) await Promise.race(underWay);
    }
    while (underWay.size > 0) await Promise.race(underWay);
    stop.throwIfAborted();
    sent.sort((a, b) => a.PartNumber - b.PartNumber);
    await complete(s3, key, id, sent, { total, before }, signal);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(underWay);
    await abortQuietly(s3, key, id);
    throw error;
  }
}

/**
 * Makes the object of its parts. The answer may be lost, or be an error although it was done; a second request is then
 * answered with "no such upload" (docs/facts.md, "S3 services"). What counts is whether the object is there and new.
 */
async function complete(
  s3: S3Requests,
  key: string,
  id: string | undefined,
  parts: { PartNumber: number; ETag?: string }[],
  { total, before }: { total: number; before: Head | undefined },
  signal?: AbortSignal,
): Promise<void> {
  let etag: string | undefined;
  const isDone = async () => {
    const now = await head(s3, key);
    return now?.bytes === total && (now.etag !== before?.etag || now.modified !== before.modified);
  };
  await s3.send(`write ${key}`, async (client, options) => {
    try {
      const command = new CompleteMultipartUploadCommand({
        ...object(s3, key),
        UploadId: id,
        MultipartUpload: { Parts: parts },
      });
      etag = (await client.send(command, options)).ETag;
    } catch (error) {
      const { status } = failureOf(error);
      const unsure = status === 0 || status === 200 || status === 404 || status >= 500;
      if (!unsure || signal?.aborted || !await isDone()) throw error;
    }
  }, signal);
  await proveSize(s3, key, total, etag);
}

/** The object that the store shows must have the size that was sent; else it is removed, if it is ours. */
async function proveSize(
  s3: S3Requests,
  key: string,
  bytes: number,
  etag: string | undefined,
): Promise<void> {
  const now = await head(s3, key);
  if (now?.bytes === bytes) return;
  const ours = now && (!etag || now.etag === etag);
  if (ours) {
    await s3.send(`delete ${key}`, (client) => client.send(new DeleteObjectCommand(object(s3, key))));
  }
  throw new DrillError(
    "UPLOAD_DIFFERS",
    now
      ? `Cannot trust ${key}: the store shows ${formatCount(now.bytes, "byte")}, ${
        formatCount(bytes, "byte")
      } were sent`
      : `Cannot trust ${key}: the store accepted it, but has nothing under that name`,
    now && !ours
      ? "Something else wrote under the same name at the same time. It was not changed."
      : "The store, or something on the way to it, changes bytes. Nothing was left under that name. Run it again; if it happens again, check the store.",
  );
}

async function head(s3: S3Requests, key: string, signal?: AbortSignal): Promise<Head | undefined> {
  return await s3.send(`read the size of ${key}`, async (client, options) => {
    try {
      const { ContentLength, ETag, LastModified } = await client.send(
        new HeadObjectCommand(object(s3, key)),
        options,
      );
      return { bytes: ContentLength ?? -1, etag: ETag ?? "", modified: LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (failureOf(error).status === 404) return undefined;
      throw error;
    }
  }, signal);
}

/** Removes the parts. If that fails too they stay, invisible, until `prune` removes them: the first error is thrown. */
async function abortQuietly(s3: S3Requests, key: string, id: string | undefined): Promise<void> {
  try {
    await abort(s3, key, id, AbortSignal.timeout(s3.limits.cleansUp));
  } catch {
    // see above
  }
}

/** Removes the parts of an upload that is not finished; one that is not there is no error. */
export async function abort(
  s3: S3Requests,
  key: string,
  id: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  await s3.send(`remove the unfinished upload of ${key}`, async (client, options) => {
    try {
      await client.send(new AbortMultipartUploadCommand({ ...object(s3, key), UploadId: id }), options);
    } catch (error) {
      if (failureOf(error).status !== 404) throw error;
    }
  }, signal);
}

const object = ({ address }: S3Requests, key: string) => ({
  Bucket: address.bucket,
  Key: address.prefix + key,
});

const tooLarge = (key: string, most: number) =>
  new DrillError(
    "STORE_FAILED",
    `Cannot write ${key}: it is larger than ${
      formatBytes(most)
    }, the largest object that this tool can upload`,
    "Exclude documents that need no backup, or use a folder as the store (file://). Nothing was stored.",
  );
