/** Classifies what PostgreSQL's programs write, by its meaning and not by the word "error". Pure. */

/** `harmless`: nothing is missing. `lost`: something of the dump was not loaded. `fatal`: the program gave up. */
export type Meaning = "harmless" | "lost" | "fatal";

interface Classified {
  meaning: Meaning;
  line: string;
}

/** What psql and pg_restore put before what the server says: `psql:load.sql:12: `, `pg_restore: error: `. */
const PREFIX =
  /^(psql:[^ ]*:\d+: |(psql|pg_restore|pg_dump): (\[[a-z() ]+\] )?((error|warning|hint|detail): )?)+/;

/** Looked for at the beginning of what is behind the prefix. Read in the sources of PostgreSQL 14 to 18. */
const HARMLESS: readonly RegExp[] = [
  /^(NOTICE|INFO|LOG|DEBUG\d?): /,
  // belongs to the line above it, which was judged
  /^(DETAIL|HINT|CONTEXT|LOCATION|STATEMENT|QUERY|LINE \d+): |^\^$/,
  /^drop cascades to |^and \d+ other objects/,
  /^(while (INITIALIZING|PROCESSING TOC|FINALIZING)|from TOC entry \d+;)/,
  // pg_restore --verbose
  /^(connecting|creating|processing|executing|finished|launching|entering|dropping|disabling|enabling|implied|restoring large object) /,
  /^restored \d+ large objects?$/,
  // it concerns the server, or a session, and nothing of what was loaded
  /^WARNING: +psql major version \d+, server major version \d+/,
  /^psql major version \d+, server major version \d+|^Some psql features might not work/,
  /^WARNING: +database ".*" has (a collation version mismatch|no actual collation version)/,
  /^WARNING: +"?wal_level"? is insufficient/,
  /^WARNING: +could not (flush|sync) /,
  /^WARNING: +skipping .* --- only (superuser|table|superusers)/,
  /^WARNING: +pgstat wait timeout/,
];
const FATAL: readonly RegExp[] = [
  /^(FATAL|PANIC): /,
  /^(could not|cannot) (read|find|open|close|uncompress|decompress|seek|connect|write|create|set|determine|parse)/,
  /^(error reading|corrupt|unrecognized data block|unrecognized file format|found unexpected block)/,
  /^unexpected (end of file|data offset|section|extra|tar header|state|COPY)/,
  /^(unsupported version|unsupported compression|expected format|sanity check|invalid (creation|compression|code|stored|distance|literal|bit|block|window|number|OID|tar|line|file|checksum|entry|dumpId))/,
  /^(did not find magic string|input file |file size is|checksum|bad dumpId|entry ID \d+ out of range|out of memory)/,
  // pg_restore calls that a warning
  /does not support compression|no data will be available/,
  /^(server closed the connection|[Tt]he connection to the server was lost|SSL |connection to server .*(failed|lost)|lost synchronization|terminating connection)/,
  /^backslash commands are restricted/,
  /^(out of memory|PQputCopy|query failed: FATAL)/,
];

/** Each line with its meaning; an unknown one counts as a loss. */
export function classifyMessages(stderr: string): Classified[] {
  return stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => ({
    line,
    meaning: meaningOf(line),
  }));
}

function meaningOf(line: string): Meaning {
  const text = line.replace(PREFIX, "");
  if (FATAL.some((pattern) => pattern.test(text))) return "fatal";
  if (HARMLESS.some((pattern) => pattern.test(text))) return "harmless";
  return "lost";
}

/** Why a connection or a statement failed, as far as the message says. */
export type ConnectionProblem = "login" | "locked" | "lost";

const CONNECTION_PROBLEMS: readonly [ConnectionProblem, RegExp][] = [
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

/** The problem in a message of a program or the server; undefined where it is none of these. */
export const connectionProblemIn = (text: string): ConnectionProblem | undefined =>
  CONNECTION_PROBLEMS.find(([, pattern]) => pattern.test(text))?.[0];

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
