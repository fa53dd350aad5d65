/**
 * A restored sandbox must not act on the world. The rules (neutralise_rules.ts and those of the configuration) are
 * applied in the restoring transaction and read back, so that nothing in a dump can undo them unseen.
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
import type { Ask } from "../../../postgres/connection/session.ts";

export interface NeutraliseOptions {
  /** What was restored, for the banner: `prod/20260630T155313Z`, or `prod, live`. */
  set: string;
  /** When. */
  at: Date;
  /** The environment's own rules, after ours. */
  extra: readonly NeutraliseRule[];
}

/** What was changed, for the report. */
export interface Neutralised {
  what: string;
  /** `public.llx_const`: differs from the backup because of us. */
  table: string;
  /** How many rows were written; at least one. */
  rows: number;
  why: string;
}

/** The transaction, or the session, that it happens in. */
interface Transaction {
  ask: Ask;
}

/** Shown on the sign-in page and on the home page, in place of what production says there. */
export const BANNER_CONSTANTS = ["MAIN_HOME", "MAIN_MOTD"] as const;

/** `SANDBOX: restored from prod/20260630T155313Z on 2026-11-21. Nothing sent from here leaves.` */
export const bannerText = ({ set, at }: Pick<NeutraliseOptions, "set" | "at">): string =>
  `${BANNER_START}${set} on ${at.toISOString().slice(0, 10)}. Nothing sent from here leaves.`;

/**
 * Applies every rule. One of ours whose table or column this version does not have has nothing to stop; one of the
 * configuration is a slip of the finger that would leave something running.
 *
 * @returns what was changed; what was already as it must be is not among it.
 * @throws DrillError `RESTORE_FAILED` for a rule of the configuration that fits no table.
 */
export async function neutralise(tx: Transaction, options: NeutraliseOptions): Promise<Neutralised[]> {
  const rules = [...bannerRules(options), ...NEUTRALISE_RULES, ...options.extra];
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
 * What does not hold, read again after it was written.
 * @returns a sentence for each; empty when the sandbox is quiet.
 */
export async function stillActive(
  tx: Transaction,
  extra: readonly NeutraliseRule[] = [],
): Promise<string[]> {
  const there = await presentIn(tx, [...NEUTRALISE_RULES, ...extra]);
  const asked: [condition: string, sentence: string][] = [
    ...BANNER_CONSTANTS.map((name): [string, string] => [noBannerSql(name), `${name} does not say SANDBOX`]),
    ...[...NEUTRALISE_RULES, ...extra].filter(there)
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

/** How many things `stillActive` looks at. */
export const countRules = (extra: readonly NeutraliseRule[] = []): number =>
  BANNER_CONSTANTS.length + NEUTRALISE_RULES.length + extra.length;

const bannerRules = (options: NeutraliseOptions): Rule[] =>
  BANNER_CONSTANTS.map((constant) => ({
    constant,
    value: bannerText(options),
    why: "everybody must see that this is a sandbox, and what is in it",
  }));

/** Asks once which tables and columns there are, and tells for a rule whether its own are among them. */
async function presentIn(tx: Transaction, rules: readonly Rule[]): Promise<(rule: Rule) => boolean> {
  const tables = [...new Set(rules.map(tableOf))].map(quoteLiteral).join(", ");
  const names = new Set(
    await tx.ask<string[]>(`SELECT coalesce(json_agg(relname || '.' || attname), '[]'::json)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute ON attrelid = c.oid
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
       AND relname IN (${tables})`),
  );
  const there = new Set([...names].map((name) => name.split(".")[0]!));
  return (rule) => "column" in rule ? names.has(`${tableOf(rule)}.${rule.column}`) : there.has(tableOf(rule));
}

const whatIsMissing = (rule: NeutraliseRule): string =>
  "column" in rule
    ? `${tableOf(rule)}.${rule.column}, which \`neutralise\` of the configuration names, is not there`
    : `${tableOf(rule)}, which \`neutralise\` of the configuration names, is not there`;

const noSuchPlace = (lost: readonly string[]) =>
  new DrillError(
    "RESTORE_FAILED",
    `Cannot neutralise the restored database: ${lost[0]}`,
    "The restore was rolled back. Correct the name, or take the rule out: what it was to stop would run.",
    { details: lost },
  );
