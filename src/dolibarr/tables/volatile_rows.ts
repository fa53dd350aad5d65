/**
 * What changes in Dolibarr's database in a quiet night, without anybody working: what signing in, the ping, sessions
 * and the runs of scheduled jobs write, read in 22.0.4. A backup in which nothing else changed would be of no more use
 * than the one before it, so a fingerprint leaves this out. What is not sure is not here: a change too many costs an
 * upload, one too few loses data.
 *
 * Left out of it with intent: `llx_events`, the record of sign-ins and refusals, which an auditor asks for; the columns
 * of `llx_emailcollector_emailcollector`, for `datelastok` decides which mails are read next; `MAIN_IHM_PARAMS_REV` and
 * `API_COUNTER_COUNT`, which only people and programs at work raise; `BLOCKEDLOG_ENTITY_FINGERPRINT`, the invoice log's root.
 */

import type { VolatileRows } from "../../postgres/catalogue/fingerprint.ts";

export const VOLATILE_ROWS: readonly VolatileRows[] = [
  {
    table: "public.llx_user",
    columns: ["datelastlogin", "datepreviouslogin", "iplastlogin", "ippreviouslogin"],
    because: "each sign-in writes when and from where (User::update_last_login_date)",
  },
  {
    table: "public.llx_user",
    columns: ["tms"],
    because: "a trigger sets it with each sign-in; what else changes in the row is seen in its own column",
  },
  {
    table: "public.llx_const",
    rows: {
      column: "name",
      values: ["MAIN_FIRST_PING_OK_DATE", "MAIN_FIRST_PING_OK_ID", "MAIN_LAST_PING_KO_DATE"],
    },
    because: "the ping after a sign-in writes them anew (main.inc.php, core/ajax/pingresult.php)",
  },
  {
    table: "public.llx_session",
    because: "PHP's sessions, where they are kept in the database (core/lib/phpsessionindb.lib.php)",
  },
  {
    table: "public.llx_cronjob",
    columns: [
      ...["datelastrun", "datenextrun", "datelastresult", "lastresult", "lastoutput"],
      ...["nbrun", "processing", "pid", "fk_user_mod", "tms"],
    ],
    because: "each run of a job writes when it ran and how it ended (Cronjob::run_jobs, reprogram_jobs)",
  },
];
