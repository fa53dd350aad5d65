/** What `rearm` would do, step by step: what a killed run left is looked for, and nothing is changed. */

import { messageOf } from "../../base/errors.ts";
import { holderName } from "../../base/process/holder.ts";
import { drillAccounts } from "../../dolibarr/sandbox/drill_account.ts";
import { leftMarks } from "../../dolibarr/sandbox/marks.ts";
import { readRestoreId } from "../../dolibarr/sandbox/restore_id.ts";
import { leftoversAt } from "../../documents/swap/leftovers.ts";
import { realRoots } from "../../documents/swap/real_root.ts";
import { unfinishedRestore } from "../../documents/swap/swap.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { connect, type Session } from "../../postgres/connection/session.ts";
import { readControlNote } from "../checkpoint/control_note.ts";
import { leftoverStages } from "../load/staged_rollback.ts";

export interface RearmFinding {
  title: string;
  /** Whether `rearm` would do something about it. `unknown`: it could not be looked at. */
  would: "nothing" | "act" | "unknown";
  /** A sentence without its full stop. */
  what: string;
}

const NOTHING = { would: "nothing", what: "there is nothing to do" } as const;
const act = (what: string) => ({ would: "act", what }) as const;

/** Looks at the same things as `rearm`, in its order. Needs no lease. */
export async function surveyRearm(target: OpenEnvironment): Promise<RearmFinding[]> {
  await using open = new AsyncDisposableStack();
  let opening: Promise<Session> | undefined;
  const database = () => opening ??= connect(target.database).then((session) => open.use(session));
  const looks: [title: string, look: () => Promise<Omit<RearmFinding, "title">>][] = [
    ["Notes of an earlier version", () => Promise.resolve(formerNotes(target))],
    ["Database of a restore in stages", () => stages(target)],
    ["Documents of an unfinished restore", () => documents(target, database)],
    ["Sandbox that a drill broke on purpose", () => control(target)],
    ["Accounts that a drill made", () => removable(target, () => database().then(drillAccounts))],
    [
      "Marks that a drill wrote",
      () => removable(target, async () => leftMarks(await database(), target.documents)),
    ],
    ["The ERP", () => workload(target)],
  ];
  const found: RearmFinding[] = [];
  for (const [title, look] of looks) {
    try {
      found.push({ title, ...await look() });
    } catch (error) {
      found.push({ title, would: "unknown", what: messageOf(error) });
    }
  }
  return found;
}

function formerNotes(target: OpenEnvironment) {
  const left = realRoots(target).flatMap(leftoversAt);
  if (left.length === 0) return NOTHING;
  const words = left.map(({ path, doubt }) =>
    doubt === undefined ? path : `${path} (not believed: ${doubt})`
  );
  return act(`would be looked at: ${words.join("; ")}`);
}

async function stages({ state }: OpenEnvironment) {
  const folder = await leftoverStages(state);
  return folder === undefined
    ? NOTHING
    : act(`what was saved in ${folder} would be put back, or removed where the restore had been committed`);
}

async function documents({ state }: OpenEnvironment, database: () => Promise<Session>) {
  const left = await unfinishedRestore(state);
  if (left === undefined) return NOTHING;
  return await readRestoreId((await database()).ask) === left
    ? act("the restore had been committed: its new documents would be put in place")
    : act("the restore had not been committed: the old documents would be put back");
}

async function control({ state }: OpenEnvironment) {
  const note = await readControlNote(state);
  return note ? act(`it would be reset: ${note.by}, for the check ${note.check}`) : NOTHING;
}

async function removable({ disposable }: OpenEnvironment, list: () => Promise<string[]>) {
  if (!disposable) return NOTHING; // no drill writes there
  const there = await list();
  return there.length === 0 ? NOTHING : act(`would be removed: ${there.join(", ")}`);
}

async function workload({ workload }: OpenEnvironment) {
  const note = await workload.left();
  if (!note) return NOTHING;
  const by = `${holderName(note.holder)} stopped it at ${note.since}`;
  return act(
    note.wasUp ? `${by}; it would be started` : `${by}; it was down before that, and would stay down`,
  );
}
