/**
 * Keeps a restored sandbox from acting on the world: from sending mail, running jobs, taking money. The rules (rules.ts and
 * those of the configuration) are applied in the restoring transaction and read back, so that a trigger in a dump cannot
 * undo them unnoticed.
 */

import { DrillError } from "../../../base/errors.ts";
import type { NeutraliseRule } from "../../../config/config.ts";
import { quoteLiteral } from "../../../postgres/connection/database.ts";
import { NEUTRALISE_RULES, type Rule } from "./rules.ts";
import {
  activeSql,
  applySql,
  BANNER_START,
  describeActive,
  describeRule,
  noBannerSql,
  tableOf,
} from "./sql.ts";
import { type AdmittedVersions, refuseUnadmitted, rulesByName, unprovedVersion } from "./unproved.ts";
import type { Ask } from "../../../postgres/connection/session.ts";

export interface NeutraliseOptions {
  /** What was restored, for the banner: `prod/20260630T155313Z`, or `prod, live`. */
  set: string;
  /** When it was restored. */
  at: Date;
  /** The rules of the configuration, which are applied after ours. */
  extra: readonly NeutraliseRule[];
  /** Which majors of Dolibarr a person admits besides the one that the rules were read in. */
  admitted?: AdmittedVersions;
}

/** What was changed, for the report. */
export interface Neutralised {
  what: string;
  /** The table that now differs from the backup: `public.llx_const`. */
  table: string;
  /** The number of rows that were changed; at least one. */
  rows: number;
  why: string;
}

/** The transaction, or the session, in which it happens. */
interface Transaction {
  ask: Ask;
}

/** The constants of the banner, on the sign-in page and on the home page. */
const BANNER_CONSTANTS = ["MAIN_HOME", "MAIN_MOTD"] as const;

/** `SANDBOX: restored from prod/20260630T155313Z on 2026-11-21. Nothing sent from here leaves.` */
export const bannerText = ({ set, at }: Pick<NeutraliseOptions, "set" | "at">): string =>
  `${BANNER_START}${set} on ${at.toISOString().slice(0, 10)}. Nothing sent from here leaves.`;

/**
 * Applies every rule. A rule of ours whose table or column does not exist in this version is skipped; one of the
 * configuration is an error, because a misspelt name would leave something running.
 *
 * @returns what was changed, without the rules that held already.
 * @throws DrillError `CONFIG_INVALID` for a rule of the configuration whose table or column does not exist;
 *   `VERSION_UNPROVED` where it is of another major version than was read, and nobody admitted that.
 */
export async function neutralise(tx: Transaction, options: NeutraliseOptions): Promise<Neutralised[]> {
  const unproved = await unprovedVersion(tx.ask);
  if (unproved) refuseUnadmitted(unproved, options.admitted ?? [], options.set);
  const byName = unproved ? await rulesByName(tx.ask) : [];
  const rules = [...bannerRules(options), ...byName, ...NEUTRALISE_RULES, ...options.extra];
  const there = await presentIn(tx, rules);
  const lost = options.extra.filter((rule) => !there(rule)).map(whatIsMissing);
  if (lost.length > 0) throw noSuchPlace(lost);
  const done: Neutralised[] = [];
  for (const rule of rules.filter(there)) {
    const rows = await tx.ask<number>(applySql(rule));
    if (rows > 0) {
      done.push({ what: describeRule(rule), table: `public.${tableOf(rule)}`, rows, why: rule.why });
    }
  }
  return done;
}

/**
 * Reads back which rules do not hold.
 * @returns a sentence for each; empty where all of them hold.
 */
export async function stillActive(
  tx: Transaction,
  extra: readonly NeutraliseRule[] = [],
): Promise<string[]> {
  const byName = await unprovedVersion(tx.ask) ? await rulesByName(tx.ask) : [];
  const there = await presentIn(tx, [...byName, ...NEUTRALISE_RULES, ...extra]);
  const asked: [condition: string, sentence: string][] = [
    ...BANNER_CONSTANTS.map((name): [string, string] => [noBannerSql(name), `${name} does not say SANDBOX`]),
    ...[...byName, ...NEUTRALISE_RULES, ...extra].filter(there)
      .map((rule): [string, string] => [activeSql(rule), describeActive(rule)]),
  ];
  const active = await tx.ask<boolean[]>(
    `SELECT to_json(ARRAY[${asked.map(([condition]) => `(${condition})`).join(",\n")}])`,
  );
  return [
    ...extra.filter((rule) => !there(rule)).map(whatIsMissing),
    ...asked.filter((_, at) => active[at]).map(([, sentence]) => sentence),
  ];
}

/** The number of rules that `stillActive` reads back. */
export const countRules = (extra: readonly NeutraliseRule[] = []): number =>
  BANNER_CONSTANTS.length + NEUTRALISE_RULES.length + extra.length;

const bannerRules = (options: NeutraliseOptions): Rule[] =>
  BANNER_CONSTANTS.map((constant) => ({
    constant,
    value: bannerText(options),
    why: "everybody must see that this is a sandbox, and what was restored into it",
  }));

/** Reads which tables and columns exist, and returns a function that says whether those of a rule are among them. */
async function presentIn(tx: Transaction, rules: readonly Rule[]): Promise<(rule: Rule) => boolean> {
  const tables = [...new Set(rules.map(tableOf))].map(quoteLiteral).join(", ");
  const names = new Set(
    await tx.ask<string[]>(`SELECT coalesce(json_agg(relname || '.' || attname), '[]'::json)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute ON attrelid = c.oid
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
       AND relname IN (${tables})`),
  );
  const there = new Set([...names].map((name) => name.split(".")[0]!));
  return (rule) => {
    const column = "column" in rule ? rule.column : "where" in rule ? rule.where.column : undefined;
    return column === undefined ? there.has(tableOf(rule)) : names.has(`${tableOf(rule)}.${column}`);
  };
}

const whatIsMissing = (rule: NeutraliseRule): string =>
  "column" in rule
    ? `the column ${
      tableOf(rule)
    }.${rule.column}, named in \`neutralise\` of the configuration, does not exist`
    : `the table ${tableOf(rule)}, named in \`neutralise\` of the configuration, does not exist`;

const noSuchPlace = (lost: readonly string[]) =>
  new DrillError(
    "CONFIG_INVALID",
    `Cannot neutralise the restored database: ${lost[0]}`,
    "The restore was rolled back. Correct the name in the configuration, or remove the rule.",
    { details: lost },
  );
