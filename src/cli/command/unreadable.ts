/** The result of a verb that looked at a whole store and found records there that cannot be understood. */

import type { UnreadableRecord } from "../../store/records/stored_record.ts";
import { UNREADABLE_HINT } from "./output.ts";

/** The worst first: a damaged record is a finding, one of a newer version could not be looked at. Undefined: there is none. */
export function unreadableResult(unreadable: readonly UnreadableRecord[]) {
  const damaged = unreadable.find(({ error }) => error.code !== "STORE_NEWER");
  const first = damaged ?? unreadable[0];
  if (!first) return undefined;
  const { code, message, hint } = first.error;
  return {
    verdict: damaged ? "fail" as const : "not_run" as const,
    code,
    message,
    hint: damaged ? UNREADABLE_HINT : `${hint} While it cannot be read, prune deletes nothing.`,
  };
}
