/** Every wait by name, with its limit and the pauses between tries, in ms (docs/design.md, rule 8). */

export const limits = {
  /** A connection to PostgreSQL, or to the pooler in front of it. */
  databaseConnects: 15_000,
  /** One of our own small queries. */
  databaseAnswers: 60_000,
  /** How long `pg_dump` waits for a lock before it gives up, so that the ERP does not queue behind it. */
  dumpWaitsForLock: 10_000,
  /**
   * How long to connect again after a session was lost, to learn whether the server was restarted or refuses the login.
   * pgbouncer repeats its last refusal for 15 s (server_login_retry) before it asks the server again.
   */
  serverComesBack: 20_000,
  /** A tool without output for that long is stuck: a flipped bit makes pg_restore loop endlessly. */
  toolIsSilent: 120_000,
  /** How long pg_restore may take to read a whole dump. */
  dumpIsRead: 4 * 3_600_000,
  /** How long the sessions of a stopped workload may take to leave the database. */
  sessionsLeave: 60_000,
  /** With --terminate: how long sessions may take to leave by themselves before they are terminated. */
  sessionsLeaveByThemselves: 2_000,
  /** How long terminated sessions may take to end. */
  sessionsEnd: 10_000,
  /** How long to watch whether terminated sessions connect again. */
  sessionsComeBack: 1_000,
  /** How long a server that is not PostgreSQL may take to say first what it is. */
  otherServerGreets: 1_000,
  /** The test whether a pooler gives the connection of one session to another. */
  poolerIsProbed: 15_000,
  /** How long the transaction of a killed run may take to be committed or rolled back. */
  restoreEnds: 60_000,
  /** How long the advisory lock of a restore is tried for: a session that was just closed may still hold it. */
  restoreLockIsFree: 2_000,
  /** How long a statement of a restore waits for a lock of another session. */
  restoreWaitsForLock: 30_000,
  /** How long a reset tries to lock tables that the running ERP uses; it never queues for a lock. */
  resetWaitsForTables: 10_000,
  /** One request that checks whether a workload answers. */
  workloadAnswers: 5_000,
  workloadStops: 60_000,
  workloadStarts: 90_000,
  /** A connection to an S3 service. */
  storeConnects: 10_000,
  /** An S3 service that neither sends nor receives a byte for that long is stuck. */
  storeIsSilent: 60_000,
  /** One request: three times what a part of 32 MiB takes at 1 Mbit/s. */
  storeAnswers: 900_000,
  /** How long the first request is tried again: short, because the address may be wrong. */
  storeOpens: 10_000,
  /** How long a request is tried again that failed for a temporary reason (busy, restarted, disconnected). */
  storeIsTriedAgain: 90_000,
  /** A store that does not answer is told of after that long, and then again and again, while it is tried. */
  storeIsTold: 3_000,
  storeIsToldAgain: 10_000,
  /** How long to remove the parts of a failed upload; what is left after that is removed by `prune`. */
  storeCleansUp: 20_000,
  /** A lease that was not renewed for that long has expired. */
  leaseLives: 600_000,
  leaseIsRenewed: 120_000,
  /** How long a run tries to get a lease; its claim expires after twice that. */
  leaseIsAskedFor: 30_000,
  /** A backup on another machine that has not ended by then counts as failed. */
  runIsForgotten: 24 * 3_600_000,
  /** Partial files of a run on another machine, or in a container that is gone, are removed after that. */
  leftoverIsForgotten: 24 * 3_600_000,
  /** A cached index of documents that no search has used for that long is removed. */
  cachedIndexIsForgotten: 90 * 24 * 3_600_000,
  /** The text of one PDF. */
  pdfIsRead: 20_000,
  /** An earlier archive, as far as the last of the PDFs that are compared with it. */
  oldPapersAreRead: 5 * 60_000,
  /** All files of a tree, a million of them on a network's file system too. */
  treeIsListed: 600_000,
  /** One page: request, answer, rendering. */
  pageAnswers: 20_000,
  /** The sign-in page of an ERP that need not be reachable from here: a closed network drops packets silently. */
  signInPageShows: 5_000,
  /** How long a script may take to draw a picture on a loaded page. */
  pictureIsPainted: 5_000,
  /** How long Chromium may take to show its own error page after a failed visit. */
  errorPageComes: 1_000,
  /** How long a script may take to show why a login was refused. */
  refusalIsWritten: 2_000,
  browserStarts: 30_000,
  /** One request that sends the result of a drill. */
  notifyAnswers: 10_000,
  /** The pause before the second such request; before the third it is twice as long. */
  notifyIsTriedAgain: 2_000,
  labServerStarts: 30_000,
  labServerStops: 20_000,
  /** How long PostgreSQL's processes may take to end after their parent was killed. */
  labOrphansEnd: 1_000,
  dolibarrInstalls: 180_000,
  dolibarrFills: 300_000,
  /** One invoice with its PDF, of thousands: three times what it takes on a busy machine. */
  dolibarrMakesInvoice: 300,
  /** The download of the release, 100 MB, over a slow line. */
  dolibarrDownloads: 300_000,
  /** A download without a byte for that long has failed: a closed network drops packets silently. */
  dolibarrAnswers: 10_000,
  /** How long a process may take to end after SIGTERM, before it is killed. */
  processEnds: 5_000,
  /** How long cleaning up may take after a defect of ours, before the process ends. */
  cleansUp: 30_000,
} as const;

/** How long to wait before the next try; of two numbers, before the second try, and at most. */
export const pauses = {
  /** Between two checks of a state. */
  state: 50,
  /** A database server that went away. */
  server: 500,
  /** Sessions that must leave a database. */
  sessions: 100,
  /** Tables that another session has in use. */
  tables: 50,
  /** A server of the lab that starts or stops. */
  labServer: 15,
  /** A lease that another run has. */
  lease: [150, 1_500],
  /** Claims of other runs on the same lease. */
  leaseIsLookedAt: 60,
  /** A request to an S3 service that failed. */
  store: [200, 15_000],
} as const;

/** The pause before the try after `failures` failures in a row: twice the last one, up to the longest. */
export const growing = ([first, longest]: readonly [number, number], failures: number): number =>
  Math.min(longest, first * 2 ** (failures - 1));
