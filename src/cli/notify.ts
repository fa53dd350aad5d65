/** `notify --test`: whether a message arrives where the configuration says. */

import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import { withoutCredentials } from "../base/text.ts";
import type { NotifyConfig } from "../config/config.ts";
import { type Context, needsNothing, withContext } from "./command/context.ts";
import { configOptions, flag, usage } from "./command/options.ts";
import { verb } from "./command/verb.ts";

export const notifyVerb = verb({
  name: "notify",
  summary: "Send a test message to the configured webhook.",
  options: {
    test: flag("send it; nothing else is sent by hand"),
    ...configOptions,
  },
  help: {
    about: `
Drills, backups and prunes send messages by themselves (docs/notify.md). The test message is made of the configured text or
JSON, with TEST as its verdict. The dead man's switch is not requested: its service would take that for a drill that passed.
Its address is only read.`,
    examples: [
      [`${PROGRAM} notify --test`, "send a test message, and show what was sent and to which host"],
    ],
  },
  run(options, shell) {
    if (!options.test) {
      throw usage(
        "notify needs --test",
        `Drills, backups and prunes notify by themselves. To see whether a message arrives: ${PROGRAM} notify --test`,
      );
    }
    return withContext(options, shell, needsNothing, async (context) => {
      const { config } = context;
      const { webhook, alive } = config.notify ?? {};
      if (!webhook) {
        throw new DrillError(
          "NOTIFICATION_FAILED",
          "Cannot send a test message: notify.webhook is not configured",
          "Add it to the configuration: docs/notify.md has an example for each service.",
        );
      }
      return await sendTest({ webhook, ...(alive ? { alive } : {}) }, config.drill.from, context);
    });
  },
});

async function sendTest(to: Required<Pick<NotifyConfig, "webhook">>, environment: string, context: Context) {
  const [{ factsOfTest }, { messageFor }, { hostOf, sendNotifications }] = await Promise.all([
    import("../notify/backup_and_prune.ts"),
    import("../notify/message.ts"),
    import("../notify/send.ts"),
  ]);
  const { reporter, signal } = context;
  const facts = factsOfTest({ environment });
  const body = withoutCredentials(messageFor(to.webhook, facts).body);
  const told = await sendNotifications(to, { webhook: true, alive: false }, facts, {
    reporter: { ...reporter, warn: () => {} }, // what failed is the error
    signal,
  });
  const [failed] = Object.entries(told).filter(([, outcome]) => outcome !== "sent");
  if (failed) {
    signal.throwIfAborted();
    throw new DrillError(
      "NOTIFICATION_FAILED",
      `Cannot send a test message by ${failed[0] === "webhook" ? "notify.webhook" : "notify.alive_url"}: ${
        failed[1].replace(/^failed: /, "")
      }`,
      "Correct notify in the configuration, or the service. Until then nobody hears of a drill that failed.",
    );
  }
  const host = await hostOf(to.webhook.url);
  context.out(`Sent to ${host} (notify.webhook), which took it:`);
  for (const line of body.split("\n")) context.out(`  ${line}`);
  return context.finish({ verdict: "pass", host, body, told });
}
