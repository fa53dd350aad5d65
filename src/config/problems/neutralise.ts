/** An environment's own rules of neutralising: which parts of a rule go together, and the rule that they make. */

import type { NeutraliseRule } from "../config.ts";
import type { Remark } from "./explain.ts";
import type { NeutraliseShape } from "../schema/schema.ts";
import type { Path } from "../yaml_lines.ts";

/** What is wrong with the rules of an environment as it was read, as far as the schema cannot tell. */
export function neutraliseProblems(name: string, environment: Record<string, unknown>): Remark[] {
  const { neutralise, disposable } = environment;
  const path: Path = ["environments", name, "neutralise"];
  if (neutralise === undefined) return [];
  if (disposable !== true) {
    return [{
      path,
      text:
        `${path.join(".")} means nothing: ${name} is protected, and nothing of it is ever switched off. ` +
        "It belongs to the environment with `disposable: true`",
    }];
  }
  const rules: unknown[] = Array.isArray(neutralise) ? neutralise : [];
  return rules.flatMap((rule, at) => {
    if (typeof rule !== "object" || rule === null) return [];
    const text = problemOf(rule as Record<string, unknown>);
    return text === undefined ? [] : [{ path: [...path, at], text: `${[...path, at].join(".")} ${text}` }];
  });
}

/** The one thing to be said about a rule; undefined for one that says what is to be done. */
function problemOf(rule: Record<string, unknown>): string | undefined {
  const has = (key: string) => rule[key] !== undefined;
  if (has("constant") === has("table")) {
    return has("table")
      ? "names a constant and a table: write a rule for each"
      : "names neither a constant nor a table. For example: constant: MY_MODULE_URL";
  }
  if (has("value") === has("delete")) {
    return has("delete")
      ? "has a value and delete: write one of them"
      : "does not say what is done: write value: ... or delete: true";
  }
  if (has("constant")) {
    if (has("column")) return "has a column, which only a table has: take it out";
    if (rule.value === null) return 'sets a constant to null: write value: "" or delete: true';
    return typeof rule.constant === "string" && /^[*_-]+$/.test(rule.constant)
      ? "stands for every constant there is: name those that are meant"
      : undefined;
  }
  if (has("value") && !has("column")) return "does not say which column of the table gets the value";
  if (has("delete") && has("column")) return "removes whole rows: take the column out, or write value: null";
  if (/blockedlog/.test(String(rule.table))) {
    return "names the unalterable log of invoices, which is never changed";
  }
  return /^(.+_)?const$/.test(String(rule.table))
    ? "names the table of constants: write constant: NAME instead"
    : undefined;
}

/** The rule of a form that has no problem. */
export function neutraliseRule({ constant, table, column, value, why }: NeutraliseShape): NeutraliseRule {
  if (constant !== undefined) {
    return value === undefined || value === null
      ? { constant, delete: true, why }
      : { constant, value: String(value), why };
  }
  if (table === undefined) throw new TypeError("a rule without a place"); // the problems were looked for before
  return column === undefined || value === undefined
    ? { table, delete: true, why }
    : { table, column, value, why };
}
