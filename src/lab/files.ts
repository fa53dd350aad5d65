/** The small files of a lab: written whole, read back, looked for. Synchronous: each takes less than a millisecond. */

import { writeWholeSync } from "../base/files.ts";

/** The content of a JSON file; undefined where there is none, or where a crash left an incomplete one. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(file)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes a file as a whole, or not at all, with exactly this mode: the lab's servers read it as another user. */
export function writeFileWhole(file: string, content: string, mode = 0o600): void {
  writeWholeSync(file, content, { mode, sync: false, formerSuffix: ".new" });
  Deno.chmodSync(file, mode);
}

export const writeJson = (file: string, value: unknown): void =>
  writeFileWhole(file, JSON.stringify(value, null, 2) + "\n", 0o644);

/** Whether there is a file, a folder or a link at `path`. */
export function fileExists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
