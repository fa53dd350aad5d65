/** The negative control of one night: which check it is the turn of, when what is kept, and where in the drill it is tried. */

import { messageOf } from "../../base/errors.ts";
import type { openBrowser } from "../../dolibarr/pages/visit/browser.ts";
import { readNewestDrills, type UnreadableDrill } from "../../store/records/drills.ts";
import { type Changes, type Check, isWithin } from "../../checks/check.ts";
import { browserChecks } from "../../checks/browser/browser_checks.ts";
import {
  type BrowserContext,
  type BrowserFacts,
  openVisitor,
  SIGNED_IN,
} from "../../checks/browser/context.ts";
import type { DataContext } from "../../checks/data/context.ts";
import { dataChecks } from "../../checks/all_checks.ts";
import { durationChecks, type DurationContext } from "../../checks/duration.ts";
import { chooseControl, type Tried, triedOf } from "../../report/control_choice.ts";
import {
  type ControlCandidate,
  controlNotRun,
  type ControlOptions,
  runControl,
  type SavedSandbox,
  saveSandbox,
} from "./run.ts";
import { HISTORY_DRILLS } from "../../report/history.ts";
import type { DrillRecord } from "../record/record.ts";
import { signOut } from "../browser/sign_out.ts";
import { CONTROL_PHASE, type Level } from "../../checks/result.ts";
import { runCheck } from "../../checks/run.ts";

export interface NightControlOptions extends ControlOptions {
  /** The environment whose drills are the history. */
  from: string;
  seed: string;
  level: Level;
  /** False: none is tried. */
  control?: boolean;
}

/** More of documents is not copied for a control: the ways that touch them have no turn then. In bytes. */
const COPIES_AT_MOST = 4 * 1024 ** 3;

export type NightControl = Awaited<ReturnType<typeof newNightControl>>;

/** What is tried where: a check's own twin needs the context of its kind. */
type Candidate =
  | { kind: "data"; id: string; check: Check<DataContext> }
  | { kind: "browser"; id: string; check: Check<BrowserContext> }
  | { kind: "time"; id: string; check: Check<DurationContext> };

/** Reads when each was tried last. A history that cannot be read leaves the choice to the seed. */
export async function newNightControl(record: DrillRecord, options: NightControlOptions) {
  const { level, seed, control = false, signal, reporter } = options;
  const history = control ? await readTried(options) : [];
  const lastTried = (id: string): Date | undefined => history.find(({ check }) => check === id)?.at;
  let chosen: Candidate | undefined;
  let kept: SavedSandbox | undefined;

  const choose = (from: readonly Candidate[], documentBytes: number) =>
    chooseControl(
      from.filter(({ check }) =>
        isWithin(check.level, level) && (touchedBy(check) !== "documents" || documentBytes <= COPIES_AT_MOST)
      ),
      history,
      seed,
    );
  /** Keeps the sandbox as it is; where it cannot be, that is the night's control. */
  async function keep(check: ControlCandidate): Promise<boolean> {
    const changes = touchedBy(check);
    if (changes === "nothing") return true;
    try {
      kept = await saveSandbox(changes, options);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      record.addControl(controlNotRun(check, error, lastTried(check.id)));
      chosen = undefined;
      return false;
    }
  }
  const phase = <T>(body: () => Promise<T>) => record.phase(CONTROL_PHASE, body);

  return {
    /**
     * Chooses, when the checks on the data are done: what one of them looked at is kept now, before the drill's own
     * account, its marks and the visits change it.
     */
    async prepare(data: DataContext): Promise<void> {
      if (!control || record.verdict() !== "pass") return;
      const passed = CANDIDATES.filter(({ kind, id }) => kind !== "data" || record.hasPassed(id));
      chosen = choose(passed, data.proof.documents.bytes);
      if (chosen?.kind !== "data") return;
      const { check } = chosen;
      await phase(() => keep(check));
    },
    /** After all pages were seen, with the account and the marks still there. */
    async afterPages(
      browser: Awaited<ReturnType<typeof openBrowser>>,
      facts: BrowserFacts,
      data: DataContext,
    ): Promise<void> {
      if (chosen?.kind !== "browser" || record.verdict() !== "pass") return;
      if (!record.hasPassed(chosen.id)) { // what it looks at is not there: another one's turn
        const passed = CANDIDATES.filter(({ kind, id }) => kind === "browser" && record.hasPassed(id));
        chosen = choose(passed, data.proof.documents.bytes);
      }
      if (chosen?.kind !== "browser") return;
      const { check } = chosen;
      await phase(async () => {
        if (!await keep(check)) return;
        await using visitor = await openVisitor(browser, facts);
        const look = () => signedIn(visitor, check, signal);
        const how = { again: false, lastTried: lastTried(check.id), signal };
        record.addControl(await runControl(check, look, kept, how));
        if (options.sandbox.web.account) await signOut(visitor, reporter);
      });
    },
    /** Last of all, when nothing of the drill's own is left in the sandbox. */
    async atTheEnd(data: DataContext, time: DurationContext): Promise<void> {
      if (!chosen || chosen.kind === "browser" || record.verdict() !== "pass") return;
      const one = chosen;
      await phase(async () => {
        const how = { again: true, lastTried: lastTried(one.id), signal };
        if (one.kind === "time") {
          return record.addControl(await runControl(one.check, () => Promise.resolve(time), kept, how));
        }
        const look = async () => {
          await kept?.reset();
          return data;
        };
        record.addControl(await runControl(one.check, look, kept, how));
      });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await kept?.[Symbol.asyncDispose]();
    },
  };

  async function readTried({ store, from }: NightControlOptions): Promise<Tried[]> {
    const onUnreadable = ({ error }: UnreadableDrill) =>
      reporter.warn(`A drill is left out: ${error.message}`);
    try {
      return triedOf(
        (await readNewestDrills(store, from, HISTORY_DRILLS, onUnreadable)).map(({ found }) => found),
      );
    } catch (error) {
      reporter.warn(`When each negative control was tried last could not be read: ${messageOf(error)}`);
      return [];
    }
  }
}

const CANDIDATES: readonly Candidate[] = [
  ...dataChecks.map((check) => ({ kind: "data" as const, id: check.id, check })),
  ...browserChecks.map((check) => ({ kind: "browser" as const, id: check.id, check })),
  ...durationChecks.map((check) => ({ kind: "time" as const, id: check.id, check })),
];

const touchedBy = ({ twin: { changes = "documents" } }: ControlCandidate): Changes => changes;

/** A page behind the sign-in is looked at by one who has signed in before it was broken. */
async function signedIn(
  context: BrowserContext,
  check: Check<BrowserContext>,
  signal: AbortSignal,
): Promise<BrowserContext> {
  const signIn = browserChecks.find(({ id }) => id === "browser.sign_in");
  if (!signIn || check.id === signIn.id || check.given !== SIGNED_IN) return context;
  const { verdict, message } = await runCheck(signIn, context, signal);
  if (verdict !== "pass") throw new TypeError(`nobody can sign in a second time: ${message}`);
  return context;
}
