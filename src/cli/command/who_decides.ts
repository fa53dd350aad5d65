/** Who decides something that is recorded. */

import { hostname } from "node:os";
import { oneLine } from "../../base/text.ts";
import type { Context } from "./context.ts";

/** The login and the machine, as far as they are known: `anna@backup`. */
export const whoDecides = ({ env }: Pick<Context, "env">): string =>
  oneLine(`${env("USER") || env("LOGNAME") || "unknown"}@${hostname()}`);
