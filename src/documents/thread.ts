/** A thread that answers one message after the other, and what such messages hold when many files are worked on. */

import { DrillError } from "../base/errors.ts";

/** What a thread sends back: what it found, or the DrillError that it failed with, which loses its class on the way. */
type ThreadAnswer<T> = { found: T } | { failed: Pick<DrillError, "code" | "message" | "hint"> };

/** Disposing ends it, whatever it has not answered yet. */
export interface Thread<Request, T> extends Disposable {
  /** @throws DrillError that the thread answered; the signal's reason. */
  ask(request: Request): Promise<T>;
}

/**
 * @param url a module that answers each message by what `answerOf` makes
 * @param does for a message: "copies files"
 */
export function startThread<Request, T>(url: URL, does: string, signal?: AbortSignal): Thread<Request, T> {
  const thread = new Worker(url, { type: "module" });
  const waiting: PromiseWithResolvers<T>[] = [];
  let over: { reason: unknown } | undefined;
  const end = (reason: unknown) => {
    over ??= { reason };
    for (const one of waiting.splice(0)) one.reject(reason);
  };
  const onAbort = () => {
    thread.terminate();
    end(signal?.reason);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  thread.onmessage = ({ data }: MessageEvent<ThreadAnswer<T>>) => {
    const asked = waiting.shift();
    if ("found" in data) asked?.resolve(data.found);
    else asked?.reject(new DrillError(data.failed.code, data.failed.message, data.failed.hint));
  };
  thread.onerror = (event) => {
    event.preventDefault();
    end(new Error(`the thread that ${does} failed: ${event.message}`));
  };
  return {
    ask(request) {
      signal?.throwIfAborted();
      if (over) return Promise.reject(over.reason);
      const asked = Promise.withResolvers<T>();
      waiting.push(asked);
      thread.postMessage(request);
      return asked.promise;
    },
    [Symbol.dispose]() {
      signal?.removeEventListener("abort", onAbort);
      thread.terminate();
      end(new Error(`the thread that ${does} was ended`));
    },
  };
}

/** What the thread sends back, of what `act` returns or throws. */
export function answerOf<T>(act: () => T): ThreadAnswer<T> {
  try {
    return { found: act() };
  } catch (error) {
    if (!(error instanceof DrillError)) throw error;
    const { code, message, hint } = error;
    return { failed: { code, message, hint } };
  }
}

/** So much, or so many small files, are one message: small ones must not cost one each. */
const MESSAGE_BYTES = 32 * 1024 * 1024;
const MESSAGE_FILES = 256;

/** `files` in their order, in parts of which each is one message. */
export function* inMessages<File extends { bytes: number }>(
  files: readonly File[],
): Generator<File[], void, void> {
  let [part, bytes]: [File[], number] = [[], 0];
  for (const file of files) {
    part.push(file);
    bytes += file.bytes;
    if (part.length < MESSAGE_FILES && bytes < MESSAGE_BYTES) continue;
    yield part;
    [part, bytes] = [[], 0];
  }
  if (part.length > 0) yield part;
}
