/** The register of the instant that is dumped, compared with the one that this night continues. */

import { findingsOfFaults } from "../../checks/findings/outcome.ts";
import { notComparedAgain, REGISTER_CHECK } from "../../checks/data/register.ts";
import { REGISTER_KINDS } from "../../dolibarr/register/judge.ts";
import type { SeenFindings } from "../findings.ts";
import { formatCount } from "../../base/numbers.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import type { Snapshot } from "../../postgres/connection/snapshot.ts";
import type { RecordedTable } from "../../store/records/manifest.ts";
import type { RegisterHead } from "../../store/records/register/head.ts";
import type { OpenRegister } from "../../store/records/register/text.ts";
import { type MadeRegister, makeRegister } from "./register.ts";
import type { ShapeOfSet } from "./shape.ts";

export type { MadeRegister };

export interface RegisterQuestion {
  environment: string;
  /** The set that it is made for. */
  set: string;
  /** The newest; and where production may have been restored since then, that of the set that was to be restored. */
  earlier: readonly OpenRegister[];
  /** What the columns of the newest good set held, where that is known. */
  good?: ShapeOfSet;
}

/**
 * Makes it. Where two earlier ones may be continued, the one from which less differs without an explanation counts: a
 * restore may have been undone. A database that cannot be asked is backed up all the same, and a warning says so.
 */
export async function registerIn(
  instant: Snapshot,
  tables: readonly RecordedTable[],
  { environment, set, earlier }: RegisterQuestion,
  { shape, notes }: { shape: RegisterHead["shape"]; notes: readonly string[] },
  reporter: Reporter,
): Promise<MadeRegister | undefined> {
  using step = reporter.step("Comparing what the law keeps with the night before");
  const made: MadeRegister[] = [];
  for (const one of earlier.length > 0 ? earlier : [undefined]) {
    const options = {
      ...{ environment, set, tables, notes },
      ...(one ? { earlier: one } : {}),
      ...(shape ? { shape } : {}),
    };
    const found = await instant.attempt((session) => makeRegister({ ...options, session }));
    if ("found" in found) made.push(found.found);
    else reporter.warn(`What the law keeps unchanged was not compared: ${found.error.message}`);
  }
  const [first, restored] = made;
  if (!first) return undefined;
  const register = restored && restored.faults.length < first.faults.length ? restored : first;
  if (register === restored) {
    register.head.notes.unshift(`Production was set back to ${environment}/${register.head.comparedWith}`);
  }
  for (const note of register.head.notes.slice(0, MOST_TOLD)) reporter.note(note);
  step.end(
    register.head.comparedWith === undefined ? "the first" : formatCount(register.faults.length, "finding"),
  );
  return register;
}

const MOST_TOLD = 20;

/**
 * What the register found, as findings of the drill's check. Where nothing was compared, or not all in which something was
 * found before, nothing counts as looked at: it would end a finding.
 */
export function registerFindings({ faults, histories, head }: MadeRegister): SeenFindings {
  if (head.comparedWith === undefined) return { covers: [], findings: [] };
  const compared =
    `what the law keeps unchanged against the register of ${head.environment}/${head.comparedWith}`;
  return {
    covers: notComparedAgain(head).length > 0
      ? []
      : REGISTER_KINDS.map((kind) => `${REGISTER_CHECK}/${kind}`),
    findings: findingsOfFaults(faults, { check: REGISTER_CHECK, with: compared }).map((finding, at) => {
      const history = histories[at];
      return history ? { ...finding, history } : finding;
    }),
  };
}
