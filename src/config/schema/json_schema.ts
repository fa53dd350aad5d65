/** The JSON Schema of `dolibarr-drill.yaml`, for editors; docs/dolibarr-drill.schema.json is its printed form. */

import { z } from "zod";
import { fileSchema } from "./schema.ts";

/** The path of the printed form in the repository. */
export const SCHEMA_FILE = "docs/dolibarr-drill.schema.json";

/** The schema as the text of that file. */
export function jsonSchemaText(): string {
  return JSON.stringify(z.toJSONSchema(fileSchema, { io: "input" }), null, 2) + "\n";
}
