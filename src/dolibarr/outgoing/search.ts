/** Looks for the calls in an installed Dolibarr, and compares them with those that were read. */

import { join } from "node:path";
import { DrillError } from "../../base/errors.ts";
import { type Calls, countCalls, unknownCalls } from "./count.ts";
import { KNOWN_CALLS } from "./known.ts";

/** What was looked at. */
export interface SearchedCode {
  /** PHP files. */
  files: number;
  calls: Calls[];
}

/** Below htdocs: libraries that ask nobody by themselves, the installer, which a finished installation has locked, and texts. */
const PASSED_OVER = ["includes", "install", "langs"];

/**
 * Counts in every PHP file of an htdocs folder; links are not followed.
 * @throws DrillError `CONFIG_INVALID` where there is no such folder; what it cannot be read with.
 */
export async function searchCode(htdocs: string): Promise<SearchedCode> {
  if (!await Deno.stat(htdocs).then(({ isDirectory }) => isDirectory, () => false)) {
    throw new DrillError(
      "CONFIG_INVALID",
      `Cannot look at the code of the ERP: ${htdocs} is not a folder of this machine`,
      "Correct `htdocs` of the environment in the configuration, or remove it.",
    );
  }
  const searched: SearchedCode = { files: 0, calls: [] };
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for await (const entry of Deno.readDir(join(htdocs, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory && !PASSED_OVER.includes(path)) folders.push(path);
      if (!entry.isFile || !/\.(php|inc|phtml)$/i.test(entry.name)) continue;
      searched.files++;
      searched.calls.push(...countCalls(path, await Deno.readTextFile(join(htdocs, path))));
    }
  }
  searched.calls.sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : 0);
  return searched;
}

/** What of them no rule of neutralising was made for. */
export const callsNotRead = ({ calls }: SearchedCode): Calls[] => unknownCalls(calls, KNOWN_CALLS);
