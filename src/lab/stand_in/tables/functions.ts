/** Dolibarr's helper functions in a PostgreSQL database, by their names; the bodies are our own. */

const stamps = ["timestamp without time zone", "timestamp with time zone"];

/** One statement each. They belong to the role that runs them (docs/facts.md, Database). */
export const FUNCTIONS: readonly string[] = [
  ...stamps.map((type) =>
    sql("unix_timestamp", type, "bigint", "SELECT floor(extract(epoch FROM $1))::bigint")
  ),
  ...[...stamps, "date"].flatMap((type) =>
    ["year", "month", "day"].map((part) =>
      sql(part, type, "integer", `SELECT date_part('${part}', $1)::integer`)
    )
  ),
  ...stamps.map((type) =>
    sql("date_format", `${type}, text`, "text", `SELECT to_char($1, ${mysqlFormat("$2")})`)
  ),
  plpgsql("update_modified_column_tms()", "trigger", "BEGIN NEW.tms := now(); RETURN NEW; END"),
  plpgsql(
    "dol_util_rebuild_sequences()",
    "integer",
    `DECLARE owned record; highest bigint;
     BEGIN
       FOR owned IN
         SELECT c.oid::regclass AS tab, a.attname AS col, pg_get_serial_sequence(c.oid::regclass::text, a.attname) AS seq
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('rowid', 'id')
          WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       LOOP
         CONTINUE WHEN owned.seq IS NULL;
         EXECUTE format('SELECT max(%I) FROM %s', owned.col, owned.tab) INTO highest;
         PERFORM setval(owned.seq, coalesce(highest, 0) + 1, false);
       END LOOP;
       RETURN 1;
     END`,
  ),
  plpgsql(
    "dol_util_triggerall(doenable boolean)",
    "integer",
    `DECLARE tab regclass;
     BEGIN
       FOR tab IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relhastriggers LOOP
         EXECUTE format('ALTER TABLE %s %s TRIGGER ALL', tab, CASE WHEN doenable THEN 'ENABLE' ELSE 'DISABLE' END);
       END LOOP;
       RETURN 1;
     END`,
  ),
];

function sql(name: string, types: string, returns: string, body: string): string {
  const volatility = types.includes("with time zone") && !types.includes("without") ? "STABLE" : "IMMUTABLE";
  return `CREATE FUNCTION public.${name}(${types}) RETURNS ${returns} LANGUAGE sql ${volatility} STRICT AS $body$${body}$body$`;
}

function plpgsql(signature: string, returns: string, body: string): string {
  return `CREATE FUNCTION public.${signature} RETURNS ${returns} LANGUAGE plpgsql AS $body$${body}$body$`;
}

/** MySQL's format letters as those of `to_char`. */
function mysqlFormat(format: string): string {
  const letters = { "%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%i": "MI", "%S": "SS" };
  return Object.entries(letters).reduce((text, [from, to]) => `replace(${text}, '${from}', '${to}')`, format);
}
