/** The register of a set: its rows as they are in the instant that is dumped, and what differs from an earlier set's without an explanation. */

import { formatCount } from "../../base/numbers.ts";
import { type Bytes, sha256Of } from "../../base/streams.ts";
import type { Fault } from "../../dolibarr/fault.ts";
import { judgeRegister, type RegisterJudgement } from "../../dolibarr/register/judge.ts";
import type { FindingHistory } from "../../checks/findings/history.ts";
import { readPapersNow } from "../../dolibarr/register/papers_now.ts";
import {
  type ReadablePart,
  readRegisterLogs,
  readTraces,
  registerPartsOf,
} from "../../dolibarr/register/read.ts";
import { idOfLine, parseRow, type RegisterChange } from "../../dolibarr/register/rows.ts";
import { readStayingReferences } from "../../dolibarr/register/staying.ts";
import { isHashed } from "../../dolibarr/register/tables.ts";
import { FIRST_HASH, isSameHash } from "../../postgres/rows/content_algorithms.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { RecordedTable } from "../../store/records/manifest.ts";
import type { RegisterHead } from "../../store/records/register/head.ts";
import { type OpenPart, type OpenRegister, RegisterWriter } from "../../store/records/register/text.ts";
import { mergeRows, overlaid } from "../../dolibarr/register/merge.ts";
import { historiesOf, standingAfter } from "./standing.ts";

interface RegisterOptions {
  environment: string;
  /** The set that it is made for. */
  set: string;
  /** In the instant that is dumped; the content settings hold. */
  session: Session;
  /** What every table holds in that instant. */
  tables: readonly RecordedTable[];
  /** Of the set that is compared with. */
  earlier?: OpenRegister;
  /** What the columns of every table hold in that instant. */
  shape?: RegisterHead["shape"];
  /** What is told beside the register's own notes. */
  notes?: readonly string[];
}

export interface MadeRegister {
  /** What nothing explains. */
  faults: Fault[];
  /** Since when each of them is there, and where it is still right, in their order. */
  histories: (FindingHistory | undefined)[];
  head: RegisterHead;
  /** As it is stored, once the head is final. */
  bytes(): Bytes;
}

/** More rows of one part are not told one by one. */
const TOLD_AT_MOST = 20_000;

/**
 * Makes the register. A part whose tables hold what they held in the earlier set is taken from there, unread.
 * @throws DrillError as the session and the earlier register.
 */
export async function makeRegister(options: RegisterOptions): Promise<MadeRegister> {
  const { environment, set, session, earlier } = options;
  const logs = await readRegisterLogs(session);
  const writer = new RegisterWriter();
  const compared = await writeParts(writer, options);
  const papers = earlier ? await readPapersNow(session, compared.changes) : new Map();
  const traces = earlier && compared.changes.length > 0 ? await readTraces(session, earlier.head.logs) : [];
  const judgement: RegisterJudgement = earlier && compared.changes.length > 0
    ? judgeRegister({
      before: earlier.head.set,
      changes: compared.changes,
      traces,
      logsBefore: earlier.head.logs,
      logsNow: logs,
      highest: compared.highest,
      rowsBefore: compared.rowsBefore,
      isStanding: (table, id) =>
        earlier.head.standing.some((row) =>
          row.why === "unexplained" && row.table === table && row.id === id
        ),
      isReopened: (table, id) =>
        earlier.head.standing.some((row) => row.why === "reopened" && row.table === table && row.id === id),
      nowOf: (table, id) => papers.get(`${table}:${id}`),
      numbering: await readStayingReferences(session, compared.changes, traces, compared.highest),
    })
    : { faults: [], reopened: [], notes: [] };
  const standing = earlier ? standingAfter(judgement, { set, before: earlier.head }, compared.forms) : [];
  const { notCompared } = compared;
  const head: RegisterHead = {
    environment,
    set,
    ...(earlier ? { comparedWith: earlier.head.set } : {}),
    ...FIRST_HASH,
    logs,
    standing,
    ...(notCompared.length > 0 ? { notCompared } : {}),
    notes: notesOf([...options.notes ?? [], ...compared.notes, ...judgement.notes]),
    ...(options.shape ? { shape: options.shape } : {}),
  };
  return {
    faults: judgement.faults.map(({ fault }) => fault),
    histories: historiesOf(judgement, standing),
    bytes: () => writer.finish(head),
    head,
  };
}

/** More are not recorded one by one. */
const NOTES_AT_MOST = 200;

const notesOf = (notes: readonly string[]): string[] =>
  notes.length <= NOTES_AT_MOST ? [...notes] : [
    ...notes.slice(0, NOTES_AT_MOST),
    `and ${formatCount(notes.length - NOTES_AT_MOST, "more change")} that are explained`,
  ];

