/** What every verb is given: where to print, how to show progress, when to stop, how to end. */

import { type Alignment, table, wrapIndented } from "../../base/columns.ts";
import { type Colours, coloursFor, makeColours } from "../../base/terminal/colours.ts";
import type { ExitStatus } from "../../base/errors.ts";
import {
  jsonReporter,
  type LiveReporter,
  logReporter,
  terminalReporter,
} from "../../base/terminal/reporters.ts";
import { exitOf, type Verdict } from "../../base/verdict.ts";
import type { Config } from "../../config/config.ts";
import { labBanner } from "../../checks/lab_banner.ts";
import type { OutputOptions } from "./options.ts";
import { type LineWriter, lineWriter, textWriter } from "./output.ts";

/** What came of a verb, for the `result` event. Further fields (`set`, `report`) are passed on as they are. */
interface Ending {
  verdict: Verdict;
  /** The verdict's own, unless the verb was interrupted. */
  exit?: ExitStatus;
  code?: string;
  message?: string;
  hint?: string;
  [field: string]: unknown;
}

export interface Shell extends Disposable {
  /** The verb's name. */
  readonly verb: string;
  readonly json: boolean;
  readonly debug: boolean;
  /** With `--unproved-version`: a set of any version of Dolibarr may be restored into a sandbox. */
  readonly admitsAnyVersion?: boolean;
  readonly reporter: LiveReporter;
  /** Aborted by Ctrl-C and its relatives. */
  readonly signal: AbortSignal;
  /** Reads one variable of the environment. */
  readonly env: (name: string) => string | undefined;
  /** Of stdout. */
  readonly colours: Colours;
  /** Columns of stdout where it is a terminal, else 100. */
  readonly width: number;
  /** Whether a person looks at stdout as it comes: else nothing is left out to make it fit. */
  readonly isTerminal: boolean;
  /** A line of data on stdout; nothing with --json. */
  out(line: string): void;
  /**
   * A sentence on stdout; on a terminal in several lines where it is longer than one. Commands stay whole.
   * @param title how many columns a title at its beginning takes.
   */
  outWrapped(line: string, title?: number): void;
  /** Rows of data on stdout as aligned lines, each passed through `style`; nothing with --json. */
  table(
    rows: readonly (readonly string[])[],
    align?: readonly Alignment[],
    style?: (line: string) => string,
  ): void;
  /** A JSON object on stdout; nothing without --json. */
  event(event: object): void;
  /** A line of talk on stderr. */
  say: LineWriter;
  /** Prints the `result` event, once and last, and returns the exit status. */
  finish(ending: Ending): ExitStatus;
  /** Whose results these are, as soon as the configuration is known. */
  about(config: Config): void;
}

interface ShellOptions {
  verb: string;
  options: OutputOptions & { unprovedVersion?: boolean };
  signal: AbortSignal;
  env: Shell["env"];
  stdout?: Stream;
  stderr?: Stream;
}

type Stream = Pick<typeof Deno.stdout, "writeSync" | "isTerminal">;

const COLUMNS = 100;

export function makeShell(
  { verb, options, signal, env, stdout = Deno.stdout, stderr = Deno.stderr }: ShellOptions,
): Shell {
  const began = performance.now();
  const json = options.json === true;
  const colours = (stream: Stream) => options.color === false ? makeColours(false) : coloursFor(stream, env);
  const [print, say] = [lineWriter(stdout), lineWriter(stderr)];
  const event = (one: object) => json && print(JSON.stringify(one));
  const reporter = json
    ? jsonReporter(event, say)
    : stderr.isTerminal() && env("TERM") !== "dumb"
    ? terminalReporter(textWriter(stderr), columns, colours(stderr))
    : logReporter(say);
  const out = (line: string) => void (json || reporter.aside(() => print(line)));
  let config: Config | undefined;
  let finished = false;
  const sayBanner = () => {
    const banner = labBanner(config?.lab);
    if (banner) reporter.aside(() => say(banner));
  };
  return {
    verb,
    json,
    debug: options.debug === true,
    admitsAnyVersion: options.unprovedVersion === true,
    reporter,
    signal,
    env,
    colours: colours(stdout),
    width: stdout.isTerminal() ? columns() : COLUMNS,
    isTerminal: stdout.isTerminal(),
    say: (line) => reporter.note(line),
    out,
    outWrapped(line, title = 0) {
      const lines = stdout.isTerminal() ? wrapIndented(line, columns(), title) : [line];
      for (const one of lines) out(one);
    },
    table(rows, align, style = (line) => line) {
      for (const line of table(rows, align)) out(style(line));
    },
    event,
    finish({ verdict, exit = exitOf(verdict), code, message, hint, ...more }) {
      if (finished) return exit;
      finished = true;
      const { lab } = config ?? {};
      const ms = Math.round(performance.now() - began);
      event({
        event: "result",
        verb,
        verdict,
        exit,
        lab: lab !== undefined,
        erp: lab?.erp ?? "real",
        ...more,
        ms,
        code,
        message,
        hint,
      });
      // also the last line; the drill's own report ends with it
      if (!json && more.report === undefined) sayBanner();
      return exit;
    },
    about(known) {
      config = known;
      if (!json && verb !== "drill") sayBanner(); // the drill's own report begins with it
    },
    [Symbol.dispose]: () => reporter[Symbol.dispose](),
  };
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || COLUMNS;
  } catch {
    return COLUMNS; // no terminal to measure
  }
}
