/** What the help pages say below the options. */

import { REFUSALS } from "../../restore/gate/judge.ts";
import type { Verb } from "./options.ts";

/** Said by every help page (DESIGN, rule 3). */
export const EXIT_STATUSES = `Exit status:
  0    done, and proved
  1    looked at and found bad: a hash, a truncated or foreign dump, a suspect set, a failed check
  2    could not: not reachable, no configuration, refused by the gate, a required check did not run
  130  interrupted; what was begun was cleaned up`;

export const SUMMARY =
  `Proves that a Dolibarr ERP can be brought back: takes the backups, restores the latest into a sandbox,
opens it in a browser, and checks that the invoices and the logo are there.`;

const EXAMPLES: Record<Verb | "all", string[][]> = {
  all: [
    ["dolibarr-drill drill --lab", "see the whole thing on this machine, without any configuration"],
    ["dolibarr-drill drill --config /etc/dolibarr-drill.yaml", "the nightly drill"],
    ["dolibarr-drill VERB --help", "more about one verb"],
  ],
  drill: [
    ["dolibarr-drill drill", "as ./dolibarr-drill.yaml says"],
    ["dolibarr-drill drill --lab", "on the embedded lab, which is built on the first run"],
    ["dolibarr-drill drill --no-rota --no-notify", "by hand: the newest set alone, and nobody is told"],
    ["dolibarr-drill drill --json --report /tmp/report", "for a program: one JSON object a line"],
  ],
  backup: [
    ["dolibarr-drill backup --env prod", "one set of both halves, proved by reading it back"],
    [
      'dolibarr-drill backup --accept "2012 was archived"',
      "after exit status 1: it rightly holds so much less",
    ],
    ["dolibarr-drill backup --half db", "the database now, the documents of the newest set"],
    ["dolibarr-drill backup --lab --json", "each object that was stored, as JSON"],
  ],
  list: [
    ["dolibarr-drill list", "the sets of the environment that is drilled, newest first"],
    ["dolibarr-drill list --env sandbox --json", "one JSON object a set"],
  ],
  verify: [
    ["dolibarr-drill verify", "the newest good set"],
    ["dolibarr-drill verify 20260630T155313Z --env prod", "one set by name"],
    ["dolibarr-drill verify --all", "every set in the store; ends in 1 when one of them is bad"],
  ],
  restore: [
    ["dolibarr-drill restore", "the newest good set of drill.from, into drill.into"],
    ["dolibarr-drill restore 20260630T155313Z --into sandbox", "one set by name"],
    ["dolibarr-drill restore --half docs", "the documents alone"],
    ["dolibarr-drill restore latest --to /srv/out", "the dump and the documents as files"],
    ["dolibarr-drill restore latest --lab", "in the embedded lab"],
    [
      "dolibarr-drill restore latest --into prod --restore-production erp",
      "production itself, after a disaster",
    ],
  ],
  refresh: [
    ["dolibarr-drill refresh", "drill.into becomes like drill.from is now, neutralised"],
    ["dolibarr-drill refresh --all", "with every document, not the company's own alone"],
    ["dolibarr-drill refresh --set latest", "the same from the newest good set"],
  ],
  "refresh-from-prod": [
    [
      "dolibarr-drill refresh-from-prod",
      "the database, streamed: nothing of it is written to a disk on the way",
    ],
  ],
  "sync-documents": [
    ["dolibarr-drill sync-documents", "logos and the company's own papers"],
    ["dolibarr-drill sync-documents --all", "every document"],
  ],
  checkpoint: [
    ["dolibarr-drill checkpoint", "keep what drill.into holds now"],
  ],
  reset: [
    ["dolibarr-drill reset", "drill.into is what it was at its checkpoint, to the hash"],
  ],
  rearm: [
    ["dolibarr-drill rearm", "after a crash: drill.into is whole again, and runs"],
  ],
  "fix-ownership": [
    ["dolibarr-drill fix-ownership --env sandbox", "what would be mended, and what only the provisioner can"],
    ["dolibarr-drill fix-ownership --env sandbox --apply", "mend it"],
  ],
  prune: [
    ["dolibarr-drill prune --dry-run", "every set, whether it is kept, and why"],
    ["dolibarr-drill prune --env prod", "the same, and then it is done"],
    ["dolibarr-drill prune --env prod --accept-missing", "after somebody deleted sets by hand, and meant it"],
  ],
  keep: [
    ['dolibarr-drill keep latest --until 2031-12-31 --reason "tax audit"', "hold the newest good set"],
    ["dolibarr-drill keep 20260630T155313Z --release", "let the policy decide again"],
  ],
  status: [
    ["dolibarr-drill status", "is there a young good set, and was it proved? what to do if not"],
    ["dolibarr-drill status --env prod --json", "the same for a program"],
  ],
  lab: [
    ["dolibarr-drill lab up", "build it once, start it, and leave it running"],
    ["dolibarr-drill lab status", "what runs, and where"],
    ["dolibarr-drill lab down --lab /srv/lab", "stop one that lies elsewhere"],
  ],
};

const MORE: Partial<Record<Verb, string>> = {
  status:
    `Looks at the store alone. Ends in 0 where the newest good set is no older than drill.max_age and the newest drill, no
older than that either, is a PASS; in 1 where the set is older, the drill a FAIL, or a set damaged or, since the newest
good one, suspect; in 2 where there is no set, no drill of that age, or it was NOT RUN.`,
  checkpoint:
    `One is kept, beside the documents, until the next one is whole. What backups leave out of the documents (temporary
files, logs) is not in it, and no reset touches it. The target is refused as by restore.`,
  reset:
    `Rows, sequences and files that differ are put back, and everything is compared again; where the schema or large
objects differ, the whole database is loaded again. The ERP may go on meanwhile. A reset that was cut off is finished by
the next one. Ends in 1, with nothing changed, where the checkpoint is damaged.`,
  rearm:
    `Looks for what a killed or interrupted run left, and finishes or undoes it: half a restore (forward where the
database holds it, else back), a drill's account and marks, an ERP that we stopped. It starts the ERP only on a state
that is known, and does nothing while a run is under way.`,
  "fix-ownership":
    `What our login may not change is printed on stdout as statements for the provisioner, ready to paste. Ends in 1
while something is not the owner role's. A protected environment is only looked at.`,
  restore: `The target is refused where
${Object.values(REFUSALS).map((sentence) => `  - ${sentence}`).join("\n")}`,
};

/** The text below the options of one verb, or of all of them. */
export function helpText(verb: Verb | "all"): string {
  const examples = EXAMPLES[verb];
  const width = Math.max(...examples.map(([command = ""]) => command.length));
  const lines = examples.map(([command = "", what]) => `  ${command.padEnd(width)}  ${what}`);
  const more = verb === "all" ? undefined : MORE[verb];
  return ["", ...(more ? [more, ""] : []), "Examples:", ...lines, "", EXIT_STATUSES].join("\n");
}
