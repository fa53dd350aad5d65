/**
 * A bucket of an S3 service as the store: Amazon's, Google's, Ceph's, MinIO's. Nothing is used that one of them does not
 * support (docs/facts.md, "S3 services"): no conditional writes, no deletion of many at once, no checksums of its own.
 */

import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { DrillError, messageOf } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { within } from "../../../base/time.ts";
import { checkedKey } from "../shared.ts";
import { type S3Address, type S3Limits, type S3Requests, s3Requests, type SecretValue } from "./client.ts";
import { download } from "./download.ts";
import { failureOf } from "./errors.ts";
import { abort, type PartLimits, upload } from "./upload.ts";
import type { ObjectInfo, Store, UnfinishedUpload } from "../../store.ts";

export interface S3Options {
  /** `s3://BUCKET/PREFIX`; nothing outside of PREFIX/ is ever read. */
  url: string;
  /** `https://storage.googleapis.com`; none for Amazon's own. */
  endpoint?: string;
  region?: string;
  accessKey: SecretValue;
  secretKey: SecretValue;
  /** Aborts reading, writing and listing. `head` and `delete` still work, because cleaning up needs them. */
  signal?: AbortSignal;
  /** Takes a line for a person while the service does not answer and is tried again. */
  tell?: (line: string) => void;
  /** For tests: shorter waits and smaller parts. */
  limits?: Partial<S3Limits>;
  parts?: PartLimits;
}

/** Disposing closes the open connections. */
export interface S3Store extends Store, Disposable {}

/**
 * Opens the bucket of `url`, and lists one key: a wrong key, address or bucket is reported here and not after an hour.
 * @throws DrillError `STORE_UNREACHABLE`, `STORE_LOGIN`, `STORE_FORBIDDEN`, `CONFIG_INVALID`, and what reading the keys failed with.
 */
export async function openS3Store(options: S3Options): Promise<S3Store> {
  const { accessKey, secretKey, signal } = options;
  const s3 = s3Requests(addressOf(options), { accessKey, secretKey }, options.limits, options.tell);
  try {
    await s3.send(
      `open the store ${options.url}`,
      (client, sending) => {
        const { bucket, prefix } = s3.address;
        return client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }), sending);
      },
      signal,
      s3.limits.opens,
      true,
    );
  } catch (error) {
    s3.close();
    const { endpoint } = options;
    if (endpoint === undefined || !isNoAnswer(error) || !await wantsTls(endpoint)) throw error;
    throw new DrillError(
      "STORE_UNREACHABLE",
      `Cannot open the store ${options.url}: ${endpoint} answers only with TLS, and the address says http`,
      "Write https:// in store.endpoint.",
      { cause: error },
    );
  }
  /** After an interruption only for as long as cleaning up may take. */
  const patience = () => signal?.aborted ? s3.limits.cleansUp : s3.limits.isTriedAgain;
  return {
    url: options.url,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    put: async (key, body) => await upload(s3, checkedKey(key), body, signal, options.parts),
    get: (key, range) => download(s3, checkedKey(key), range, signal),
    head: async (key) => await head(s3, checkedKey(key), patience()),
    list: (prefix) => list(s3, prefix, signal),
    delete: async (key) => await remove(s3, checkedKey(key), patience()),
    unfinishedUploads: (prefix) => unfinishedUploads(s3, prefix, signal),
    abortUpload: async ({ key, id }) => await abort(s3, checkedKey(key), id),
    [Symbol.dispose]: () => s3.close(),
  };
}

/** Whether nothing of S3 came back: no connection, or an answer that no service gives to a request that it understood. */
const isNoAnswer = (error: unknown): boolean =>
  error instanceof DrillError && (error.code === "STORE_UNREACHABLE" || error.code === "STORE_FAILED");

