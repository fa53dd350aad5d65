/** gunzip of many small objects on a thread of its own, beside what fetches them. */

import type { Bytes } from "../../base/streams.ts";
import { startThread, type Thread } from "../thread.ts";

/** Answers a gzip with its content, or with null where it is none. */
export const startGunzip = (signal?: AbortSignal): Thread<Bytes, Bytes | null> =>
  startThread(new URL("./worker.ts", import.meta.url), "unpacks indexes", signal);
