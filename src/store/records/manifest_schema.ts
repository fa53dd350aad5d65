/** The JSON Schema of a manifest, for whoever reads a store without this tool; docs/manifest.schema.json is its printed form. */

import { z } from "zod";
import { manifestSchema } from "./manifest.ts";

/** Where the printed form lies, below the project's folder. */
export const MANIFEST_SCHEMA_FILE = "docs/manifest.schema.json";

/** The schema as text, as it is kept in the file. */
export function manifestSchemaText(): string {
  const schema = {
    title: "The manifest of a backup set",
    description: "PREFIX/<environment>/manifests/<set>.json: what makes a backup set exist (docs/store.md)",
    ...z.toJSONSchema(manifestSchema, { io: "input" }),
  };
  return JSON.stringify(schema, null, 2) + "\n";
}
