/** The SQL of the stand-in's tables, from a short notation. Pure. */

import { PAPER_COLUMNS } from "./columns_papers.ts";
import { SETUP_COLUMNS } from "./columns_setup.ts";
import { FUNCTIONS } from "./functions.ts";
import { SMALL_TABLES } from "./table_names.ts";

/**
 * A column is `name:type`, then `!` for NOT NULL, then `=` and a default: `entity:i!=1`. Types:
 * `#` serial and primary key, `i` integer, `s` smallint, `t` timestamp, `d` date, `n` numeric(24,8), `n7`
 * numeric(7,4), `n16` numeric(16,8), `num` numeric, `x` text, `r` real, `v50` varchar(50).
 */
interface Column {
  name: string;
  type: string;
  serial: boolean;
  notNull: boolean;
  default?: string;
}

const TYPES: Record<string, string> = {
  "#": "serial",
  i: "integer",
  s: "smallint",
  t: "timestamp without time zone",
  d: "date",
  n: "numeric(24,8)",
  n7: "numeric(7,4)",
  n16: "numeric(16,8)",
  num: "numeric",
  x: "text",
  r: "real",
  point: "point",
};

/** Every table, without its prefix. */
export const STAND_IN_TABLES: ReadonlyMap<string, readonly Column[]> = new Map([
  ...Object.entries({ ...PAPER_COLUMNS, ...SETUP_COLUMNS }).map(([name, columns]) =>
    [name, columnsOf(columns)] as const
  ),
  ...SMALL_TABLES.map((name) => [name, columnsOf("rowid:# entity:i!=1 label:v255 tms:t!=now()")] as const),
]);

/** The foreign keys, as in 22.0.4: column and table. */
const REFERENCES = `
  facture.fk_soc>societe facture.fk_user_author>user facture.fk_user_valid>user facture.fk_facture_source>facture
  facture.fk_projet>projet facturedet.fk_facture>facture facturedet.fk_unit>c_units
  facture_fourn.fk_soc>societe facture_fourn.fk_user_author>user facture_fourn.fk_user_valid>user
  facture_fourn.fk_projet>projet facture_fourn_det.fk_facture_fourn>facture_fourn facture_fourn_det.fk_unit>c_units
  societe_remise_except.fk_facture>facture societe_remise_except.fk_soc>societe
  paiement_facture.fk_facture>facture paiement_facture.fk_paiement>paiement
  product.fk_unit>c_units product.fk_country>c_country product.fk_barcode_type>c_barcode_type
  bank_account.fk_accountancy_journal>accounting_journal
  user_rights.fk_user>user usergroup_rights.fk_usergroup>usergroup
  usergroup_user.fk_user>user usergroup_user.fk_usergroup>usergroup
`.trim().split(/\s+/);

const UNIQUE = `
  const(name,entity) user(login,entity) user(api_key) user_rights(entity,fk_user,fk_id) user_param(fk_user,param,entity)
  facture(ref,entity) facture_fourn(ref,entity) facture_fourn(ref_supplier,fk_soc,entity) product(ref,entity)
  ecm_files(filepath,filename,entity) paiement_facture(fk_paiement,fk_facture)
  societe(code_client,entity) societe(code_fournisseur,entity)
`.trim().split(/\s+/);

/** All statements that create the empty ERP, for one round trip. */
export function schemaSql(): string {
  return [
    ...FUNCTIONS,
    ...[...STAND_IN_TABLES].map(([name, columns]) => tableSql(name, columns)),
    ...UNIQUE.map(uniqueSql),
    ...REFERENCES.map(referenceSql),
    ...[...STAND_IN_TABLES].filter(([, columns]) => hasColumn(columns, "tms")).map(([name]) =>
      triggerSql(name)
    ),
  ].join(";\n");
}

/** Sets each sequence after the last row of its table. PostgreSQL truncates long names of sequences, so it is asked for them. */
export const sequencesSql = (): string =>
  [...STAND_IN_TABLES].flatMap(([name, columns]) =>
    columns.filter((column) => column.serial).map(({ name: key }) =>
      `SELECT setval(pg_get_serial_sequence('public.llx_${name}', '${key}'), coalesce(max(${key}), 1), max(${key}) IS NOT NULL) ` +
      `FROM public.llx_${name}`
    )
  ).join(";\n");

export const hasColumn = (columns: readonly Column[], name: string): boolean =>
  columns.some((column) => column.name === name);

function tableSql(name: string, columns: readonly Column[]): string {
  const lines = columns.map((column) => {
    const standard = column.default === undefined ? "" : ` DEFAULT ${column.default}`;
    return `${column.name} ${column.type}${standard}${column.notNull ? " NOT NULL" : ""}${
      column.serial ? " PRIMARY KEY" : ""
    }`;
  });
  if (name === "c_country") lines.push("PRIMARY KEY (rowid)");
  if (name === "rights_def") lines.push("PRIMARY KEY (id, entity)");
  return `CREATE TABLE public.llx_${name} (${lines.join(", ")})`;
}

function uniqueSql(key: string): string {
  const [, table, columns] = key.match(/^(\w+)\((.*)\)$/)!;
  return `CREATE UNIQUE INDEX uk_${table}_${
    columns!.replaceAll(",", "_")
  } ON public.llx_${table} (${columns})`;
}

function referenceSql(reference: string): string {
  const [, table, column, other] = reference.match(/^(\w+)\.(\w+)>(\w+)$/)!;
  return `ALTER TABLE public.llx_${table} ADD CONSTRAINT fk_${table}_${column} FOREIGN KEY (${column}) ` +
    `REFERENCES public.llx_${other} (rowid) DEFERRABLE`;
}

const triggerSql = (name: string): string =>
  `CREATE TRIGGER update_customer_modtime BEFORE UPDATE ON public.llx_${name} ` +
  `FOR EACH ROW EXECUTE FUNCTION public.update_modified_column_tms()`;

function columnsOf(notation: string): Column[] {
  return notation.trim().split(/\s+/).map((token) => {
    const [, name, short, notNull, standard] = token.match(/^(\w+):(#|[a-z]+\d*)(!?)(?:=(.+))?$/)!;
    const type = TYPES[short!] ?? `varchar(${short!.slice(1)})`;
    return { name: name!, type, serial: short === "#", notNull: notNull === "!", default: standard };
  });
}
