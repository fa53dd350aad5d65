/** `checkpoint`. */

import { DrillError, type ExitStatus } from "../base/errors.ts";
import type { Options } from "./options.ts";
import type { Shell } from "./shell.ts";

export function run(_options: Options, _shell: Shell): Promise<ExitStatus> {
  return Promise.reject(
    new DrillError("NOT_BUILT_YET", "Cannot checkpoint: it is not built yet", "Use restore."),
  );
}
