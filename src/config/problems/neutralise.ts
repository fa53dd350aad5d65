/** An environment's own rules of neutralising: which parts of a rule go together, and the rule as a value. */

import type { NeutraliseRule } from "../config.ts";
import { type Remark, remarkOn } from "./remark.ts";
import type { NeutraliseShape } from "../schema/schema.ts";
import type { Path } from "../yaml_lines.ts";

/** Problems of an environment's rules that the schema cannot see. */
export function neutraliseProblems(name: string, environment: Record<string, unknown>): Remark[] {
  const { neutralise, disposable } = environment;
  const path: Path = ["environments", name, "neutralise"];
  if (neutralise === undefined) return [];
  if (disposable !== true) {
    return [remarkOn(
      path,
      `has no effect: ${name} is protected, and nothing in it is ever changed. ` +
        "Move it to the environment with `disposable: true`",
    )];
  }
  const rules: unknown[] = Array.isArray(neutralise) ? neutralise : [];
  return rules.flatMap((rule, at) => {
    if (typeof rule !== "object" || rule === null) return [];
    const text = problemOf(rule as Record<string, unknown>);
    return text === undefined ? [] : [remarkOn([...path, at], text)];
  });
}

/** The first problem of a rule; undefined where it has none. */
function problemOf(rule: Record<string, unknown>): string | undefined {
  const has = (key: string) => rule[key] !== undefined;
  if (has("constant") === has("table")) {
    return has("table")
      ? "names a constant and a table: write a rule for each"
      : "names neither a constant nor a table. For example: constant: MY_MODULE_URL";
  }
  if (has("value") === has("delete")) {
    return has("delete")
      ? "has both value and delete: use one of them"
      : "has neither value nor delete: write value: ... or delete: true";
  }
  if (has("constant")) {
    if (has("column")) return "has a column, which only a rule for a table can have: remove it";
    if (rule.value === null) return 'sets a constant to null: write value: "" or delete: true';
    return typeof rule.constant === "string" && /^[*_-]+$/.test(rule.constant)
      ? "matches every constant: name the ones that you mean"
      : undefined;
  }
  if (has("value") && !has("column")) {
    return "has no column: name the column of the table that gets the value";
  }
  if (has("delete") && has("column")) return "deletes whole rows: remove the column, or write value: null";
  if (/blockedlog/.test(String(rule.table))) {
    return "names the unalterable log of invoices, which is never changed";
  }
  return /^(.+_)?const$/.test(String(rule.table))
    ? "names the table of constants: write constant: NAME instead"
    : undefined;
}

/** The rule as a value, where it has no problem. */
export function neutraliseRule({ constant, table, column, value, why }: NeutraliseShape): NeutraliseRule {
  if (constant !== undefined) {
    return value === undefined || value === null
      ? { constant, delete: true, why }
      : { constant, value: String(value), why };
  }
  if (table === undefined) throw new TypeError("a rule without a constant and a table"); // which is a problem that was reported
  return column === undefined || value === undefined
    ? { table, delete: true, why }
    : { table, column, value, why };
}
