/**
 * Rows and columns that change although nobody works: sign-ins, the ping, sessions and scheduled jobs write them (read
 * in 22.0.4). The fingerprint of the database leaves them out, so that such a night uploads no new dump. Only what is
 * certain is listed: one entry too few costs an upload, one too many loses data.
 *
 * Not listed on purpose: `llx_events`, the record of sign-ins and refusals, which auditors ask for; the columns of
 * `llx_emailcollector_emailcollector`, because `datelastok` decides which mails are read next; `MAIN_IHM_PARAMS_REV` and
 * `API_COUNTER_COUNT`, which change only while people or programs work; `BLOCKEDLOG_ENTITY_FINGERPRINT`, with which the
 * chain of the unalterable log begins.
 */

import type { VolatileRows } from "../../postgres/catalogue/fingerprint.ts";

export const VOLATILE_ROWS: readonly VolatileRows[] = [
  {
    table: "public.llx_user",
    columns: ["datelastlogin", "datepreviouslogin", "iplastlogin", "ippreviouslogin"],
    because: "each sign-in writes its time and its address (User::update_last_login_date)",
  },
  {
    table: "public.llx_user",
    columns: ["tms"],
    because: "a trigger sets it at each sign-in; any other change of the row shows in its own column",
  },
  {
    table: "public.llx_const",
    rows: {
      column: "name",
      values: ["MAIN_FIRST_PING_OK_DATE", "MAIN_FIRST_PING_OK_ID", "MAIN_LAST_PING_KO_DATE"],
    },
    because: "the ping after a sign-in writes them again (main.inc.php, core/ajax/pingresult.php)",
  },
  {
    table: "public.llx_session",
    because: "PHP's sessions, where they are stored in the database (core/lib/phpsessionindb.lib.php)",
  },
  {
    table: "public.llx_cronjob",
    columns: [
      ...["datelastrun", "datenextrun", "datelastresult", "lastresult", "lastoutput"],
      ...["nbrun", "processing", "pid", "fk_user_mod", "tms"],
    ],
    because: "each run of a job writes its time and its result (Cronjob::run_jobs, reprogram_jobs)",
  },
];
