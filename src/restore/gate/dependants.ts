/**
 * What other roles have built on what the owner role owns: `DROP OWNED ... CASCADE` would drop it too (docs/facts.md,
 * "Dropping what a role owns").
 */

import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import { quoteLiteral } from "../../postgres/connection/database.ts";
import type { Ask } from "../../postgres/connection/session.ts";

interface Dependant {
  what: string;
  owner: string;
}

/** One kind of object in the catalogue: its name for a person, its owner, and where both are. */
interface Kind {
  /** The catalogue that it stands in, as `x`. */
  in: string;
  /** What it is a part of, joined where it has no owner of its own. */
  of?: string;
  name: string;
  owner: string;
  /** Parts of a table that come and go with it need no line of their own. */
  but?: string;
}

/** A part is named by the whole that a person knows: the view of a rule, the table of a foreign key or of a default. */
const RELATION = { name: "c.oid::regclass::text", owner: "c.relowner" };
const KINDS: readonly Kind[] = [
  { in: "pg_class", name: "x.oid::regclass::text", owner: "x.relowner", but: "x.relkind IN ('t', 'i', 'I')" },
  { in: "pg_proc", name: "x.oid::regprocedure::text", owner: "x.proowner" },
  {
    in: "pg_type",
    name: "'type ' || format_type(x.oid, NULL)",
    owner: "x.typowner",
    but: "x.typrelid <> 0 OR x.typcategory = 'A'",
  },
  { in: "pg_rewrite", of: "pg_class c ON c.oid = x.ev_class", ...RELATION },
  { in: "pg_constraint", of: "pg_class c ON c.oid = x.conrelid", ...RELATION },
  { in: "pg_trigger", of: "pg_class c ON c.oid = x.tgrelid", ...RELATION },
  { in: "pg_policy", of: "pg_class c ON c.oid = x.polrelid", ...RELATION },
  { in: "pg_attrdef", of: "pg_class c ON c.oid = x.adrelid", ...RELATION },
];

/** Rare ones: the catalogue, and the column with the owner. They are asked for together: each branch costs time to plan. */
const RARE: readonly [catalogue: string, owner: string][] = [
  ["pg_namespace", "nspowner"],
  ["pg_extension", "extowner"],
  ["pg_event_trigger", "evtowner"],
  ["pg_statistic_ext", "stxowner"],
  ["pg_default_acl", "defaclrole"],
  ["pg_operator", "oprowner"],
  ["pg_opclass", "opcowner"],
  ["pg_opfamily", "opfowner"],
  ["pg_collation", "collowner"],
  ["pg_conversion", "conowner"],
  ["pg_ts_config", "cfgowner"],
  ["pg_ts_dict", "dictowner"],
  ["pg_foreign_server", "srvowner"],
  ["pg_foreign_data_wrapper", "fdwowner"],
  ["pg_language", "lanowner"],
];

/** What puts tables and (since PostgreSQL 15) schemas into a publication, with the column that names it. */
const PUBLISHED: readonly [catalogue: string, publication: string, since: number][] = [
  ["pg_publication_rel", "prpubid", 0],
  ["pg_publication_namespace", "pnpubid", 150_000],
];

const selectSql = ({ in: catalogue, of, name, owner, but }: Kind): string =>
  `SELECT ${name} AS what, ${owner} AS whose FROM named a JOIN pg_catalog.${catalogue} x ON x.oid = a.objid${
    of === undefined ? "" : ` JOIN pg_catalog.${of}`
  }, role WHERE a.classid = '${catalogue}'::regclass AND ${owner} <> role.oid${
    but ? ` AND NOT (${but})` : ""
  }`;

function rareSql(serverVersion: number): string {
  const published = PUBLISHED.filter(([, , since]) => serverVersion >= since);
  const cases = [
    ...RARE.map(([catalogue, owner]) =>
      `WHEN '${catalogue}'::regclass THEN (SELECT ${owner} FROM pg_catalog.${catalogue} x WHERE x.oid = a.objid)`
    ),
    ...published.map(([catalogue, publication]) =>
      `WHEN '${catalogue}'::regclass THEN (SELECT pubowner FROM pg_catalog.${catalogue} x JOIN pg_catalog.pg_publication p ON p.oid = x.${publication} WHERE x.oid = a.objid)`
    ),
  ];
  const classes = [...RARE, ...published].map(([catalogue]) => `'${catalogue}'::regclass`).join(", ");
  return `SELECT what, whose FROM (SELECT pg_describe_object(a.classid, a.objid, 0) AS what,
      CASE a.classid ${
    cases.join(" ")
  } END AS whose FROM named a WHERE a.classid IN (${classes})) AS rare, role WHERE whose <> role.oid`;
}

/**
 * SQL whose one value is a JSON list of the objects of other roles that would be dropped with what `owner` owns: all that
 * PostgreSQL's own CASCADE follows in pg_depend, and two that are in no dependency: a publication of all tables, which would
 * send the restored rows on, and a subscription that writes into one of these. The members of a trusted extension belong to
 * the server's superuser, and count as the role's where the extension is.
 * @param serverVersion `server_version_num`
 */
const dependantsSql = (owner: string, serverVersion: number): string => `
  WITH RECURSIVE role AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(owner)}),
  all_of_it(classid, objid, whole) AS (
    SELECT s.classid, s.objid, true FROM pg_catalog.pg_shdepend s, role
     WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = role.oid AND s.deptype = 'o'
       AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    UNION SELECT d.classid, d.objid, d.objsubid = 0 FROM all_of_it a
      JOIN pg_catalog.pg_depend d ON d.refclassid = a.classid AND d.refobjid = a.objid WHERE a.whole),
  named AS (SELECT * FROM all_of_it a WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid, role
     WHERE d.classid = a.classid AND d.objid = a.objid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
       AND x.extowner = role.oid)),
  others AS (
    ${[...KINDS.map(selectSql), rareSql(serverVersion)].join("\n    UNION ALL ")}
    UNION ALL SELECT 'publication ' || quote_ident(pubname) || ' of all tables', pubowner
      FROM pg_catalog.pg_publication, role WHERE puballtables AND pubowner <> role.oid
    UNION ALL SELECT 'subscription ' || quote_ident(s.subname) || ' into ' || r.srrelid::regclass, s.subowner
      FROM pg_catalog.pg_subscription_rel r JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid
      JOIN pg_catalog.pg_class c ON c.oid = r.srrelid, role WHERE c.relowner = role.oid AND s.subowner <> role.oid)
  SELECT coalesce(json_agg(DISTINCT jsonb_build_object('what', what, 'owner', pg_get_userbyid(whose)::text)), '[]'::json)
    FROM others WHERE what IS NOT NULL`;

const VERSION_SQL = "SELECT to_json(current_setting('server_version_num')::integer)";

/** @throws DrillError `DEPENDANTS_OF_OTHERS` naming each. */
export async function refuseForeignDependants(
  ask: Ask,
  owner: string,
): Promise<void> {
  const found = await ask<Dependant[]>(dependantsSql(owner, await ask<number>(VERSION_SQL)));
  if (found.length === 0) return;
  throw new DrillError(
    "DEPENDANTS_OF_OTHERS",
    `Cannot drop what ${owner} owns: ${formatCount(found.length, "object")} of other roles ${
      found.length === 1 ? "depends" : "depend"
    } on it and would be dropped with it`,
    "Nothing was changed. Drop or move them first, or give them to the owner role.",
    { details: found.map(({ what, owner: whose }) => `${what}, owned by ${whose}`) },
  );
}
