/**
 * Writes the JSON Schemas below docs/: of dolibarr-drill.yaml, with which editors complete and check it, and of a backup
 * set's manifest, for whoever reads a store without this tool. With --check it only says whether the files are current:
 * exit status 1 when one is not.
 */

import { jsonSchemaText, SCHEMA_FILE } from "../src/config/schema/json_schema.ts";
import { MANIFEST_SCHEMA_FILE, manifestSchemaText } from "../src/store/records/manifest.ts";

/** What each file says, by its path below the project's folder. */
export const SCHEMAS: Readonly<Record<string, () => string>> = {
  [SCHEMA_FILE]: jsonSchemaText,
  [MANIFEST_SCHEMA_FILE]: manifestSchemaText,
};

/** True when the kept file says what the code says. */
export async function isCurrent(path: string, file: URL = urlOf(path)): Promise<boolean> {
  try {
    return await Deno.readTextFile(file) === SCHEMAS[path]?.();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function urlOf(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

async function say(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(line + "\n"));
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(SCHEMAS)) {
    if (!Deno.args.includes("--check")) {
      await Deno.writeTextFile(urlOf(path), text());
      await say(`Wrote ${path}`);
    } else if (!await isCurrent(path)) {
      await say(`${path} is not current: run deno task schema`);
      Deno.exitCode = 1;
    }
  }
}
