/** The YAML file as plain values, and the line on which each of them stands. */

import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";

/** The way to a value: `["environments", "prod", "database"]`. */
export type Path = readonly (string | number)[];

/** Something wrong in the file. `text` never holds a value that could be a secret. */
export interface Problem {
  line: number;
  text: string;
}

export interface YamlFile {
  /** The values; undefined where the text is not YAML. */
  value: unknown;
  /** What is wrong with the text as YAML. */
  problems: Problem[];
  /** The line of the key at `path`, else of the nearest one around it; counted from 1. */
  lineOf(path: Path): number;
}

/**
 * What the library's messages mean for a person. They are not passed on: some of them repeat the text around the
 * mistake, and a password might stand there.
 */
const YAML_MISTAKES: Record<string, string> = {
  BAD_INDENT: "the indentation does not fit the lines around it: use two blanks a level",
  TAB_AS_INDENT: "a tab stands in the indentation: use blanks",
  DUPLICATE_KEY: "a key stands there twice: keep one of them",
  MISSING_CHAR: "a closing quote, bracket, brace, comma or colon is missing",
  BAD_DQ_ESCAPE: 'a backslash stands between double quotes: use single quotes or write "\\\\"',
  BAD_SCALAR_START: "a value begins with a character that YAML reserves: put it between quotes",
  BLOCK_IN_FLOW: "an indented list or map stands between brackets or braces",
  MULTILINE_IMPLICIT_KEY: "a key runs over more than one line: a colon or a quote is probably missing",
  BLOCK_AS_IMPLICIT_KEY:
    "a second `key: value` stands on the same line: put it on its own line or use braces",
  MULTIPLE_DOCS: "a second document begins (---): keep one",
};

export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    line: lineAt(error.pos[0]),
    text: `this is not valid YAML: ${
      YAML_MISTAKES[error.code] ?? `look for a mistake in the writing (${error.code})`
    }`,
  }));
  if (problems.length === 0) problems.push(...unknownAliases(document, lineAt));
  return {
    value: problems.length === 0 ? document.toJS({ maxAliasCount: 50 }) : undefined,
    problems,
    lineOf: (path) => lineAt(offsetOf(document, path)),
  };
}

/** An alias whose anchor is missing would only be found while the values are taken out, by an exception. */
function unknownAliases(document: Document, lineAt: (offset: number) => number): Problem[] {
  const found: Problem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      found.push({
        line: lineAt(alias.range?.[0] ?? 0),
        text: "a value begins with * and is read as a YAML alias: put it between quotes",
      });
    },
  });
  return found;
}

/** Where the last key of `path` begins that is in the file at all. */
function offsetOf(document: Document, path: Path): number {
  let offset = document.contents?.range?.[0] ?? 0;
  let node: unknown = document.contents;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === "number") {
      node = node.items[key];
      if (isScalar(node)) offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
