/**
 * The check whether the ERP that people use is the one that is backed up. A company that moved to another server backs up the
 * old database for ever, and everything about that is green. Its backup looks, for it alone sees production.
 */

import { formatAge } from "../base/numbers.ts";
import type { Fault } from "../dolibarr/fault.ts";
import { type BooksCheck, nothingToCheck } from "./check.ts";
import { type DataContext, factsTwin } from "./data/context.ts";
import { findingsOfFaults, outcomeOfFaults } from "./findings/outcome.ts";
import type { Finding } from "./result.ts";

/** The id of the check: a backup tells the same findings under it. */
export const IN_USE_CHECK = "backup.in_use";

/** What was compared. */
export const IN_USE_COMPARED =
  "the newest change in the database when it was backed up, and what production's address shows, against the limits";

export const inUse: BooksCheck<DataContext> = {
  id: IN_USE_CHECK,
  part: "backup",
  judges: "books",
  level: "fast",
  given: "the set that was restored, and the store that it is in",
  title: "The ERP that is backed up is the one that people use",
  required: true,
  run({ proof: { source } }) {
    const { name, lastChange, takenAt, findings = [], covers = [] } = source;
    if (!lastChange && !covers.some((one) => one.startsWith(`${IN_USE_CHECK}/`))) {
      return Promise.reject(nothingToCheck(
        `${name} does not say when its database last changed: an earlier version took it, or it was not read`,
      ));
    }
    return Promise.resolve(outcomeOfFaults(findings.filter(isOfUse).map(faultOf), {
      check: IN_USE_CHECK,
      checked: 1,
      with: IN_USE_COMPARED,
      notes: lastChange ? [lastChangeText(lastChange, takenAt)] : [],
    }));
  },
  twin: factsTwin("nothing changed for a year", (context) => {
    const { source } = context.proof;
    const lastChange = new Date(source.takenAt.getTime() - 365 * 86_400_000);
    const quiet = quietFault(source.environment, { lastChange, takenAt: source.takenAt, maxQuietMs: 0 })!;
    const findings = findingsOfFaults([quiet], { check: IN_USE_CHECK, with: IN_USE_COMPARED });
    return { ...context, proof: { ...context.proof, source: { ...source, lastChange, findings } } };
  }),
};

const isOfUse = ({ id }: Finding): boolean => id.startsWith(`${IN_USE_CHECK}/`);

/** `last change in this database: 21 days before` */
export const lastChangeText = (lastChange: Date, takenAt: Date): string =>
  `last change in this database: ${
    formatAge(Math.max(0, takenAt.getTime() - lastChange.getTime()))
  } before the backup`;

/** That nobody worked in it for longer than `drill.max_quiet`; undefined where somebody did, or no such limit is set. */
export function quietFault(
  environment: string,
  { lastChange, takenAt, maxQuietMs }: {
    lastChange: Date | undefined;
    takenAt: Date;
    maxQuietMs: number | undefined;
  },
): Fault | undefined {
  if (!lastChange || maxQuietMs === undefined) return undefined;
  if (takenAt.getTime() - lastChange.getTime() <= maxQuietMs) return undefined;
  const since = lastChange.toISOString().slice(0, 10);
  return {
    subject: environment,
    kind: "quiet",
    sentence:
      `${environment}: nobody changed anything in the database that is backed up, or signed in, since ${since}: it may not be the one that people use. Compare conf.php of the ERP with database in the configuration`,
    facts: { since },
  };
}

/** That production's own address shows code of another version than its database has; undefined where they are alike. */
export function otherVersionFault(
  environment: string,
  { url, page, database }: { url: string; page: string; database: string },
): Fault | undefined {
  if (database === "" || page === database) return undefined;
  return {
    subject: environment,
    kind: "other-version",
    sentence:
      `${environment}: ${url} shows Dolibarr ${page}, the database that is backed up is of ${database}: it may not be the one that people use. Compare conf.php of the ERP with database in the configuration`,
    facts: { page, database },
  };
}

const faultOf = ({ id, subject, sentence, facts }: Finding): Fault => ({
  subject,
  kind: id.slice(id.lastIndexOf("/") + 1),
  sentence,
  facts,
});