/** Whether what listens at an address with `http` begins a TLS session, whatever its certificate is. */
async function wantsTls(endpoint: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(endpoint);
  if (protocol !== "http:") return false;
  try {
    const plain = await within(
      limits.storeConnects,
      Deno.connect({ hostname, port: Number(port || 80) }),
      () => new Error("no connection"),
    );
    using session = await Deno.startTls(plain, { hostname });
    await within(limits.storeConnects, session.handshake(), () => new Error("no handshake"));
    return true;
  } catch (error) {
    return /certificate|UnknownIssuer|NotValidForName/i.test(messageOf(error)); // it showed one
  }
}

function addressOf({ url, endpoint, region }: S3Options): S3Address {
  const [, bucket, prefix = ""] = /^s3:\/\/([^/?#@\s]+)(?:\/([^?#@\s]*))?$/.exec(url) ?? [];
  if (bucket === undefined) {
    throw new DrillError(
      "CONFIG_INVALID",
      "Cannot open the store: store.url is no address of a bucket",
      "Write s3://BUCKET/PREFIX, without keys in it.",
    );
  }
  const path = prefix.replace(/\/+$/, "");
  return { bucket, prefix: path && `${path}/`, url, endpoint, region: region ?? "us-east-1" };
}

function head(s3: S3Requests, key: string, triesFor: number): Promise<ObjectInfo | undefined> {
  const { bucket, prefix } = s3.address;
  return s3.send(
    `read the size of ${key}`,
    async (client, options) => {
      try {
        const command = new HeadObjectCommand({ Bucket: bucket, Key: prefix + key });
        const { ContentLength, LastModified } = await client.send(command, options);
        return { key, bytes: ContentLength ?? 0, modified: LastModified ?? new Date(0) };
      } catch (error) {
        if (failureOf(error).status === 404) return undefined;
        throw error;
      }
    },
    undefined,
    triesFor,
  );
}

async function* list(s3: S3Requests, below: string, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
  const { bucket, prefix } = s3.address;
  let token: string | undefined;
  while (true) {
    const page = await s3.send(`list ${below}`, (client, options) =>
      client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + below, ContinuationToken: token }),
        options,
      ), signal);
    for (const { Key = "", Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
      if (!Key.startsWith(prefix + below)) continue; // the bucket is shared: keys outside of the prefix are not ours
      if (Key.endsWith("/")) continue; // what a console writes when a person makes a folder
      yield { key: Key.slice(prefix.length), bytes: Size, modified: LastModified };
    }
    if (!page.IsTruncated) return;
    if (!page.NextContinuationToken || page.NextContinuationToken === token) throw endless(below);
    token = page.NextContinuationToken;
  }
}

async function remove(s3: S3Requests, key: string, triesFor: number): Promise<void> {
  const { bucket, prefix } = s3.address;
  await s3.send(
    `delete ${key}`,
    async (client, options) => {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + key }), options);
      } catch (error) {
        if (failureOf(error).name !== "NoSuchKey") throw error; // Google answers so for an object that is not there
      }
    },
    undefined,
    triesFor,
  );
}

async function* unfinishedUploads(
  s3: S3Requests,
  below: string,
  signal?: AbortSignal,
): AsyncGenerator<UnfinishedUpload> {
  const { bucket, prefix } = s3.address;
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  while (true) {
    const page = await s3.send(`list the unfinished uploads of ${below}`, (client, options) =>
      client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix + below, ...marker }),
        options,
      ), signal);
    for (const { Key = "", UploadId = "", Initiated } of page.Uploads ?? []) {
      if (!Key.startsWith(prefix + below)) continue;
      yield { key: Key.slice(prefix.length), id: UploadId, startedAt: Initiated ?? new Date() };
    }
    if (!page.IsTruncated) return;
    const { NextKeyMarker, NextUploadIdMarker } = page;
    if (NextKeyMarker === marker.KeyMarker && NextUploadIdMarker === marker.UploadIdMarker) {
      throw endless(below);
    }
    marker = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
  }
}

/** Without this the listing would never end, or end too early. */
const endless = (below: string) =>
  new DrillError(
    "STORE_FAILED",
    `Cannot list ${below}: the store says that there are more keys, but not where they start`,
    "Run it again; if it happens again, check the store and the proxies before it.",
  );
