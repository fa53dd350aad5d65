/** Findings in words: what a person reads of them, and the commands about them. Pure. */

import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { momentOf } from "../base/time.ts";
import { shellWord } from "../base/shell_words.ts";
import { acceptCommand as acceptWords, extractCommand as extractWords } from "../checks/findings/words.ts";
import type { AgedFinding } from "../checks/findings/age.ts";
import { endOfAcceptance } from "../store/records/acceptances.ts";

/** `3 Nov`, of another year than `now` `3 Nov 2025`: a day, UTC. */
export function formatDay(moment: Date, now: Date): string {
  const isThisYear = moment.getUTCFullYear() === now.getUTCFullYear();
  return moment.toLocaleDateString("en-GB", {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
}

/** `since 3 Nov, 23 nights`; where that is not known it says so. */
export function sinceText({ since, nights }: AgedFinding, now: Date): string {
  const first = momentOf(since ?? "");
  if (!first || nights === undefined) return "since when is not known";
  return `since ${formatDay(first, now)}, ${formatCount(nights, "night")}`;
}

/** What a command line about findings must name besides: nothing for the environment that is drilled. */
interface CommandOf {
  environment: string;
  /** Whether `--env` may be left out. */
  isDefault: boolean;
}

const envWords = ({ environment, isDefault }: CommandOf): string =>
  isDefault ? "" : ` --env ${shellWord(environment)}`;

/** The command that gets the lost document back; undefined where there is none, or no set has it. */
export function extractCommand({ finding }: AgedFinding, of: CommandOf): string | undefined {
  const command = extractWords(finding, { from: of.environment });
  return command && `${command}${envWords(of)}`;
}

export const acceptCommand = ({ finding }: AgedFinding, of: CommandOf): string =>
  `${acceptWords(finding)}${envWords(of)}`;

export const withdrawCommand = ({ finding }: AgedFinding, of: CommandOf): string =>
  `${PROGRAM} findings withdraw ${shellWord(finding.id)}${envWords(of)}`;

/** Where it is still right, as the end of a sentence. */
export const stillRightText = ({ stillRightIn }: AgedFinding, environment: string): string =>
  stillRightIn === undefined
    ? "where it is still right is not known"
    : stillRightIn === null
    ? "no set is known that has it right"
    : `still right in ${environment}/${stillRightIn}`;

/** `until 2027-03-31`, `for good`. */
export const untilText = (until: string): string => until === "never" ? "for good" : `until ${until}`;

const DAY_MS = 86_400_000;
/** So long before an acceptance ends a person is told. */
const TOLD_BEFORE_DAYS = 30;

/** In how many days the acceptance ends, where it does so within 30; undefined: later, never, or there is none. */
export function endsInDays({ finding: { accepted } }: AgedFinding, now: Date): number | undefined {
  const end = accepted && endOfAcceptance(accepted);
  if (!end) return undefined;
  const days = Math.ceil((end.getTime() - now.getTime()) / DAY_MS);
  return days <= TOLD_BEFORE_DAYS ? days : undefined;
}
