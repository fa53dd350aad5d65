/** What the help pages say besides the options, 80 columns wide. */

import { PROGRAM } from "../../base/program_name.ts";
import type { Help } from "./verb.ts";

/** How wide a page is: what every terminal has. */
export const HELP_WIDTH = 80;

export const SUMMARY =
  "Proves that a Dolibarr ERP can be restored from its backups: restores the newest one into a sandbox, compares it " +
  "with what was backed up, opens it in a browser, and checks that the invoices and the logo are there.";

/** On every page, and in README.md. */
export const EXIT_STATUSES = [
  ["0", "done, and proved"],
  [
    "1",
    "checked and found bad: a wrong hash, a truncated or foreign dump, a suspect set, a failed check",
  ],
  [
    "2",
    "could not be done: something cannot be reached or is not configured, the target was refused, " +
    "a required check did not run, an internal error",
  ],
  ["130", "interrupted; what was unfinished was cleaned up"],
] as const;

/** The overall help, where no verb is named. */
export const OVERALL: Help = {
  examples: [
    [`${PROGRAM} drill --lab`, "run a whole drill on this machine, without any configuration"],
    [`${PROGRAM} drill --config /etc/dolibarr-drill.yaml`, "run the nightly drill"],
    [`${PROGRAM} VERB --help`, "read more about one verb"],
  ],
};

/** The part of a page that follows the options. */
export function helpBelow({ about, examples }: Help): string {
  return [
    "",
    ...(about ? [...aboutLines(about), ""] : []),
    "Examples:",
    ...examples.flatMap(([command, purpose]) => [
      ...wrap(purpose, "  # ", "  # "),
      `  ${command}`,
    ]),
    "",
    "Exit status:",
    ...EXIT_STATUSES.flatMap(([status, meaning]) => wrap(meaning, `  ${status.padEnd(5)}`, " ".repeat(7))),
  ].join("\n");
}

const aboutLines = (about: string): string[] =>
  about.trim().split(/\n(?=\n|- )/).flatMap((part) => {
    const text = part.trim().replaceAll("\n", " ");
    const lines = text.startsWith("- ") ? wrap(text.slice(2), "  - ", "    ") : wrap(text);
    return part.startsWith("\n") ? ["", ...lines] : lines;
  });

/** `text` in lines of at most `HELP_WIDTH` columns; the first begins with `first`, each other with `next`. */
function wrap(text: string, first = "", next = ""): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(" ")) {
    const isBegun = line.length > (lines.length === 0 ? first : next).length;
    if (isBegun && line.length + 1 + word.length > HELP_WIDTH) {
      lines.push(line);
      line = next + word;
    } else line += isBegun ? ` ${word}` : word;
  }
  return [...lines, line];
}
