/** Reads the rows of a register from a database, in the transaction of a session whose content settings hold. */

import { quoteIdentifier, quoteLiteral } from "../../postgres/connection/database.ts";
import type { Session } from "../../postgres/connection/session.ts";
import { idOfLine, type RegisterForm } from "./rows.ts";
import { REGISTER_TABLES, type RegisterTable } from "./tables.ts";

/** How many rows one statement reads: few round trips, and some megabytes at a time. */
const ROWS_PER_QUERY = 50_000;

/** A part that this database has, and how its rows are read. */
export interface ReadablePart {
  form: RegisterForm;
  dependsOn: readonly string[];
  /** The lines of its rows by rising ids, many at a time. */
  read(): AsyncGenerator<string[]>;
}

/**
 * The parts of which this database has the tables. A column that it lacks is left out of the hash, and a part whose values
 * cannot be read for want of a column is left out: another version of Dolibarr may have neither.
 */
export async function registerPartsOf(session: Session): Promise<ReadablePart[]> {
  const tables = [...new Set(REGISTER_TABLES.flatMap(tablesOf))];
  const rows = await session.query<{ table: string; name: string; type: string }>(
    `SELECT c.relname AS "table", a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
        AND pg_catalog.has_table_privilege(c.oid, 'SELECT')`,
    [tables],
  );
  const columns = new Map(
    [...Map.groupBy(rows, ({ table }) => table)].map((
      [table, rows],
    ) => [table, new Map(rows.map(({ name, type }) => [name, type]))]),
  );
  return REGISTER_TABLES.flatMap((part) => {
    const form = formOf(part, columns);
    const types = columns.get(part.table) ?? new Map<string, string>();
    return form
      ? [{ form, dependsOn: part.dependsOn, read: () => readRows(session, part, form, types) }]
      : [];
  });
}

/** Every table that is read for a part. */
const tablesOf = ({ from, where }: RegisterTable): string[] => `${from} ${where}`.match(/llx_\w+/g) ?? [];

function formOf(
  part: RegisterTable,
  known: ReadonlyMap<string, ReadonlyMap<string, string>>,
): RegisterForm | undefined {
  const { table, id = "rowid", where, sealed = "", columns, values } = part;
  const own = known.get(table);
  if (!own || tablesOf(part).some((name) => !known.has(name))) return undefined;
  const named = [where, sealed, ...Object.values(values)].flatMap((sql) => sql.match(/(?<=\bt\.)\w+/g) ?? []);
  if (!own.has(id) || named.some((column) => !own.has(column))) return undefined;
  return {
    table,
    columns: columns.filter((name) => own.has(name)).map((name) => `${name} ${own.get(name)}`),
    values: Object.keys(values),
  };
}

async function* readRows(
  session: Session,
  { id = "rowid", from, where, sealed, values }: RegisterTable,
  { columns }: RegisterForm,
  types: ReadonlyMap<string, string>,
): AsyncGenerator<string[]> {
  const hashed = columns.map((column) => `t.${quoteIdentifier(column.slice(0, column.indexOf(" ")))}`).join(
    ", ",
  );
  const hash = `pg_catalog.hashtextextended(ROW(${hashed})::text, 0)::text`;
  const told = Object.values(values).map((sql) =>
    isPlain(sql, types)
      ? ` || coalesce(',"' || (${sql})::text || '"', ',null')`
      : ` || ',' || coalesce(to_json((${sql})::text)::text, 'null')`
  );
  const sql = (after: number) =>
    `SELECT coalesce(string_agg(line, E'\\n'), '') FROM (
       SELECT '[' || t.${id} || ',"' || ${
      sealed ? `CASE WHEN ${sealed} THEN ${hash} ELSE '' END` : hash
    } || '"'${told.join("")} || ']' AS line
         FROM ${from} WHERE (${where}) AND t.${id} > ${after} ORDER BY t.${id} LIMIT ${ROWS_PER_QUERY}) AS lines`;
  for (let asked = ask(session, sql(-1));;) {
    const text = await asked;
    const lines = text === "" ? [] : text.split("\n"); // within a line it is escaped
    const isLast = lines.length < ROWS_PER_QUERY;
    if (!isLast) asked = ask(session, sql(idOfLine(lines.at(-1)!))); // the server works on it while these are compared
    if (lines.length > 0) yield lines;
    if (isLast) return;
  }
}

/** A question whose answer may be awaited later, or by nobody. */
function ask(session: Session, sql: string): Promise<string> {
  const asked = session.ask<string>(sql);
  asked.catch(() => {}); // whoever awaits it gets the error
  return asked;
}

