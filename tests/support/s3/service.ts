/** A radosgw with a proxy before it, and stores that go through it or past it. */

import { DrillError } from "../../../src/base/errors.ts";
import { type Bytes, digestOf } from "../../../src/base/streams.ts";
import { openS3Store, type S3Options, type S3Store } from "../../../src/store/drivers/s3/s3.ts";
import type { Store } from "../../../src/store/store.ts";
import { type FaultProxy, startFaultProxy } from "./fault_proxy.ts";
import { type RadosGateway, startRadosgw } from "./radosgw.ts";

export interface S3Service extends AsyncDisposable {
  gateway: RadosGateway;
  proxy: FaultProxy;
  bucket: string;
  /** Past the proxy: what is really there. */
  direct: S3Store;
  /** Through the proxy, with small parts and short waits. */
  through(options?: Partial<S3Options>): Promise<S3Store>;
}

export const MiB = 1024 * 1024;
/** The smallest that the protocol allows. */
export const SMALL_PARTS = { bytes: 5 * MiB, most: 10_000 };
export const SHORT_WAITS = {
  connects: 2000,
  isSilent: 1500,
  opens: 1500,
  answers: 20_000,
  isTriedAgain: 2500,
  cleansUp: 3000,
};

export async function startS3Service(): Promise<S3Service> {
  await using started = new AsyncDisposableStack();
  const gateway = started.use(await startRadosgw());
  const proxy = started.use(startFaultProxy(gateway.endpoint));
  const bucket = await gateway.makeBucket("company-backup");
  const { endpoint, accessKey, secretKey } = gateway;
  const options = { url: `s3://${bucket}/erp`, accessKey, secretKey };
  const direct = started.use(await openS3Store({ ...options, endpoint }));
  const resources = started.move();
  return {
    gateway,
    proxy,
    bucket,
    direct,
    async through(other = {}) {
      return resources.use(
        await openS3Store({
          ...options,
          endpoint: proxy.endpoint,
          parts: SMALL_PARTS,
          limits: SHORT_WAITS,
          ...other,
        }),
      );
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Random bytes, in chunks. */
export async function* randomBytes(bytes: number, size = 700_000): AsyncGenerator<Bytes> {
  for (let left = bytes; left > 0; left -= size) {
    const chunk = new Uint8Array(Math.min(size, left));
    for (let at = 0; at < chunk.length; at += 65_536) crypto.getRandomValues(chunk.subarray(at, at + 65_536));
    yield await Promise.resolve(chunk);
  }
}

/** Everything of an error that a person may come to see, its causes too. */
export function wholeText(error: unknown): string {
  const parts: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) {
    parts.push(
      one.message,
      one.stack ?? "",
      ...(one instanceof DrillError ? [one.hint, ...one.details] : []),
    );
    parts.push(JSON.stringify(one, Object.getOwnPropertyNames(one)));
  }
  return parts.join("\n");
}

export const digestAt = (store: Store, key: string) => digestOf(store.get(key));
