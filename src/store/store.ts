/** One interface for a store of objects. Drivers: drivers/file.ts, drivers/s3/s3.ts. No driver is trusted: what was put is read back. */

import type { Bytes } from "../base/streams.ts";

export interface ObjectInfo {
  /** Below the store's URL: `prod/db/20260630T155313Z.dump`. */
  key: string;
  bytes: number;
  /** By the store's own clock. */
  modified: Date;
}

/** What an upload that broke off left in the store: parts that no listing shows, and that are paid for. */
export interface UnfinishedUpload {
  key: string;
  /** The store's own name for it. */
  id: string;
  /** By the store's own clock. */
  startedAt: Date;
}

/**
 * Objects by their keys.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesOf, digestOf, hashed } from "../base/streams.ts";
 * import { openFileStore } from "./drivers/file.ts";
 *
 * const folder = await Deno.makeTempDir();
 * const store: Store = await openFileStore(`file://${folder}`);
 * const key = "prod/db/20260630T155313Z.dump";
 *
 * const sent = hashed(bytesOf("the bytes of a dump"));
 * await store.put(key, sent.stream);
 * assertEquals(await digestOf(store.get(key)), sent.digest()); // only now it is trusted
 *
 * assertEquals((await store.head(key))?.bytes, 19);
 * assertEquals((await Array.fromAsync(store.list("prod/"))).map((info) => info.key), [key]);
 * await store.delete(key);
 * assertEquals(await store.head(key), undefined);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export interface Store {
  /** As in the configuration, without secrets: for messages. */
  readonly url: string;
  /** The address of the S3 service, where one was named. */
  readonly endpoint?: string;
  /**
   * Stores a stream of unknown length under `key`, whole or not at all. The caller is responsible for verification: hash the
   * bytes while sending, then read them back.
   * @throws DrillError `STORE_FAILED`, `DISK_FULL`, `STORE_UNREACHABLE`; nothing is then visible under `key`.
   */
  put(key: string, body: AsyncIterable<Bytes>): Promise<void>;
  /**
   * The object's bytes, or those from `offset` on: none where it ends before. A transfer that breaks off is an error, never
   * a shorter object.
   * @throws DrillError `OBJECT_MISSING` when there is none.
   */
  get(key: string, range?: { offset: number; length?: number }): AsyncIterable<Bytes>;
  /**
   * The file that holds the object's bytes, where the store is a folder of this machine: for a program that reads them by
   * itself. It is not looked for: an object that is not there has a path too.
   */
  fileOf?(key: string): string;
  /** The object's size and time; undefined when there is none. */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Every object whose key starts with `prefix`, in the order of their keys. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Deletes one object; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /** Uploads below `prefix` that are not finished: interrupted, or still running. None where a driver has no such thing. */
  unfinishedUploads(prefix: string): AsyncIterable<UnfinishedUpload>;
  /** Removes what such an upload has left; one that is not there is no error. */
  abortUpload(upload: UnfinishedUpload): Promise<void>;
}
