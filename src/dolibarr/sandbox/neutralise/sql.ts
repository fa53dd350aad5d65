/** The SQL that applies a rule of neutralising, and the SQL that finds where it does not hold. Pure. */

import { quoteIdentifier, quoteLiteral } from "../../../postgres/connection/database.ts";
import type { Rule } from "./rules.ts";
import { TABLE_PREFIX } from "../../tables/names.ts";

/** The beginning of the banner, whichever set it names. */
export const BANNER_START = "SANDBOX: restored from ";

/** The beginning of the value that a `random` rule sets; 32 hex digits follow. */
const RANDOM_START = "dolibarr-drill-";

const CONST_TABLE = `${TABLE_PREFIX}const`;

/** The table that a rule changes, without schema; the configuration may leave out Dolibarr's prefix. */
export function tableOf(rule: Rule): string {
  if ("constant" in rule) return CONST_TABLE;
  return rule.table.startsWith(TABLE_PREFIX) ? rule.table : TABLE_PREFIX + rule.table;
}

/** The rule for the report: `MAIN_DISABLE_ALL_MAILS = 1`. It contains no secret: values that are renewed or removed are not named. */
export function describeRule(rule: Rule): string {
  const name = "constant" in rule ? rule.constant : tableOf(rule);
  if ("random" in rule) return `${name} = a new random key`;
  if ("where" in rule) return `${name}: ${rule.where.pattern} removed`;
  if ("delete" in rule) return "constant" in rule ? `${name} removed` : `every row of ${name} removed`;
  if ("constant" in rule) return `${name} = ${rule.value === "" ? "nothing" : rule.value}`;
  return `${name}.${rule.column} = ${rule.value ?? "nothing"}`;
}

/** The rule where it does not hold: `MAIN_DISABLE_ALL_MAILS is not 1`. */
export function describeActive(rule: Rule): string {
  const name = "constant" in rule ? rule.constant : tableOf(rule);
  if ("random" in rule) return `${name} is still production's`;
  if ("where" in rule) return `${name} still has ${rule.where.pattern}`;
  if ("delete" in rule) return "constant" in rule ? `${name} is still there` : `${name} still has rows`;
  if ("constant" in rule) return `${name} is not ${rule.value === "" ? "empty" : rule.value}`;
  return `${name} has rows whose ${rule.column} is not ${rule.value ?? "empty"}`;
}

/** A query that applies the rule, and returns the number of rows that it changed. */
export function applySql(rule: Rule): string {
  if ("random" in rule) {
    return counted(
      `UPDATE public.${CONST_TABLE} SET value = ${
        quoteLiteral(RANDOM_START)
      } || replace(gen_random_uuid()::text, '-', '')
        WHERE ${named(rule.constant)}`,
    );
  }
  if ("constant" in rule) {
    if ("delete" in rule) return counted(`DELETE FROM public.${CONST_TABLE} WHERE ${named(rule.constant)}`);
    return constantSql(rule);
  }
  const table = `public.${quoteIdentifier(tableOf(rule))}`;
  if ("where" in rule) {
    return counted(`DELETE FROM ${table} WHERE ${fits(rule.where.column, rule.where.pattern)}`);
  }
  if ("delete" in rule) return counted(`DELETE FROM ${table}`);
  const [column, value] = [quoteIdentifier(rule.column), literal(rule.value)];
  return counted(`UPDATE ${table} SET ${column} = ${value} WHERE ${column} IS DISTINCT FROM ${value}`);
}

/** A condition that is true where the rule does not hold. */
export function activeSql(rule: Rule): string {
  if ("random" in rule) {
    return exists(CONST_TABLE, `${named(rule.constant)} AND value !~ '^${RANDOM_START}[0-9a-f]{32}$'`);
  }
  if ("constant" in rule) {
    if ("delete" in rule) return exists(CONST_TABLE, named(rule.constant));
    const differs = exists(
      CONST_TABLE,
      `${named(rule.constant)} AND value IS DISTINCT FROM ${quoteLiteral(rule.value)}`,
    );
    return isPattern(rule.constant) ? differs : `${missingInEntity0(rule.constant)} OR ${differs}`;
  }
  if ("where" in rule) return exists(tableOf(rule), fits(rule.where.column, rule.where.pattern));
  if ("delete" in rule) return exists(tableOf(rule), "true");
  return exists(tableOf(rule), `${quoteIdentifier(rule.column)} IS DISTINCT FROM ${literal(rule.value)}`);
}

/** A condition that is true where an entity does not show the banner in this constant. */
export const noBannerSql = (constant: string): string =>
  `${missingInEntity0(constant)} OR ${
    exists(CONST_TABLE, `${named(constant)} AND NOT starts_with(value, ${quoteLiteral(BANNER_START)})`)
  }`;

/**
 * A query that sets a constant in every entity that has it, and in entity 0, which applies to the others
 * (Conf::setValues reads 0 first, then the entity's own). A name with * stands for the matching constants that exist.
 * It returns the number of rows that it changed.
 */
export function constantSql({ constant, value }: { constant: string; value: string }): string {
  const [name, text] = [quoteLiteral(constant), quoteLiteral(value)];
  const update = `UPDATE public.${CONST_TABLE} SET value = ${text}
    WHERE ${named(constant)} AND value IS DISTINCT FROM ${text}`;
  if (isPattern(constant)) return counted(update);
  return `WITH changed AS (${update} RETURNING 1), added AS (
      INSERT INTO public.${CONST_TABLE} (name, entity, value, type, visible, note)
      SELECT ${name}, 0, ${text}, 'chaine', 0, 'dolibarr-drill' WHERE ${
    missingInEntity0(constant)
  } RETURNING 1
    ) SELECT to_json((SELECT count(*) FROM changed) + (SELECT count(*) FROM added))`;
}

const counted = (change: string): string =>
  `WITH changed AS (${change} RETURNING 1) SELECT to_json(count(*)) FROM changed`;

const exists = (table: string, condition: string): string =>
  `EXISTS (SELECT FROM public.${quoteIdentifier(table)} WHERE ${condition})`;

/** The condition that entity 0 does not have the constant. */
const missingInEntity0 = (constant: string): string =>
  `NOT ${exists(CONST_TABLE, `${named(constant)} AND entity = 0`)}`;

const isPattern = (constant: string): boolean => constant.includes("*");

const named = (constant: string): string => fits("name", constant);

/** The condition that a column is a text, or fits a pattern with `*`. */
const fits = (column: string, pattern: string): string =>
  isPattern(pattern)
    ? `${quoteIdentifier(column)} LIKE ${
      quoteLiteral(pattern.replace(/[!%_]/g, (one) => `!${one}`).replaceAll("*", "%"))
    } ESCAPE '!'`
    : `${quoteIdentifier(column)} = ${quoteLiteral(pattern)}`;

const literal = (value: string | number | null): string =>
  value === null ? "NULL" : typeof value === "number" ? String(value) : quoteLiteral(value);
