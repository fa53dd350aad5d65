/** Who is told how a drill ended, as it stands in the configuration; notify.ts tells what goes together. */

import { z } from "zod";
import { secret, text } from "./parts.ts";

export const notifySchema = z.strictObject({
  webhook: z.strictObject({
    url: secret("the address that is posted to, as a reference", "env:DRILL_WEBHOOK_URL"),
    headers: z.record(z.string(), text("a text, or a reference to it", "drill of {environment}: {verdict}"))
      .meta({
        description: "further headers by name",
        examples: [{ Authorization: "env:DRILL_WEBHOOK_TOKEN" }],
      })
      .optional(),
    json: z.record(z.string(), z.unknown()).meta({
      description:
        "the JSON that is posted; its texts may hold {verdict} {headline} {cause} {environment} {set} {report} {hint}",
      examples: [{ text: "{verdict} {environment}: {cause}" }],
    }).optional(),
    text: text("a plain text that is posted instead of JSON, with the same words in braces", "{cause}")
      .optional(),
  }).meta({ description: "told of each FAIL and NOT RUN, and of the first PASS after it" }).optional(),
  alive_url: secret("the address of a dead man's switch, asked for after each PASS", "env:DRILL_ALIVE_URL")
    .optional(),
  alive_method: z.enum(["GET", "POST"]).default("GET").meta({
    description: "how that address is asked for",
    examples: ["POST"],
  }),
}).meta({ description: "who is told how a drill ended" });

export type NotifyShape = z.infer<typeof notifySchema>;
