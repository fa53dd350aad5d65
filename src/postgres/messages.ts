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

/** Why a connection or a statement failed, as far as the words tell. */
export type Trouble = "login" | "locked" | "lost";

const TROUBLES: readonly [Trouble, RegExp][] = [
  // pg_dump makes its --lock-wait-timeout a statement timeout while it locks, and none after
  ["locked", /canceling statement due to lock timeout|statement timeout[^]*Query was: LOCK TABLE/],
  // PostgreSQL's words, and those of pgbouncer, which asks a function for the password's hash
  [
    "login",
    /authentication failed|no such user|bouncer config error|not permitted to log in|FATAL: +role ".*" does not exist|no pg_hba\.conf entry/,
  ],
  [
    "lost",
    /terminating connection|server closed the connection|connection terminated|not queryable|server conn crashed|connection to (the )?server .*(lost|failed)|could not connect to server|server login (has been )?failing|the database system is (shutting down|starting up|in recovery)|ECONNRESET|ECONNREFUSED|EPIPE|no connection to the server|pgbouncer cannot connect|server_login_retry|client_login_timeout|query_wait_timeout/i,
  ],
  // the session that exported the snapshot is gone
  [
    "lost",
    /invalid snapshot identifier|could not import the requested snapshot|snapshot ".*" does not exist/,
  ],
];

/** Reads what a program or the server said; undefined for what is none of these. */
export const troubleIn = (text: string): Trouble | undefined =>
  TROUBLES.find(([, pattern]) => pattern.test(text))?.[0];

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
