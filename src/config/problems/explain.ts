/** What the schema found wrong, as sentences: what is wrong, what belongs there, what to write. */

import type { z } from "zod";
import { SECRET_FORMAT } from "../schema/parts.ts";
import { knownKeys, metaAt } from "../schema/walk.ts";
import { nearest, suggestion } from "../../base/nearest.ts";
import type { Path } from "../yaml_lines.ts";
import { nameOf, type Remark } from "./remark.ts";

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/**
 * Sentences for `issues`, which `schema` found in `value`. No value of the file is ever repeated: one in the
 * wrong place may be a password.
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
          text: `${nameOf([...path, key])} is not a known key: ${suggestion(key, known)}`,
        }));
      }
      case "invalid_union":
        return explain(likeliest(issue.errors), schema, value, path);
      case "invalid_key":
        return [{
          path,
          text: `${nameOf(path)} is not a valid name for ${
            path.at(-2) === "more" ? "a further folder" : "an environment"
          }: use ${firstMessage(issue.issues)}`,
        }];
      case "invalid_format":
        if (issue.message === SECRET_FORMAT) {
          return [{
            path,
            text: `${nameOf(path)} is not a reference: this file must not contain secrets. Write ${
              issue.message.slice("a reference: ".length)
            }${example(schema, path)}`,
          }];
        }
        return [{ path, text: `${nameOf(path)} is not ${issue.message}${belongs(schema, path)}` }];
      case "invalid_value":
        return [{
          path,
          text: `${nameOf(path)} must be ${issue.values.map((one) => `"${String(one)}"`).join(" or ")}`,
        }];
      case "too_small":
      case "too_big":
        return [{ path, text: `${nameOf(path)} is ${sizeProblem(issue)}${belongs(schema, path)}` }];
      case "invalid_type":
        if (found === undefined && isMistyped(path, issues, above)) return [];
        return [{
          path,
          text: `${nameOf(path)} ${typeProblem(issue.expected, found)}${belongs(schema, path)}`,
        }];
      default:
        return [{ path, text: `${nameOf(path)} is not valid${belongs(schema, path)}` }];
    }
  });
}

/** Whether a missing key is there under a mistyped name, which is reported already. */
function isMistyped(path: Path, issues: readonly Issue[], above: Path): boolean {
  return issues.some((issue) =>
    issue.code === "unrecognized_keys" && above.length + issue.path.length === path.length - 1 &&
    issue.path.every((part, at) => part === path[above.length + at]) &&
    issue.keys.some((key) => nearest(key, [String(path.at(-1))]))
  );
}

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
  return small ? `less than ${issue.minimum}` : `more than ${issue.maximum}`;
}

/** The issues of the form that was probably meant: the first whose own type is right. */
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

/** A value as YAML on one line. */
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
