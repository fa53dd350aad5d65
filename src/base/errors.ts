/** Every error by its code. The one table that maps each code to an exit status (docs/design.md, rule 3). */

/** Exit statuses of every verb: done and proved, checked and bad, could not, interrupted. */
export const EXIT = { ok: 0, bad: 1, couldNot: 2, interrupted: 130 } as const;
export type ExitStatus = typeof EXIT[keyof typeof EXIT];

/** `bad`: something was checked and found wrong. `couldNot`: it could not be checked or done. */
const STATUS_OF = {
  // checked and bad
  CONTENT_DIFFERS: EXIT.bad,
  OBJECT_CORRUPT: EXIT.bad,
  OBJECT_MISSING: EXIT.bad,
  DUMP_UNREADABLE: EXIT.bad,
  DUMP_FOREIGN: EXIT.bad,
  DOCUMENTS_DIFFER: EXIT.bad,
  DOCUMENTS_HOSTILE: EXIT.bad,
  TRANSACTION_BROKEN: EXIT.bad,
  RESTORE_FAILED: EXIT.bad,
  SET_SUSPECT: EXIT.bad,
  SETS_VANISHED: EXIT.bad,
  CHECK_FAILED: EXIT.bad,
  OWNERSHIP_DIFFERS: EXIT.bad,
  UPLOAD_DIFFERS: EXIT.bad,
  // could not
  USAGE: EXIT.couldNot,
  CONFIG_MISSING: EXIT.couldNot,
  CONFIG_INVALID: EXIT.couldNot,
  SECRET_MISSING: EXIT.couldNot,
  SECRET_EXPOSED: EXIT.couldNot,
  ENVIRONMENT_UNKNOWN: EXIT.couldNot,
  NOT_BUILT_YET: EXIT.couldNot,
  DUMP_NEWER: EXIT.couldNot,
  EXTENSION_MISSING: EXIT.couldNot,
  ROLE_MISSING: EXIT.couldNot,
  DATABASE_UNREACHABLE: EXIT.couldNot,
  DATABASE_LOGIN: EXIT.couldNot,
  DATABASE_TLS: EXIT.couldNot,
  DATABASE_FAILED: EXIT.couldNot,
  DATABASE_LOCKED: EXIT.couldNot,
  NOT_READ_ONLY: EXIT.couldNot,
  READER_CAN_WRITE: EXIT.couldNot,
  READER_CANNOT_READ: EXIT.couldNot,
  POOLER_MODE: EXIT.couldNot,
  STORE_UNREACHABLE: EXIT.couldNot,
  STORE_LOGIN: EXIT.couldNot,
  STORE_FORBIDDEN: EXIT.couldNot,
  STORE_FAILED: EXIT.couldNot,
  STORE_FORMAT: EXIT.couldNot,
  STORE_NEWER: EXIT.couldNot,
  SET_UNKNOWN: EXIT.couldNot,
  DOCUMENT_UNKNOWN: EXIT.couldNot,
  TABLE_UNKNOWN: EXIT.couldNot,
  FINDING_UNKNOWN: EXIT.couldNot,
  NO_SET: EXIT.couldNot,
  DOCUMENTS_UNREADABLE: EXIT.couldNot,
  DOCUMENTS_NOT_WRITABLE: EXIT.couldNot,
  DISK_FULL: EXIT.couldNot,
  TARGET_REFUSED: EXIT.couldNot,
  RESTORE_UNFINISHED: EXIT.couldNot,
  TARGET_UNFIT: EXIT.couldNot,
  STATE_REFUSED: EXIT.couldNot,
  VERSION_UNPROVED: EXIT.couldNot,
  FOREIGN_OWNED: EXIT.couldNot,
  DEPENDANTS_OF_OTHERS: EXIT.couldNot,
  SESSIONS_CONNECTED: EXIT.couldNot,
  REARM_INCOMPLETE: EXIT.couldNot,
  LEASE_HELD: EXIT.couldNot,
  CLOCK_BEHIND: EXIT.couldNot,
  PRUNE_REFUSED: EXIT.couldNot,
  WORKLOAD_FAILED: EXIT.couldNot,
  TOOL_MISSING: EXIT.couldNot,
  TOOL_FAILED: EXIT.couldNot,
  WEB_UNREACHABLE: EXIT.couldNot,
  BROWSER_MISSING: EXIT.couldNot,
  MARK_NOT_SEEN: EXIT.couldNot,
  ACCOUNT_REFUSED: EXIT.couldNot,
  CHECK_NOT_RUN: EXIT.couldNot,
  CHECK_ABOVE_LEVEL: EXIT.couldNot,
  NOTHING_TO_CHECK: EXIT.couldNot,
  REPORT_NOT_WRITABLE: EXIT.couldNot,
  NOTIFICATION_FAILED: EXIT.couldNot,
  LAB_FAILED: EXIT.couldNot,
  TIME_LIMIT: EXIT.couldNot,
  NOT_PERMITTED: EXIT.couldNot,
  PERMISSION_DENIED: EXIT.couldNot,
  INTERNAL: EXIT.couldNot,
  INTERRUPTED: EXIT.interrupted,
} as const satisfies Record<string, ExitStatus>;