/** Whether the text of that value has nothing that JSON escapes, which to be asked for costs more than the value. */
function isPlain(sql: string, types: ReadonlyMap<string, string>): boolean {
  if (/^trim_scale\(/.test(sql) || sql.endsWith("::date")) return true;
  const [, column = ""] = /^t\.(\w+)$/.exec(sql) ?? [];
  return /^(smallint|integer|bigint|numeric|date)\b/.test(types.get(column) ?? "");
}

/** Above which ids a trace is new, and which logs this ERP keeps. */
export interface RegisterLogs {
  /** The highest `llx_actioncomm.id` and `llx_blockedlog.rowid`. */
  highestEvent: number;
  highestLogLine: number;
  /** Whether the unalterable log is kept. */
  unalterable: boolean;
  /** The events that the agenda writes by itself, `BILL_UNVALIDATE`; none where its module is off. */
  agenda: string[];
}

/** What the register says of the logs of this moment. A table that is not there counts as an empty one. */
export async function readRegisterLogs(session: Session): Promise<RegisterLogs> {
  const highest = (table: string, column: string) =>
    hasColumn(session, table, column).then(async (there) =>
      there
        ? Number(await session.ask<string>(`SELECT coalesce(max(${column}), 0)::text FROM public.${table}`))
        : 0
    );
  const constants = await session.query<{ name: string; entity: number }>(
    `SELECT DISTINCT name, entity FROM public.llx_const
      WHERE coalesce(value, '') NOT IN ('', '0')
        AND (name IN ('MAIN_MODULE_AGENDA', 'MAIN_MODULE_BLOCKEDLOG', 'MAIN_MODULE_FACTURE', 'MAIN_MODULE_FOURNISSEUR')
          OR name LIKE 'MAIN\\_AGENDA\\_ACTIONAUTO\\_%') ORDER BY name`,
  );
  const kept = keptEverywhere(constants);
  const automatic = "MAIN_AGENDA_ACTIONAUTO_";
  return {
    highestEvent: await highest("llx_actioncomm", "id"),
    highestLogLine: await highest("llx_blockedlog", "rowid"),
    unalterable: kept.includes("MAIN_MODULE_BLOCKEDLOG"),
    agenda: kept.includes("MAIN_MODULE_AGENDA")
      ? kept.filter((name) => name.startsWith(automatic)).map((name) => name.slice(automatic.length))
      : [],
  };
}

/** A log counts as kept where each company that makes invoices keeps it. What entity 0 sets counts for all. */
function keptEverywhere(constants: readonly { name: string; entity: number }[]): string[] {
  const makeInvoices = ["MAIN_MODULE_FACTURE", "MAIN_MODULE_FOURNISSEUR"];
  const companies = new Set(
    constants.filter(({ name, entity }) => makeInvoices.includes(name) && entity > 0).map(({ entity }) =>
      entity
    ),
  );
  return [...Map.groupBy(constants, ({ name }) => name)].filter(([, of]) => {
    const set = new Set(of.map(({ entity }) => entity));
    return set.has(0) || companies.isSubsetOf(set);
  }).map(([name]) => name);
}

/** What somebody did, as one of the logs tells it. */
export interface Trace {
  log: "agenda" | "unalterable";
  /** `BILL_UNVALIDATE`; of an event of the agenda without the `AC_` before it. */
  action: string;
  /** `invoice`, `invoice_supplier`; of the unalterable log `facture`, `payment`. Empty where the event has none. */
  element: string;
  /** The id of the object; 0 where the event has none. */
  object: number;
  party: number;
  /** Of the unalterable log the amount that it recorded, without trailing zeros. */
  amount: string;
  label: string;
  note: string;
  /** Who, as the log has it: a login or an id; and when, in PHP's own time zone. */
  by: string;
  at: string;
}

/** Every trace that is newer than `logs` of an earlier register. */
export async function readTraces(
  session: Session,
  { highestEvent, highestLogLine }: RegisterLogs,
): Promise<Trace[]> {
  const traces: Trace[] = [];
  if (await hasColumn(session, "llx_actioncomm", "elementtype")) {
    traces.push(
      ...await session.ask<Trace[]>(
        `SELECT coalesce(json_agg(json_build_object('log', 'agenda', 'action', regexp_replace(a.code, '^AC_', ''),
            'element', coalesce(a.elementtype, ''), 'object', coalesce(a.fk_element, 0), 'party', coalesce(a.fk_soc, 0),
            'amount', '', 'label', a.label, 'note', coalesce(left(a.note, 2000), ''),
            'by', coalesce(u.login, a.fk_user_author::text, ''), 'at', coalesce(a.datec::text, '')) ORDER BY a.id), '[]'::json)
           FROM public.llx_actioncomm a LEFT JOIN public.llx_user u ON u.rowid = a.fk_user_author
          WHERE a.id > ${Number(highestEvent)} AND a.code LIKE 'AC\\_%'`,
      ),
    );
  }
  if (await hasColumn(session, "llx_blockedlog", "fk_object")) {
    traces.push(
      ...await session.ask<Trace[]>(
        `SELECT coalesce(json_agg(json_build_object('log', 'unalterable', 'action', action, 'element', coalesce(element, ''),
            'object', coalesce(fk_object, 0), 'party', 0, 'amount', trim_scale(amounts)::text, 'label', coalesce(ref_object, ''),
            'note', '', 'by', coalesce(user_fullname, ''), 'at', coalesce(date_creation::text, '')) ORDER BY rowid), '[]'::json)
           FROM public.llx_blockedlog WHERE rowid > ${Number(highestLogLine)}`,
      ),
    );
  }
  return traces;
}

/** Another version of Dolibarr may not have it. */
const hasColumn = (session: Session, table: string, column: string): Promise<boolean> =>
  session.ask<boolean>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(${
      quoteLiteral(`public.${table}`)
    }) AND attname = ${quoteLiteral(column)} AND NOT attisdropped)`,
  );
