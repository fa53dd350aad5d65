/** `findings accept` and `findings withdraw`: a person's decisions, written beside those before them. */

import type { ExitStatus } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import { oneLine } from "../../base/text.ts";
import {
  acceptancesOf,
  decideAcceptance,
  type Decided,
  findByCheck,
  findByIds,
  untilProblem,
} from "../../checks/findings/decision.ts";
import type { AgedFinding } from "../../checks/findings/age.ts";
import { sinceText, untilText } from "../../report/finding_words.ts";
import {
  type Acceptance,
  type Acceptances,
  putAcceptance,
  readAcceptanceAt,
} from "../../store/records/acceptances.ts";
import { findingHash, type FindingIdentity } from "../../store/records/finding_schema.ts";
import { listKeys } from "../../store/keys.ts";
import type { Store } from "../../store/store.ts";
import type { Context } from "../command/context.ts";
import { endDryRun } from "../command/dry_run.ts";
import { usage } from "../command/options.ts";
import { whoDecides } from "../command/who_decides.ts";
import { askYesNo, canAsk } from "./ask.ts";
import { findingEvent } from "./event.ts";
import { openFindings } from "./known.ts";

export interface AcceptRequest {
  ids: readonly string[];
  /** Instead of ids: the check whose open findings are meant. */
  allOf: string | undefined;
  until: string;
  reason: string;
  /** Whether `allOf` is not to be asked about. */
  yes: boolean;
  /** Whether it is only shown. */
  dryRun: boolean;
}

/** @throws DrillError `USAGE`, `FINDING_UNKNOWN`: then nothing was written. */
export async function accept(
  { ids, allOf, until, reason, yes, dryRun }: AcceptRequest,
  env: string | undefined,
  context: Context,
): Promise<ExitStatus> {
  const problem = untilProblem(until, new Date());
  if (problem) throw usage(`--until ${until} ${problem}`, "For example: --until 2027-03-31");
  const { environment, known, store, now } = await openFindings(env, context);
  const before = await decisionKeys(store, environment);
  const chosen = allOf === undefined
    ? findByIds(ids, known.standing, environment)
    : findByCheck(allOf, known.standing, environment);
  const decided = decideAcceptance(chosen, { until, reason }, environment);
  if (dryRun) {
    const lines = decided.map(({ standing: { finding }, change }) =>
      change === "same"
        ? `${oneLine(finding.id)} is accepted so already`
        : `${oneLine(finding.id)} would be accepted ${untilText(until)}: ${oneLine(reason)}`
    );
    return endDryRun(context, lines, { environment, accepted: 0 });
  }
  if (allOf !== undefined && chosen.length === 0) {
    context.out(`${environment}: no finding of ${allOf} is open`);
  } else if (allOf !== undefined && !await isConfirmed(chosen, { yes, now }, context)) {
    context.say("Nothing was accepted.");
    return context.finish({ verdict: "pass", environment, accepted: 0 });
  }

  const written: Acceptance[] = [];
  for (const { standing, change } of decided) {
    const { accepted, ...finding } = standing.finding;
    if (accepted && change === "same") {
      context.out(
        `${oneLine(finding.id)} is accepted ${untilText(until)} already, by ${oneLine(accepted.by)} on ${
          accepted.at.slice(0, 10)
        }: ${oneLine(reason)}`,
      );
      continue;
    }
    const decision = {
      environment,
      finding,
      until,
      reason,
      by: whoDecides(context),
      at: momentAfter(finding, known.acceptances),
    };
    await write(decision, store, written);
    tellAccepted(standing, decision, context);
  }
  tellNoLongerKept(decided.filter(({ change }) => change !== "same"), environment, context);
  await tellOfOthers(written, before, store, environment, context);
  return context.finish({ verdict: "pass", environment, accepted: written.length });
}

/** @throws DrillError `FINDING_UNKNOWN` where one of them is not accepted: then nothing was written. */
export async function withdraw(
  { ids, reason, dryRun }: { ids: readonly string[]; reason: string | undefined; dryRun: boolean },
  env: string | undefined,
  context: Context,
): Promise<ExitStatus> {
  const { environment, known, store, now } = await openFindings(env, context);
  const before = await decisionKeys(store, environment);
  const inForce = [...new Set(ids)].flatMap((id) => acceptancesOf(id, known.acceptances, now, environment));
  if (dryRun) {
    const lines = inForce.map(({ finding, until }) =>
      `${oneLine(finding.id)} would no longer be accepted ${untilText(until ?? "never")}`
    );
    return endDryRun(context, lines, { environment, withdrawn: 0 });
  }
  const written: Acceptance[] = [];
  for (const { finding, until = "never" } of inForce) {
    await write(
      {
        environment,
        finding,
        reason: reason?.trim() || "withdrawn",
        by: whoDecides(context),
        at: momentAfter(finding, known.acceptances),
      },
      store,
      written,
    );
    const stands = known.standing.some((one) => one.finding.id === finding.id);
    const then = stands ? "it is open, and the next drill fails over it" : "it does not stand now";
    context.out(`${oneLine(finding.id)} is no longer accepted ${untilText(until)}: ${then}`);
    const state = stands ? "open" : "gone";
    context.event({ event: "finding", environment, id: finding.id, state, sentence: finding.sentence });
  }
  await tellOfOthers(written, before, store, environment, context);
  return context.finish({ verdict: "pass", environment, withdrawn: written.length });
}

