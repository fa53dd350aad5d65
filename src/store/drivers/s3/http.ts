/**
 * How the SDK's requests are sent. Small ones, and all that read, use the runtime's `fetch`: through its node sockets the
 * same download takes twice as long and twice the memory (335 MB for 1 GiB, tried on Deno 2.9.6). A part of an upload uses
 * those sockets, in slices: with `fetch` a slow line cannot be distinguished from a dead one.
 */

import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Readable } from "node:stream";
import { messageOf } from "../../../base/errors.ts";

/** Limits in ms: for a connection, for silence on either side, for a whole request. */
export interface HttpLimits {
  connects: number;
  isSilent: number;
  answers: number;
}

type Handle = NodeHttpHandler["handle"];
type Request = Parameters<Handle>[0];
type Answer = Awaited<ReturnType<Handle>>;

/** How many bytes are handed to a socket at once. Whole, a part of 32 MiB on a slow line looks like silence to it. */
const SLICE = 64 * 1024;

/** A request handler for the SDK's client. */
export function requestHandler(limits: HttpLimits): NonNullable<S3ClientConfig["requestHandler"]> {
  const sockets = new NodeHttpHandler({
    connectionTimeout: limits.connects,
    socketTimeout: limits.isSilent,
    requestTimeout: limits.answers,
    throwOnRequestTimeout: true,
  });
  const handle: Handle = (request, options) => {
    const { body } = request;
    if (!(body instanceof Uint8Array) || body.length <= SLICE) {
      return fetched(request, limits, options?.abortSignal as AbortSignal | undefined);
    }
    return sockets.handle(Object.assign(request.clone(), { body: Readable.from(slicesOf(body)) }), options);
  };
  return {
    metadata: sockets.metadata,
    handle,
    destroy: () => sockets.destroy(),
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
}

async function fetched(request: Request, limits: HttpLimits, signal?: AbortSignal): Promise<Answer> {
  const { host: _host, "content-length": _length, ...headers } = request.headers;
  const end = new AbortController();
  const onAbort = () => end.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const wait = request.method === "POST" ? limits.answers : limits.isSilent; // a completion may take long
  const limit = setTimeout(() => end.abort(silence(wait)), wait);
  try {
    const response = await fetch(urlOf(request), {
      method: request.method,
      headers: { ...headers, "accept-encoding": "identity" },
      body: request.body,
      redirect: "manual", // the signature is for one server
      signal: end.signal,
    });
    const streams = response.ok && request.query["x-id"] === "GetObject"; // its reader has limits of its own
    return {
      response: {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        body: streams ? response.body : new Response(await response.arrayBuffer()).body,
      },
    } as Answer;
  } catch (error) {
    throw end.signal.aborted ? end.signal.reason : socketError(error);
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** An error of `fetch`, which has only words, with the system's code for it. */
export function socketError(error: unknown): Error {
  const cause = error instanceof Error ? error.cause : undefined;
  const text = messageOf(cause ?? error);
  const code = /refused/i.test(text)
    ? "ECONNREFUSED"
    : /dns error|failed to lookup/i.test(text)
    ? "ENOTFOUND"
    : /InvalidContentType|InvalidMessage/.test(text) // no TLS record came back (rustls)
    ? "ERR_SSL_WRONG_VERSION_NUMBER"
    : /certificate|UnknownIssuer|NotValidForName/i.test(text)
    ? "CERTIFICATE"
    : "ECONNRESET";
  return Object.assign(new Error(text, { cause: error }), { code });
}

/** Nothing came for `ms`. */
export const silence = (ms: number): Error =>
  Object.assign(new Error(`nothing came for ${ms} ms`), { name: "TimeoutError" });

function urlOf({ protocol, hostname, port, path, query }: Request): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => encode(name) + (value === null ? "" : `=${encode(value)}`))
  );
  return `${protocol}//${hostname}${port ? `:${port}` : ""}${path}${
    pairs.length > 0 ? `?${pairs.join("&")}` : ""
  }`;
}

/** As it was signed: also what encodeURIComponent leaves alone. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function* slicesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += SLICE) yield body.subarray(at, at + SLICE);
}