interface ComparedParts {
  changes: RegisterChange[];
  /** The highest id of each table in the earlier register. */
  highest: Map<string, number>;
  /** How many rows each had that is compared row by row. */
  rowsBefore: Map<string, number>;
  notes: string[];
  /** The names of the values of each table's rows. */
  forms: Map<string, string[]>;
  /** Tables that this database does not have as the earlier register: their rows are taken over from there. */
  notCompared: string[];
}

/** Writes every part, beside the one of the earlier register where that has it. */
async function writeParts(writer: RegisterWriter, options: RegisterOptions): Promise<ComparedParts> {
  const { session, tables, earlier } = options;
  const compared: ComparedParts = {
    changes: [],
    highest: new Map(),
    rowsBefore: new Map(),
    notes: [],
    forms: new Map(),
    notCompared: [],
  };
  const waiting = await registerPartsOf(session);
  const write = async (part: ReadablePart, before: OpenPart | undefined) => {
    const content = contentOf(part, tables);
    writer.beginPart({ ...part.form, content });
    compared.forms.set(part.form.table, part.form.values);
    if (before && earlier) await comparePart({ ...part, content }, before, earlier.head, writer, compared);
    else for await (const lines of part.read()) writer.rows(lines);
  };
  if (earlier) {
    for await (const before of earlier.parts()) {
      const at = waiting.findIndex(({ form }) => form.table === before.table);
      if (at < 0) {
        compared.notes.push(
          `${before.table} is not compared: this database does not have it as ${earlier.head.set} had`,
        );
        compared.notCompared.push(before.table);
        const { rows, ...form } = before;
        writer.beginPart(form); // what differs once it is there again must be seen then
        for await (const lines of rows) writer.rows(lines);
        continue;
      }
      for (const part of waiting.splice(0, at)) await write(part, undefined);
      await write(waiting.shift()!, before);
    }
  }
  for (const part of waiting) await write(part, undefined);
  return compared;
}

async function comparePart(
  now: ReadablePart & { content: string },
  before: OpenPart,
  head: RegisterHead,
  writer: RegisterWriter,
  { changes, highest, rowsBefore, notes }: ComparedParts,
): Promise<void> {
  const { table, values } = now.form;
  const isSameForm = sameForm(now, before, head);
  if (!isSameForm) {
    notes.push(
      `${table}: its columns are others than in ${head.set}, so that only what is told of each row is compared`,
    );
  }
  const standing = head.standing.filter((row) => row.table === table);
  if (isSameForm && now.content === before.content && standing.length === 0) {
    for await (const lines of before.rows) {
      writer.rows(lines);
      note(highest, table, lines);
    }
    return;
  }
  const noted = async function* (): AsyncGenerator<string[]> {
    for await (const lines of before.rows) {
      note(highest, table, lines);
      rowsBefore.set(table, (rowsBefore.get(table) ?? 0) + lines.length);
      yield lines;
    }
  };
  let told = 0;
  let untold = 0;
  await mergeRows(overlaid(noted(), standing), now.read(), {
    now: (line) => writer.row(line),
    differing: (was, is) => {
      if (told === TOLD_AT_MOST) return void untold++;
      const change: RegisterChange = { table, id: idOfLine((was ?? is)!) };
      if (was !== undefined) change.was = parseRow(was, before.values);
      if (is !== undefined) change.is = parseRow(is, values);
      const isStanding = standing.some(({ id, why }) => id === change.id && why === "unexplained");
      if (!isSameForm && !isStanding && !differInValues(change)) return;
      changes.push(change);
      told++;
    },
  });
  if (untold > 0) notes.push(`${table}: ${untold} more rows differ`);
}

/**
 * Where the hashes cannot be compared, the row of before gets that of now, unless a value differs that the hash is of.
 * @returns whether anything else than the hash differs.
 */
function differInValues({ table, was, is }: RegisterChange): boolean {
  if (!was || !is) return true;
  const differing = Object.keys(was.values)
    .filter((name) => name in is.values && was.values[name] !== is.values[name]);
  const isSame = was.hash !== "" && is.hash !== "" && !differing.some((name) => isHashed(table, name));
  if (isSame) (was as { hash: string }).hash = is.hash;
  return was.hash !== is.hash || differing.length > 0;
}

function note(highest: Map<string, number>, table: string, lines: readonly string[]): void {
  const last = lines.at(-1);
  if (last !== undefined) highest.set(table, Math.max(highest.get(table) ?? 0, idOfLine(last)));
}

const sameForm = ({ form }: ReadablePart, before: OpenPart, head: RegisterHead): boolean =>
  isSameHash(head, FIRST_HASH) &&
  JSON.stringify([form.columns, form.values]) === JSON.stringify([before.columns, before.values]);

/** What decides the rows of a part; of two equal ones the rows are equal. */
function contentOf({ form, dependsOn }: ReadablePart, tables: readonly RecordedTable[]): string {
  const held = dependsOn.map((name) => tables.find(({ table }) => table === `public.${name}`));
  return sha256Of(
    JSON.stringify([form, held.map((table) => table && [table.table, table.rows, table.hash])]),
  );
}
