/** A dump's table of contents, as `pg_restore --list --verbose` prints it. Pure. */

import { DrillError } from "../../base/errors.ts";
import { formatCount } from "../../base/numbers.ts";
import { PROGRAM } from "../../base/program_name.ts";

/** One line of a dump's table of contents. */
export interface TocEntry {
  /** The line as pg_restore wrote it, for its `--use-list`, which reads only the number. */
  line: string;
  /** That number: what other entries depend on. */
  id: number;
  /** `TABLE`, `TABLE DATA`, `FK CONSTRAINT`, ... */
  kind: string;
  /** Empty where it has none. */
  schema: string;
  /** For functions with their arguments, for constraints and triggers behind the table's: `llx_facture trg_facture`. */
  name: string;
  /** Empty where it has none. */
  owner: string;
  /** The entries that must be there before it, by their numbers. */
  dependsOn: readonly number[];
}

/** A kind of several words must be tried before the kind that it begins with. */
const KINDS = [
  "MATERIALIZED VIEW DATA",
  "MATERIALIZED VIEW",
  "TABLE DATA",
  "TABLE ATTACH",
  "TABLE",
  "SEQUENCE OWNED BY",
  "SEQUENCE SET",
  "SEQUENCE",
  "FK CONSTRAINT",
  "CHECK CONSTRAINT",
  "CONSTRAINT",
  "INDEX ATTACH",
  "INDEX",
  "DEFAULT ACL",
  "DEFAULT",
  "EVENT TRIGGER",
  "TRIGGER",
  "FUNCTION",
  "PROCEDURE",
  "AGGREGATE",
  "OPERATOR CLASS",
  "OPERATOR FAMILY",
  "OPERATOR",
  "VIEW",
  "RULE",
  "POLICY",
  "ROW SECURITY",
  "SHELL TYPE",
  "TYPE",
  "DOMAIN",
  "COLLATION",
  "CONVERSION",
  "CAST",
  "TRANSFORM",
  "STATISTICS DATA",
  "STATISTICS",
  "EXTENSION",
  "SCHEMA",
  "COMMENT",
  "ACL",
  "SECURITY LABEL",
  "PUBLICATION TABLES IN SCHEMA",
  "PUBLICATION TABLE",
  "PUBLICATION",
  "SUBSCRIPTION TABLE",
  "SUBSCRIPTION",
  "FOREIGN DATA WRAPPER",
  "SERVER",
  "USER MAPPING",
  "FOREIGN TABLE",
  "TEXT SEARCH CONFIGURATION",
  "TEXT SEARCH DICTIONARY",
  "TEXT SEARCH PARSER",
  "TEXT SEARCH TEMPLATE",
  "PROCEDURAL LANGUAGE",
  "ACCESS METHOD",
  "BLOB METADATA",
  "BLOBS",
  "BLOB",
  "LARGE OBJECT",
  "DATABASE PROPERTIES",
  "DATABASE",
  "ENCODING",
  "STDSTRINGS",
  "SEARCHPATH",
];

/**
 * Kinds that may be taken for a shorter one with a schema ("TABLE" in a schema "DATA"), with the catalogue whose oid their
 * line begins with: pg_attribute's defaults are of 2604, default rights of 826, a table is of 1259, its rows are of none.
 */
const CATALOGUES: Record<string, number> = {
  "MATERIALIZED VIEW DATA": 0,
  "TABLE DATA": 0,
  "TABLE ATTACH": 0,
  "SEQUENCE OWNED BY": 0,
  "SEQUENCE SET": 0,
  "INDEX ATTACH": 0,
  "DEFAULT ACL": 826,
  "OPERATOR CLASS": 2616,
  "OPERATOR FAMILY": 2753,
  "STATISTICS DATA": 0,
};

const ENTRY = /^(\d+); (\d+) \d+ (.+)$/s;
const DEPENDS = /^;\tdepends on:((?: \d+)+)$/;
const ANNOUNCED = /^; +TOC Entries: (\d+)$/m;

/**
 * The table of contents of the dump `name`, in its own order. pg_restore prints a space for a newline in a name.
 * @throws DrillError `DUMP_UNREADABLE` where it has more or fewer entries than its header says.
 */
export function parseContents(list: string, name = "the dump"): TocEntry[] {
  const lines = list.split("\n");
  const schemas = schemasIn(lines);
  const entries: TocEntry[] = [];
  for (const line of lines) {
    const parts = ENTRY.exec(line);
    if (parts) entries.push(parseEntry(line, parts, schemas));
    const dependencies = DEPENDS.exec(line)?.[1];
    const last = entries.at(-1);
    if (dependencies && last) last.dependsOn = dependencies.trim().split(" ").map(Number);
  }
  const announced = Number(ANNOUNCED.exec(list)?.[1]);
  if (announced === entries.length) return entries;
  throw new DrillError(
    "DUMP_UNREADABLE",
    `Cannot read the table of contents of ${name}: pg_restore listed ${
      formatCount(entries.length, "entry", "entries")
    }, its header says ${Number.isNaN(announced) ? "no number" : announced}`,
    `The dump is damaged, or made by a pg_dump that this version does not know. Take another set: ${PROGRAM} list`,
  );
}

/** Names of schemas, the longest first: one with a space in it is known as one. `public` is not always in a dump. */
function schemasIn(lines: readonly string[]): string[] {
  const names = lines.flatMap((line) => {
    const words = /^\d+; 2615 \d+ SCHEMA - (.+)$/.exec(line)?.[1]?.split(" ") ?? [];
    return words.slice(0, -1).map((_, at) => words.slice(0, at + 1).join(" "));
  });
  return [...new Set(["-", "public", ...names])].sort((a, b) => b.length - a.length);
}

function parseEntry(line: string, parts: RegExpExecArray, schemas: readonly string[]): TocEntry {
  const [, id = "", catalogue = "", text = ""] = parts;
  const kind = KINDS.find((known) => text.startsWith(`${known} `) && fits(known, Number(catalogue))) ??
    text.split(" ", 1)[0]!;
  const rest = text.slice(kind.length + 1);
  const schema = schemas.find((known) => rest.startsWith(`${known} `)) ?? rest.split(" ", 1)[0]!;
  const named = rest.slice(schema.length + 1);
  const end = endOfName(kind, named);
  return {
    line,
    id: Number(id),
    kind,
    schema: schema === "-" ? "" : schema,
    name: named.slice(0, end),
    owner: named.slice(end + 1),
    dependsOn: [],
  };
}

const fits = (kind: string, catalogue: number): boolean =>
  CATALOGUES[kind] === undefined || CATALOGUES[kind] === catalogue;

const HAS_ARGUMENTS = /^(FUNCTION|PROCEDURE|AGGREGATE) /;

/** A function's name ends with its arguments, whatever its owner is called; any other's before the last word. */
function endOfName(kind: string, named: string): number {
  const end = HAS_ARGUMENTS.test(`${kind} `) || HAS_ARGUMENTS.test(named) ? named.lastIndexOf(") ") + 1 : 0;
  return end > 0 ? end : named.lastIndexOf(" ");
}
