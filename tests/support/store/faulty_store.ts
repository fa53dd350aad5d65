/** A store that fails at its n-th call. */

import type { Store } from "../../../src/store/store.ts";

/**
 * `dies`: that call and every later one does nothing, as after `kill -9`. `fails`: that call alone does nothing. `answer lost`:
 * that call does what it should and says that it failed.
 */
export type Fault = "dies" | "fails" | "answer lost";

export interface FaultyStore extends Store {
  /** The number of calls. */
  calls(): number;
}

/** `store`, with `fault` at its call number `at`, counted from 1; 0: never. */
export function faultyStore(store: Store, at: number, fault: Fault): FaultyStore {
  let calls = 0;
  const failure = () => new Error(`the store fails at call ${at}`);
  /** Whether the call does anything; throws where it does not. */
  const begin = (): boolean => {
    calls++;
    if (calls === at && fault === "answer lost") return true;
    if (calls === at || (fault === "dies" && at > 0 && calls > at)) throw failure();
    return false;
  };
  const call = async <T>(action: () => Promise<T>): Promise<T> => {
    const lost = begin();
    const answer = await action();
    if (lost) throw failure();
    return answer;
  };
  async function* stream<T>(source: () => AsyncIterable<T>): AsyncGenerator<T> {
    const lost = begin();
    yield* source();
    if (lost) throw failure();
  }
  return {
    url: store.url,
    calls: () => calls,
    put: (key, body) => call(() => store.put(key, body)),
    get: (key, range) => stream(() => store.get(key, range)),
    head: (key) => call(() => store.head(key)),
    list: (prefix) => stream(() => store.list(prefix)),
    delete: (key) => call(() => store.delete(key)),
    unfinishedUploads: (prefix) => stream(() => store.unfinishedUploads(prefix)),
    abortUpload: (upload) => call(() => store.abortUpload(upload)),
  };
}
