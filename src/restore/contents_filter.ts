/** What of a dump comes over, and what does not and why. Pure: from the lines of `pg_restore --list`. */

/** One line of a dump's table of contents. */
export interface TocEntry {
  /** The line as pg_restore wrote it, for its `--use-list`. */
  line: string;
  /** `TABLE`, `TABLE DATA`, `FK CONSTRAINT`, ... */
  kind: string;
  /** Empty where it has none. */
  schema: string;
  /** For functions with their arguments, for constraints and triggers behind the table's: `llx_facture trg_facture`. */
  name: string;
  owner: string;
}

export interface LeftOut {
  what: string;
  why: string;
}

export interface RestorePlan {
  kept: TocEntry[];
  leftOut: LeftOut[];
}

/** Kinds of two words and more must be tried before the one-word kinds that they begin with. */
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

/** The table of contents in the dump's own order; comments are passed over. */
export function parseContents(list: string): TocEntry[] {
  return list.split("\n").flatMap((line) => {
    const parts = /^\d+; \d+ \d+ (.+)$/.exec(line);
    return parts ? [parseEntry(line, parts[1]!)] : [];
  });
}

function parseEntry(line: string, text: string): TocEntry {
  const kind = KINDS.find((known) => text.startsWith(`${known} `)) ?? text.split(" ", 1)[0]!;
  const words = text.slice(kind.length + 1).split(" ");
  const schema = words[0] === "-" ? "" : words[0] ?? "";
  return { line, kind, schema, name: words.slice(1, -1).join(" "), owner: words.at(-1) ?? "" };
}

/** Which kinds never come over, and why. */
const NEVER: Record<string, string> = {
  "EXTENSION": "an extension is the server's, and the role may not make it",
  "EVENT TRIGGER": "only a superuser may make it",
  "PUBLICATION": "replication belongs to the source",
  "PUBLICATION TABLE": "replication belongs to the source",
  "PUBLICATION TABLES IN SCHEMA": "replication belongs to the source",
  "SUBSCRIPTION": "replication belongs to the source",
  "SUBSCRIPTION TABLE": "replication belongs to the source",
  "SECURITY LABEL": "labels belong to the source's server",
  "DATABASE": "the database is there already, and is not the ERP's to make",
  "DATABASE PROPERTIES": "the database is there already, and is not the ERP's to set",
  "ACL": "rights are given by the target's own roles",
  "DEFAULT ACL": "rights are given by the target's own roles",
};

/** Decides for each entry of the dump. Whatever no rule names comes over. */
export function planRestore(entries: readonly TocEntry[]): RestorePlan {
  const plan: RestorePlan = { kept: [], leftOut: [] };
  for (const entry of entries) {
    const why = reasonToLeaveOut(entry);
    if (why === undefined) plan.kept.push(entry);
    else plan.leftOut.push({ what: `${entry.kind} ${entry.schema && `${entry.schema}.`}${entry.name}`, why });
  }
  return plan;
}

function reasonToLeaveOut({ kind, schema, name }: TocEntry): string | undefined {
  if (isUserLookup(kind, name)) return "it is pgbouncer's and the provisioner's, not the ERP's";
  if (kind === "SCHEMA" && name === "public") return "every database has it";
  if (kind === "COMMENT" && /^(SCHEMA public|EXTENSION )/.test(name)) {
    return "it belongs to what is not restored";
  }
  if (kind === "ACL" && schema === "" && name === "SCHEMA public") {
    return "rights are given by the target's own roles";
  }
  return NEVER[kind];
}

const isUserLookup = (kind: string, name: string): boolean =>
  (kind === "FUNCTION" && name.startsWith("user_lookup(")) ||
  ((kind === "ACL" || kind === "COMMENT") && name.startsWith("FUNCTION user_lookup("));

/** How many entries of each kind there are. */
export function countKinds(entries: readonly TocEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of entries) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
