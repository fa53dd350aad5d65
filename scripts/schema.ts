/**
 * Writes docs/dolibarr-drill.schema.json, which editors use to complete and check dolibarr-drill.yaml.
 * With --check it only says whether the file is current: exit status 1 when it is not.
 */

import { jsonSchemaText, SCHEMA_FILE } from "../src/config/json_schema.ts";

/** True when the kept file says what the code says. */
export async function isCurrent(file: URL = schemaUrl()): Promise<boolean> {
  try {
    return await Deno.readTextFile(file) === jsonSchemaText();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function schemaUrl(): URL {
  return new URL(`../${SCHEMA_FILE}`, import.meta.url);
}

async function say(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(line + "\n"));
}

if (import.meta.main) {
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(schemaUrl(), jsonSchemaText());
    await say(`Wrote ${SCHEMA_FILE}`);
  } else if (!await isCurrent()) {
    await say(`${SCHEMA_FILE} is not current: run deno task schema`);
    Deno.exit(1);
  }
}
