/** The schema of `notify`: where the result of a drill, a backup and a prune is sent. */

import { z } from "zod";
import { secret, text } from "./parts.ts";

export const notifySchema = z.strictObject({
  webhook: z.strictObject({
    url: secret("the address that messages are posted to, as a reference", "env:DRILL_WEBHOOK_URL"),
    headers: z.record(z.string(), text("a text, or a reference to it", "{verb} of {environment}: {verdict}"))
      .meta({
        description: "further headers by name",
        examples: [{ Authorization: "env:DRILL_WEBHOOK_TOKEN" }],
      })
      .optional(),
    json: z.record(z.string(), z.unknown()).meta({
      description:
        "the JSON that is posted; its texts may contain {verdict} {verb} {headline} {cause} {environment} {set} {report} {hint} {culprit} {findings}",
      examples: [{ text: "{verdict} {environment}: {cause}" }],
    }).optional(),
    text: text(
      "a plain text that is posted instead of JSON; it may contain the same words in braces",
      "{cause}",
    )
      .optional(),
  }).meta({
    description:
      "gets a message for each drill, backup and prune that is FAIL or NOT RUN, and for the first PASS after one",
  })
    .optional(),
  alive_url: secret(
    "the address of a dead man's switch, requested after each PASS of a drill",
    "env:DRILL_ALIVE_URL",
  )
    .optional(),
  alive_method: z.enum(["GET", "POST"]).default("GET").meta({
    description: "the HTTP method of that request",
    examples: ["POST"],
  }),
}).meta({ description: "where the result of a drill, a backup and a prune is sent" });

export type NotifyShape = z.infer<typeof notifySchema>;