export type ErrorCode = keyof typeof STATUS_OF;

/** The exit status of a verb that ends with an error of this code. */
export const exitStatusOf = (code: ErrorCode): ExitStatus => STATUS_OF[code];

/**
 * An error that a tired person can act on.
 * `message` reads "Cannot <action>: <state>"; `hint` says what to do next, with the command.
 * Neither may hold a secret.
 */
export class DrillError extends Error {
  override readonly name = "DrillError";
  readonly code: ErrorCode;
  readonly hint: string;
  /** Further lines, below the message: which sessions are connected, which tables differ. */
  readonly details: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    hint: string,
    options: { cause?: unknown; details?: readonly string[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.details = options.details ?? [];
  }
}

/** The message of any thrown value. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/**
 * Any thrown value as a DrillError; one of another kind is a defect of ours, `INTERNAL`. Where disposing failed as well, the
 * first error is the message, and the others are among its details.
 */
export function asDrillError(thrown: unknown, signal?: AbortSignal): DrillError {
  if (signal?.aborted) {
    return new DrillError(
      "INTERRUPTED",
      "Interrupted",
      "What was unfinished was cleaned up, or is listed above. Run it again.",
      {
        cause: thrown,
      },
    );
  }
  if (thrown instanceof DrillError) return thrown;
  if (thrown instanceof SuppressedError) return firstOf(thrown);
  if (thrown instanceof Deno.errors.NotCapable) return notPermitted(thrown);
  return new DrillError(
    "INTERNAL",
    `Cannot continue: ${messageOf(thrown)}`,
    "This is a defect of dolibarr-drill. Run again with --debug and report the lines that it prints.",
    { cause: thrown },
  );
}

/** Deno's own permissions, not those of the system: "Requires sys access to \"hostname\", run again with ...". */
const notPermitted = (thrown: Error): DrillError =>
  new DrillError(
    "NOT_PERMITTED",
    `Cannot continue: Deno was started without a permission: ${thrown.message}`,
    "Start it with --allow-all. docs/installation.md has which verbs need less.",
    { cause: thrown },
  );

/** `suppressed` is what failed first, `error` what disposing then failed with (ECMA-262, SuppressedError). */
function firstOf(thrown: SuppressedError): DrillError {
  const { code, message, hint, details } = asDrillError(thrown.suppressed);
  const then = asDrillError(thrown.error);
  return new DrillError(code, message, hint, {
    cause: thrown,
    details: [...details, `and then: ${then.message}`, ...then.details.map((line) => `  ${line}`)],
  });
}
