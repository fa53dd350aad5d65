/** The JSON Schema of `dolibarr-drill.yaml`, for editors; docs/dolibarr-drill.schema.json is its printed form. */

import { z } from "zod";
import { fileSchema } from "./schema.ts";

/** Where the printed form lies, below the project's folder. */
export const SCHEMA_FILE = "docs/dolibarr-drill.schema.json";

/** The schema as text, as it is kept in the file. */
export function jsonSchemaText(): string {
  return JSON.stringify(z.toJSONSchema(fileSchema, { io: "input" }), null, 2) + "\n";
}