/** Lists what is about to be accepted, and asks. @throws DrillError `USAGE` where nobody can be asked. */
async function isConfirmed(
  chosen: readonly AgedFinding[],
  { yes, now }: { yes: boolean; now: Date },
  { out, json, signal }: Context,
): Promise<boolean> {
  for (const one of chosen) out(`  ${oneLine(one.finding.sentence)} (${sinceText(one, now)})`);
  if (yes) return true;
  if (json || !canAsk()) {
    throw usage(
      `--all-of would accept ${formatCount(chosen.length, "finding")}, and nobody can be asked`,
      "Nothing was written. Run it at a terminal, or say --yes.",
    );
  }
  return await askYesNo(`Accept ${chosen.length === 1 ? "it" : `these ${chosen.length}`}?`, signal);
}

function tellAccepted(standing: AgedFinding, decision: Acceptance, { out, event }: Context): void {
  const { finding: { accepted: former, ...finding } } = standing;
  const { environment, until = "never", reason, by, at } = decision;
  const before = former
    ? ` (before: ${untilText(former.until)}, by ${oneLine(former.by)}: ${oneLine(former.reason)})`
    : "";
  out(`${oneLine(finding.id)} is accepted ${untilText(until)}: ${oneLine(reason)}${before}`);
  const accepted = { until, reason, by, at };
  event(findingEvent({ ...standing, finding: { ...finding, accepted } }, environment));
}

/** Which sets were kept for what is accepted now. */
function tellNoLongerKept(decided: readonly Decided[], environment: string, { out }: Context): void {
  const sets = Map.groupBy(decided, ({ standing }) => standing.stillRightIn ?? "");
  sets.delete("");
  for (const [set, { length }] of sets) {
    const what = length > 1
      ? `in which ${length} of them are still right, is no longer kept for them`
      : decided.length > 1
      ? "in which one of them is still right, is no longer kept for it"
      : "in which it is still right, is no longer kept for it";
    out(`  ${environment}/${set}, ${what}`);
  }
}

async function write(decision: Acceptance, store: Store, written: Acceptance[]): Promise<void> {
  await putAcceptance(store, decision, crypto.randomUUID());
  written.push(decision);
}

/** The keys of every decision of the environment, before one of ours is written. */
async function decisionKeys(store: Store, environment: string): Promise<Set<string>> {
  const keys = await Array.fromAsync(listKeys(store, environment, "findings"));
  return new Set(keys.map(({ key }) => key));
}

/** Says what somebody else decided about the same findings meanwhile: both stay, and the later one counts. */
async function tellOfOthers(
  written: readonly Acceptance[],
  before: ReadonlySet<string>,
  store: Store,
  environment: string,
  { reporter }: Context,
): Promise<void> {
  const own = new Map(written.map((one) => [findingHash(one.finding), one]));
  for await (const { key, name } of listKeys(store, environment, "findings")) {
    const mine = own.get(name);
    if (!mine || before.has(key)) continue;
    const other = await readAcceptanceAt(store, key, name);
    if (isSame(other, mine)) continue;
    const what = other.until ? `accepted it ${untilText(other.until)}` : "took its acceptance back";
    const counts = Date.parse(other.at) > Date.parse(mine.at)
      ? "theirs counts, as the later one"
      : "yours counts";
    reporter.warn(
      `${oneLine(mine.finding.id)}: ${oneLine(other.by)} ${what} at the same time (${
        oneLine(other.reason)
      }); ${counts}`,
    );
  }
}

const isSame = (a: Acceptance, b: Acceptance): boolean =>
  a.at === b.at && a.by === b.by && a.until === b.until && a.reason === b.reason;

/** Now, or just after the decision that this one replaces: the clock of another machine may be ahead, and the later counts. */
function momentAfter(finding: FindingIdentity, acceptances: Acceptances): string {
  const last = Date.parse(acceptances.get(findingHash(finding))?.at ?? "");
  return new Date(Math.max(Date.now(), Number.isNaN(last) ? 0 : last + 1)).toISOString();
}
