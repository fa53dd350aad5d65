/** The YAML file as plain values, with the line of each. */

import { formatCount } from "../base/numbers.ts";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";

/** The path of a value: `["environments", "prod", "database"]`. */
export type Path = readonly (string | number)[];

/** Something wrong in the file. `text` never contains a value that could be a secret. */
interface Problem {
  line: number;
  text: string;
}

interface YamlFile {
  /** The values; undefined where the text is not YAML. */
  value: unknown;
  /** Where the text is not valid YAML. */
  problems: Problem[];
  /** The line of the key at `path`, else of the nearest one around it; counted from 1. */
  lineOf(path: Path): number;
}

/**
 * The library's error codes as messages. Its own messages are not shown: some repeat the text around the error, which
 * may be a password.
 */
const YAML_MISTAKES: Record<string, string> = {
  BAD_INDENT: "the indentation does not match the lines around it: use two spaces per level",
  TAB_AS_INDENT: "the indentation contains a tab: use spaces",
  DUPLICATE_KEY: "a key appears twice: keep one of them",
  MISSING_CHAR: "a closing quote, bracket, brace, comma or colon is missing",
  BAD_DQ_ESCAPE:
    'a backslash between double quotes begins an unknown escape: use single quotes or write "\\\\"',
  BAD_SCALAR_START: "a value begins with a character that YAML reserves: put it between quotes",
  BLOCK_IN_FLOW: "an indented list or map is inside brackets or braces",
  MULTILINE_IMPLICIT_KEY: "a key extends over more than one line: a colon or a quote is probably missing",
  BLOCK_AS_IMPLICIT_KEY: "a second `key: value` is on the same line: put it on its own line or use braces",
  TAG_RESOLVE_FAILED: "a value begins with !, which YAML reads as a tag: put it between quotes",
  MULTIPLE_DOCS: "a second document begins (---): keep only one",
};

export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const mistakes = [...document.errors, ...document.warnings];
  const indents = mistakes.length > 0 && mistakes.every(({ code }) => OF_INDENTS.includes(code))
    ? wrongIndents(text)
    : undefined;
  const problems = indents ?? mistakes.map((error) => ({
    line: lineAt(error.pos[0]),
    text: `invalid YAML: ${YAML_MISTAKES[error.code] ?? `syntax error ${error.code}`}`,
  }));
  if (problems.length === 0) problems.push(...unknownAliases(document, lineAt));
  return {
    value: problems.length === 0 ? document.toJS({ maxAliasCount: 50 }) : undefined,
    problems,
    lineOf: (path) => lineAt(offsetOf(document, path)),
  };
}

/** What the library says of a line that is indented by too much or too little, of that line or of those after it. */
const OF_INDENTS: readonly string[] = [
  ...["BAD_INDENT", "BLOCK_AS_IMPLICIT_KEY", "MULTILINE_IMPLICIT_KEY", "MISSING_CHAR", "UNEXPECTED_TOKEN"],
];
/** By so many blanks a line is wrong by mistake. */
const MOST_BLANKS = 3;
/** In a longer file it would take too long to try each line. */
const MOST_LINES = 400;
/** So many lines are wrong by the same mistake, in one environment and in the next. */
const MOST_WRONG = 4;

/**
 * The lines with which the whole file becomes readable when they alone are indented as others are: what the library says of
 * the lines after them comes of that. Undefined where there are none such.
 */
function wrongIndents(text: string): Problem[] | undefined {
  let lines = text.split("\n");
  if (lines.length > MOST_LINES) return undefined;
  const problems: Problem[] = [];
  for (let mistakes = mistakesIn(text); mistakes > 0;) {
    const best = problems.length < MOST_WRONG ? bestIndent(lines, mistakes) : undefined;
    if (!best) return undefined;
    const { at, has, fits } = best;
    problems.push({
      line: at + 1,
      text: `invalid YAML: this line begins after ${formatCount(has, "blank")}, and would fit after ${
        fits.toSorted((a, b) => a - b).join(" or ")
      }`,
    });
    lines = indented(lines, at, fits[0]!);
    mistakes = best.mistakes;
  }
  return problems;
}

interface Indent {
  /** Counted from 0. */
  at: number;
  has: number;
  /** What it could have instead, the likeliest first. */
  fits: number[];
  /** How many mistakes the file has then. */
  mistakes: number;
}

/** The line whose other indentation leaves the fewest mistakes. An odd number of blanks is more likely wrong than an even one. */
function bestIndent(lines: readonly string[], now: number): Indent | undefined {
  const depths = lines.map((line) => /^( *)[^\s#]/.exec(line)?.[1]?.length);
  const usual = [...new Set(depths)].filter((depth) => depth !== undefined && depth % 2 === 0) as number[];
  let best: Indent | undefined;
  const byOdd = [...depths.entries()].sort(([, a = 0], [, b = 0]) => b % 2 - a % 2);
  for (const [at, has] of byOdd) {
    if (has === undefined) continue;
    const near = usual.filter((depth) => depth !== has && Math.abs(depth - has) <= MOST_BLANKS)
      .sort((a, b) => Math.abs(a - has) - Math.abs(b - has));
    for (const depth of near) {
      const mistakes = mistakesIn(indented(lines, at, depth).join("\n"));
      if (best?.at === at && best.mistakes === mistakes) best.fits.push(depth);
      else if (mistakes < (best?.mistakes ?? now)) best = { at, has, fits: [depth], mistakes };
    }
    if (best?.at === at && best.mistakes === 0) return best;
  }
  return best;
}

const indented = (lines: readonly string[], at: number, depth: number): string[] =>
  lines.with(at, " ".repeat(depth) + lines[at]!.trimStart());

const mistakesIn = (text: string): number => {
  const { errors, warnings } = parseDocument(text, { prettyErrors: false, merge: true });
  return errors.length + warnings.length;
};

/** Aliases without an anchor: the library throws for them only when the values are converted. */
function unknownAliases(document: Document, lineAt: (offset: number) => number): Problem[] {
  const found: Problem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      found.push({
        line: lineAt(alias.range?.[0] ?? 0),
        text: "a value begins with *, which YAML reads as an alias: put it between quotes",
      });
    },
  });
  return found;
}

/** The offset of the last key of `path` that is in the file. */
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
