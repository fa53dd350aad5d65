/** What a search leaves on this machine, so that the next one reads little from the store. All of it can be made again. */

import { join } from "node:path";
import { writeWhole } from "../../base/files.ts";
import { sha256Of } from "../../base/streams.ts";
import type { IndexCache } from "../../store/sets/index_cache.ts";
import type { Store } from "../../store/store.ts";

/** A text that is remembered of an environment of a store. `form` changes with what the text looks like. */
export interface Remembered {
  cache: IndexCache;
  store: Pick<Store, "url" | "endpoint">;
  environment: string;
  form: "sets-1" | "documents-1";
}

/** What was remembered; undefined where there is nothing, or where it is damaged. */
export async function recall(what: Remembered): Promise<string | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(fileOf(what));
  } catch {
    return undefined; // not there, or not ours to read: the store has it
  }
  const [hash, body] = [text.slice(0, HASH_LENGTH), text.slice(HASH_LENGTH + 1)];
  return hash === sha256Of(body) ? body : undefined;
}

/** A cache that cannot be written to only costs time. */
export async function remember(what: Remembered, body: string): Promise<void> {
  try {
    await Deno.mkdir(what.cache.folder, { recursive: true, mode: 0o700 });
    await writeWhole(fileOf(what), `${sha256Of(body)}\n${body}`, { sync: false });
  } catch {
    return; // a full disk, a read-only home, another search that writes it too
  }
}

const HASH_LENGTH = 64;

const fileOf = ({ cache, store, environment, form }: Remembered): string =>
  join(cache.folder, `${sha256Of([store.endpoint, store.url, environment].join("\n")).slice(0, 32)}.${form}`);
