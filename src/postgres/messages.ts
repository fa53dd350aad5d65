/** What PostgreSQL's programs say, read as what it means and never searched for the word "error". Pure. */

/** `harmless`: nothing is missing for it. `lost`: something of the dump did not come over. `fatal`: the tool gave up. */
export type Meaning = "harmless" | "lost" | "fatal";

export interface Classified {
  meaning: Meaning;
  line: string;
}

const HARMLESS = [
  /^(psql:.*: )?NOTICE: /,
  /^DETAIL: +drop cascades|^drop cascades to |^and \d+ other objects/,
  /^pg_restore: (connecting|creating|processing|executing|finished|launching|dropping)/,
];
const FATAL = [
  /FATAL: /,
  /PANIC: /,
  /could not (read|find|open|uncompress|seek|connect)/,
  /unexpected (end of file|data offset|section)/,
  /unsupported version/,
  /did not find magic string|input file (is too short|does not appear|appears to be)/,
  /invalid (compression|code|stored block|distance|literal|bit length|block type)/,
  /server closed the connection|connection to server .* (lost|failed)/,
  /unrecognized data block type|corrupt/,
];

/** Each line that says something, with what it means; what is not known counts as a loss. */
export function classifyMessages(stderr: string): Classified[] {
  return stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => ({
    line,
    meaning: meaningOf(line),
  }));
}

function meaningOf(line: string): Meaning {
  if (HARMLESS.some((pattern) => pattern.test(line))) return "harmless";
  if (FATAL.some((pattern) => pattern.test(line))) return "fatal";
  return "lost";
}

/** The line that says most: the first fatal one, else the first loss. */
export function cause(stderr: string): string | undefined {
  const classified = classifyMessages(stderr);
  const worst = classified.find(({ meaning }) => meaning === "fatal") ??
    classified.find(({ meaning }) => meaning === "lost");
  return worst?.line;
}

/** The last line with text in it. */
export const lastLine = (text: string): string | undefined =>
  text.trim().split("\n").at(-1)?.trim() || undefined;
