/** What the schema has against a value, as sentences: what is wrong, what belongs there, what to write. */

import type { z } from "zod";
import { SECRET_FORMAT } from "../schema/parts.ts";
import { knownKeys, metaAt } from "../schema/walk.ts";
import { nearest, suggestion } from "../../base/nearest.ts";
import type { Path } from "../yaml_lines.ts";

/** A sentence about the value at `path`. */
export interface Remark {
  path: Path;
  text: string;
}

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/**
 * Sentences for `issues`, which `schema` found in `value`. No value of the file is ever repeated: what stands in
 * the wrong place may be a password.
 */
export function explain(
  issues: readonly Issue[],
  schema: Schema,
  value: unknown,
  above: Path = [],
): Remark[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path.filter((part) => typeof part !== "symbol")];
    const found = valueAt(value, path);
    switch (issue.code) {
      case "unrecognized_keys": {
        const known = knownKeys(schema, path, found);
        return issue.keys.map((key) => ({
          path: [...path, key],
          text: `${name([...path, key])} is not known here: ${suggestion(key, known)}`,
        }));
      }
      case "invalid_union":
        return explain(likeliest(issue.errors), schema, value, path);
      case "invalid_key":
        return [{
          path,
          text: `${name(path)} is no name for ${
            path.at(-2) === "more" ? "a further folder" : "an environment"
          }: use ${firstMessage(issue.issues)}`,
        }];
      case "invalid_format":
        if (issue.message === SECRET_FORMAT) {
          return [{
            path,
            text: `${name(path)} is not a reference: secrets never stand in this file. Write ${
              issue.message.slice("a reference: ".length)
            }${example(schema, path)}`,
          }];
        }
        return [{ path, text: `${name(path)} is not ${issue.message}${belongs(schema, path)}` }];
      case "invalid_value":
        return [{
          path,
          text: `${name(path)} must be ${issue.values.map((one) => `"${String(one)}"`).join(" or ")}`,
        }];
      case "too_small":
      case "too_big":
        return [{ path, text: `${name(path)} is ${sizeProblem(issue)}${belongs(schema, path)}` }];
      case "invalid_type":
        if (found === undefined && isMistyped(path, issues, above)) return [];
        return [{
          path,
          text: `${name(path)} ${typeProblem(issue.expected, found)}${belongs(schema, path)}`,
        }];
      default:
        return [{ path, text: `${name(path)} is not right${belongs(schema, path)}` }];
    }
  });
}

/** A key that is missing because it is there under a mistyped name, which is said already. */
function isMistyped(path: Path, issues: readonly Issue[], above: Path): boolean {
  return issues.some((issue) =>
    issue.code === "unrecognized_keys" && above.length + issue.path.length === path.length - 1 &&
    issue.path.every((part, at) => part === path[above.length + at]) &&
    issue.keys.some((key) => nearest(key, [String(path.at(-1))]))
  );
}

/** `environments.prod.database.host`, or what the whole file is called. */
export const name = (path: Path): string => path.length === 0 ? "the file" : path.join(".");

function typeProblem(expected: string, found: unknown): string {
  if (found === undefined) return "is missing";
  if (found === null) return "is empty";
  return `is ${kindOf(found)}, not ${KINDS[expected] ?? expected}`;
}

const KINDS: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
};

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return KINDS[typeof value] ?? "something else";
}

function sizeProblem(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === "too_small";
  if (issue.origin === "string") return small ? "empty" : "too long";
  if (issue.origin === "array") return small ? "an empty list" : "too long";
  return small ? `under ${issue.minimum}` : `over ${issue.maximum}`;
}

/** Of several forms that none fits, the one that was probably meant: its own kind is right, its inside is not. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const inner = branches.filter((issues) =>
    !issues.some((issue) => issue.path.length === 0 && isWrongForm(issue))
  );
  return inner[0] ?? branches[0] ?? [];
}

const isWrongForm = (issue: Issue) => issue.code === "invalid_type" || issue.code === "unrecognized_keys";

const firstMessage = (issues: readonly Issue[]) => issues[0]?.message ?? "another one";

/** What belongs at `path`, from the schema's own description. */
function belongs(schema: Schema, path: Path): string {
  const description = metaAt(schema, path)?.description;
  return (description ? ` (${description})` : "") + example(schema, path);
}

function example(schema: Schema, path: Path): string {
  const key = path.at(-1);
  const first = metaAt(schema, path)?.examples?.[0];
  return first === undefined || key === undefined ? "" : `. For example: ${key}: ${flow(first)}`;
}

/** A value as YAML writes it on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([key, one]) => `${key}: ${flow(one)}`).join(", ")} }`;
  }
  return String(value);
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}
