/** Every wait, by name: how long it may take, and how long lies between two tries (docs/design.md, rule 8). In ms. */

export const limits = {
  /** A connection to PostgreSQL, through whatever stands in front. */
  databaseConnects: 15_000,
  /** One of our own small questions to PostgreSQL. */
  databaseAnswers: 60_000,
  /** `pg_dump` may wait that long for a lock before it gives up, so that the ERP never queues behind it. */
  dumpWaitsForLock: 10_000,
  /**
   * A connection ended in the middle: whether the server was restarted or refuses the login is known by then. pgbouncer
   * repeats its last refusal for 15 s (server_login_retry) before it asks the server again.
   */
  serverComesBack: 20_000,
  /** A tool that neither reads nor writes for that long is stuck (a flipped bit made pg_restore spin for ever). */
  toolIsSilent: 120_000,
  /** pg_restore must have read a whole dump by then, however large. */
  dumpIsRead: 4 * 3_600_000,
  /** Sessions of a stopped workload must have left the database by then. */
  sessionsLeave: 60_000,
  /** With --terminate: what leaves by itself after its ERP was stopped has left by then. */
  sessionsLeaveBeforeTheyAreEnded: 2_000,
  /** Sessions that were ended are gone by then. */
  sessionsEnd: 10_000,
  /** Whoever connects again after that was ended has done so by then. */
  sessionsComeBack: 1_000,
  /** Whether a pooler hands one session's connection to others: asked with two more connections. */
  poolerIsProbed: 15_000,
  /** What a killed run had under way in a database is committed or rolled back by then. */
  restoreEnds: 60_000,
  /** A statement of a restore's transaction waits that long for a lock that another session holds. */
  restoreWaitsForLock: 30_000,
  /** A reset asks again for that long for tables that the running ERP has in use; it never stands in a queue for one. */
  resetWaitsForTables: 10_000,
  /** One request that asks whether a workload answers. */
  workloadAnswers: 5_000,
  workloadStops: 60_000,
  workloadStarts: 90_000,
  /** A connection to an S3 service. */
  storeConnects: 10_000,
  /** An S3 service that neither takes nor gives a byte for that long is stuck. */
  storeIsSilent: 60_000,
  /** One request to it: a part of 32 MiB goes through a line of 1 Mbit/s in a third of that. */
  storeAnswers: 900_000,
  /** The first one is tried again for that long: its address may be wrong, and nobody waits long to be told. */
  storeOpens: 10_000,
  /** What fails for a while (busy, restarted, cut off) is tried again for that long. */
  storeIsTriedAgain: 90_000,
  /** What an upload that failed has left at the store is removed by then, or left to `prune`. */
  storeCleansUp: 20_000,
  /** A lease that nobody renewed for that long is nobody's. */
  leaseLives: 600_000,
  leaseIsRenewed: 120_000,
  /** Who asks for a lease has it or has gone by then; what is left of one who asks counts no longer than twice that. */
  leaseIsAskedFor: 30_000,
  /** A backup of another machine that had not ended by then never will. */
  runIsForgotten: 24 * 3_600_000,
  /** What a run of another machine, or of a container that is gone, left half written is nobody's after that. */
  leftoverIsForgotten: 24 * 3_600_000,
  /** An index of documents on this machine that no search read from the store for that long is removed. */
  cachedIndexIsForgotten: 90 * 24 * 3_600_000,
  /** The text of one PDF. */
  pdfIsRead: 20_000,
  /** One page: request, answer, rendering. */
  pageAnswers: 20_000,
  /** What a script paints on a page that is loaded is there by then; what is blank after that stays so. */
  pictureIsPainted: 5_000,
  /** Chromium shows a page of its own after a failed visit; that page is there by then. */
  errorPageComes: 1_000,
  /** A script writes why a login was refused; it is there by then, or never. */
  refusalIsWritten: 2_000,
  browserStarts: 30_000,
  /** Who is told of a drill answers by then, each time. */
  notifyAnswers: 10_000,
  /** Who did not is told again after that, and once more after twice that. */
  notifyIsTriedAgain: 2_000,
  labServerStarts: 30_000,
  labServerStops: 20_000,
  /** PostgreSQL's processes that lost their parent notice it, and end, by then. */
  labOrphansEnd: 1_000,
  dolibarrInstalls: 180_000,
  dolibarrFills: 300_000,
  /** One invoice with its PDF, where there are thousands: three times what a busy machine takes. */
  dolibarrMakesInvoice: 300,
  /** The release is 100 MB; a slow line still gets it. */
  dolibarrDownloads: 300_000,
  /** A download of which nothing came for that long will not come: a closed network drops it in silence. */
  dolibarrAnswers: 10_000,
  /** What a second may take to end after it was told to, before it is killed. */
  processEnds: 5_000,
  /** What was begun must be undone by then after a defect of our own, before the process ends anyway. */
  cleansUp: 30_000,
} as const;

/** How long to wait before the next try; of two numbers the first try's, and the longest that it grows to. */
export const pauses = {
  /** Between two looks at a state that is waited for. */
  state: 50,
  /** A database server that went away. */
  server: 500,
  /** Sessions that must leave a database. */
  sessions: 100,
  /** Tables that another session has in use. */
  tables: 50,
  /** A server of the lab that starts or stops. */
  labServer: 15,
  /** A lease that another has. */
  lease: [150, 1_500],
  /** The first of those who ask for a lease looks whether the others have gone. */
  leaseIsLookedAt: 60,
  /** A request to an S3 service that failed for a while. */
  store: [200, 15_000],
} as const;

/** The pause before the try after `failures` failures in a row: twice the last one, up to the longest. */
export const growing = ([first, longest]: readonly [number, number], failures: number): number =>
  Math.min(longest, first * 2 ** (failures - 1));
