/** `findings`: what is wrong in the ERP, as the drills and backups of it tell; and what a person accepts of that. */

import type { ExitStatus } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { type Context, needsStore, withContext } from "./command/context.ts";
import { dryRunOption } from "./command/dry_run.ts";
import {
  actionOr,
  configOptions,
  envOption,
  flag,
  usage,
  value,
  type ValuesOf,
  words,
} from "./command/options.ts";
import { verb } from "./command/verb.ts";

const options = {
  action: actionOr({
    accept: "Accept findings: they no longer make a drill fail.",
    withdraw: "Take an acceptance back: the finding is open again.",
  }, "list"),
  ids: words("ID", "the ids of findings, as `findings` prints them"),
  env: envOption("the environment whose findings are meant", "drill.from"),
  allOf: value("CHECK", "accept: every finding of this check that is open now"),
  until: value("DATE", "accept: the last day (UTC), at most a year ahead, for example 2027-03-31; or never"),
  reason: value("TEXT", "accept: why it is accepted; every report shows it"),
  yes: flag("accept --all-of: do not ask"),
  dryRun: dryRunOption,
  ...configOptions,
};
type FindingsOptions = ValuesOf<typeof options>;

export const findingsVerb = verb({
  name: "findings",
  summary: "Show what is wrong in the ERP; accept what may stay so.",
  options,
  help: {
    about: `
A finding is something wrong with the ERP as it was backed up: the backup is faithful, and brings it back as it is. Each
is shown with since when it is, the newest set in which it is still right, and the commands to get that back or to accept
it. Until it is mended or accepted, a drill fails.

An acceptance needs a reason and an end. --until never is only for what no set has right any more. The exit status is
- 0 if no finding is open;
- 1 while one is;
- 2 if that is not known: nothing has looked yet, or the newest drill cannot be read.`,
    examples: [
      [`${PROGRAM} findings`, "show what is open, and what is accepted"],
      [
        `${PROGRAM} findings accept ID --until 2027-03-31 --reason "paper copy"`,
        "accept one finding until a day",
      ],
      [
        `${PROGRAM} findings accept --all-of CHECK --until never --reason lost`,
        "accept all that one check found; it lists them and asks",
      ],
      [`${PROGRAM} findings withdraw ID`, "have it reported again"],
    ],
  },
  run(options, shell) {
    return withContext(options, shell, needsStore, readAction(options));
  },
});

type Act = (context: Context) => Promise<ExitStatus>;

/** What is asked for, its options checked before anything is read. @throws DrillError `USAGE` */
function readAction(options: FindingsOptions): Act {
  const { action, ids = [], allOf, until, reason, yes, dryRun = false } = options;
  const given = [["--all-of", allOf], ["--until", until], ["--reason", reason], ["--yes", yes]] as const;
  const other = given.find(([name, one]) =>
    one !== undefined && (action === "list" || action === "withdraw" && name !== "--reason")
  );
  if (other) throw usage(`${other[0]} is for findings accept`, `See: ${PROGRAM} findings --help`);
  if (action === "list") return (context) => showFindings(options, context);
  if (action === "withdraw") {
    if (ids.length === 0) {
      throw usage("findings withdraw needs an ID", `See what is accepted: ${PROGRAM} findings`);
    }
    return async (context) =>
      await (await import("./findings/decide.ts")).withdraw({ ids, reason, dryRun }, options.env, context);
  }
  const example = 'For example: findings accept ID --until 2027-03-31 --reason "the customer has the paper"';
  if ((ids.length > 0) === (allOf !== undefined)) {
    throw usage(
      allOf === undefined
        ? "findings accept needs an ID, or --all-of CHECK"
        : "an ID and --all-of are both given",
      allOf === undefined ? `See what is open: ${PROGRAM} findings` : "Give one of the two.",
    );
  }
  if (until === undefined || reason === undefined) {
    throw usage(`findings accept needs ${until === undefined ? "--until" : "--reason"}`, example);
  }
  if (reason.trim() === "") {
    throw usage("--reason is empty", "Say why it is accepted: every report shows it.");
  }
  const asked = { ids, allOf, until, reason: reason.trim(), yes: yes === true, dryRun };
  return async (context) => await (await import("./findings/decide.ts")).accept(asked, options.env, context);
}

async function showFindings(options: FindingsOptions, context: Context) {
  const [{ openFindings, whyNotKnown }, { findingsLines }, { findingEvent }] = await Promise.all([
    import("./findings/known.ts"),
    import("./findings/lines.ts"),
    import("./findings/event.ts"),
  ]);
  const { environment, now, known, isDefault, inventory } = await openFindings(options.env, context);
  const { standing } = known;
  for (const one of standing) context.event(findingEvent(one, environment));
  const unknown = whyNotKnown(known, inventory);
  if (!unknown || standing.length > 0) {
    const of = { environment, isDefault, now, colours: context.colours };
    for (const line of findingsLines(standing, of)) context.outWrapped(line);
  }
  const open = standing.filter(({ finding }) => !finding.accepted);
  const about = { environment, open: open.length, accepted: standing.length - open.length };
  const [first] = open;
  if (first) {
    return context.finish({
      verdict: "fail",
      code: "CHECK_FAILED",
      message: `${environment} has ${formatCount(open.length, "open finding")}: ${first.finding.sentence}`,
      hint:
        `Mend it in ${environment}, or accept it: ${PROGRAM} findings accept ID --until DATE --reason TEXT`,
      ...about,
    });
  }
  if (!unknown) return context.finish({ verdict: "pass", ...about });
  context.say(unknown.message);
  context.say(unknown.hint);
  return context.finish({ verdict: "not_run", ...unknown, ...about });
}
