/** The check on what the law keeps unchanged: compared, when the set was taken, with the register of an earlier night. */

import { DrillError } from "../../base/errors.ts";
import { verdictOfCode } from "../../base/verdict.ts";
import { mergeRows, type RowLines } from "../../dolibarr/register/merge.ts";
import { idOfLine } from "../../dolibarr/register/rows.ts";
import { registerPartsOf } from "../../dolibarr/register/read.ts";
import { mayVanish } from "../../dolibarr/register/tables.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { ENCODING } from "../../postgres/catalogue/database_settings.ts";
import { contentSettingsSql } from "../../postgres/catalogue/content.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { OpenRegister } from "../../store/records/register/text.ts";
import { formatCount } from "../../base/numbers.ts";
import { type BooksCheck, nothingToCheck } from "../check.ts";
import { notRestored, outcomeOfFaults } from "../findings/outcome.ts";
import type { Finding } from "../result.ts";
import { type DataContext, RESTORED_DATABASE, rowsTwin } from "./context.ts";

/** The id of the check: a backup tells the same findings under it. */
export const REGISTER_CHECK = "data.register";

export const register: BooksCheck<DataContext> = {
  id: REGISTER_CHECK,
  part: "data",
  judges: "books",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "What the law keeps unchanged is as it was the night before, or its change is explained",
  required: true,
  async run({ session, registered, proof: { source } }) {
    if (!registered) {
      throw nothingToCheck(
        `${source.name} has no register: an earlier version took it, or its database was not read`,
      );
    }
    const open = await registered.read().catch(unlessBad);
    if (typeof open === "string") {
      const faults = registered.findings.map(faultOf);
      return notRestored(outcomeOfFaults(faults, { check: REGISTER_CHECK, checked: 1, with: source.name }), [
        open,
      ]);
    }
    const { comparedWith, environment, notes } = open.head;
    const { rows, differing } = await compareWithRegister(session, open, source.settings?.shown[ENCODING]);
    if (comparedWith === undefined && differing.length === 0) { // it must not end what earlier nights found
      throw nothingToCheck(`${source.name} has the first register: there is none before it to compare with`);
    }
    if (open.head.notCompared && differing.length === 0 && registered.findings.length === 0) {
      throw nothingToCheck(
        `${source.name} was not compared in ${
          open.head.notCompared.join(", ")
        }, where an earlier one has findings`,
      );
    }
    const outcome = outcomeOfFaults(registered.findings.map(faultOf), {
      check: REGISTER_CHECK,
      checked: rows,
      with: comparedWith === undefined
        ? "the register of this set against the restored database"
        : `the register of ${environment}/${comparedWith} against that of this set, and that against the restored database`,
      notes,
    });
    return notRestored(outcome, differing);
  },
  twin: rowsTwin("an invoice and its line raised by 1.00"),
};

/** The tables that could not be compared when the set was taken, and in which something was found before. */
export const notComparedAgain = ({ standing, notCompared = [] }: OpenRegister["head"]): string[] =>
  notCompared.filter((table) => standing.some((row) => row.why === "unexplained" && row.table === table));

/** A register that is lost or damaged says nothing of the ERP: it is an object of the backup. */
function unlessBad(error: unknown): string {
  if (error instanceof DrillError && verdictOfCode(error.code) === "fail") return error.message;
  throw error;
}

/**
 * The rows of the register against those of the restored database: its own content is proved by its set's hashes. The hashes
 * of the register are of the bytes in which the server holds text: on one of another encoding the ids alone are compared.
 *
 * @param encoding of the server that the register is of, where that is known
 */
async function compareWithRegister(
  session: Session,
  open: OpenRegister,
  encoding: string | undefined,
): Promise<{ rows: number; differing: string[] }> {
  await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    await session.query(contentSettingsSql());
    const parts = new Map((await registerPartsOf(session)).map((part) => [part.form.table, part]));
    const here = await session.ask<string>("SELECT to_json(current_setting('server_encoding'))");
    const isOther = encoding !== undefined && encoding !== here;
    let rows = 0;
    const differing: string[] = [];
    for await (const recorded of open.parts()) {
      if (mayVanish(recorded.table) || open.head.notCompared?.includes(recorded.table)) continue;
      const part = parts.get(recorded.table);
      if (!part) {
        differing.push(`${recorded.table} is not in the restored database as the register has it`);
        continue;
      }
      let others = 0;
      const side = isOther ? idsOf : (lines: RowLines) => lines;
      await mergeRows(side(recorded.rows), side(part.read()), {
        now: () => void rows++,
        differing: () => void others++,
      });
      if (others > 0) {
        differing.push(
          `${recorded.table}: ${formatCount(others, "row")} not as in the register of the set`,
        );
      }
    }
    return { rows, differing };
  } finally {
    await session.query("ROLLBACK");
  }
}

/** Lines of the ids alone. */
async function* idsOf(rows: RowLines): AsyncGenerator<string[]> {
  for await (const lines of rows) yield lines.map((line) => `[${idOfLine(line)}]`);
}

const faultOf = ({ id, subject, sentence, facts, document }: Finding): Fault => ({
  subject,
  key: id.slice(id.indexOf("/") + 1, id.lastIndexOf("/")),
  kind: id.slice(id.lastIndexOf("/") + 1),
  sentence,
  facts,
  ...(document ? { document } : {}),
});
