/** Colour for a terminal: functions that wrap a text, or leave it alone. No meaning is ever carried by colour only. */

/** Each function returns its text in that colour, and ends the colour after it. */
export interface Colours {
  readonly on: boolean;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  inverse(text: string): string;
}

/** Colours that are on, or that leave every text as it is. */
export function makeColours(on: boolean): Colours {
  const wrap = (start: number, end: number) => (text: string) =>
    on && text !== "" ? `\x1b[${start}m${text}\x1b[${end}m` : text;
  return {
    on,
    green: wrap(32, 39),
    red: wrap(31, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
    dim: wrap(2, 22),
    bold: wrap(1, 22),
    inverse: wrap(7, 27),
  };
}

/**
 * Whether a stream gets colour: `NO_COLOR` (any text) turns it off, then `FORCE_COLOR` decides (`0` and
 * `false` are off, anything else is on), then it is on for a terminal that is not `TERM=dumb`.
 *
 * @param environment reads one variable; whoever calls this owns the reading of the environment.
 */
export function coloursFor(
  stream: { isTerminal(): boolean },
  environment: (name: string) => string | undefined,
): Colours {
  if (environment("NO_COLOR")) return makeColours(false);
  const forced = environment("FORCE_COLOR");
  if (forced !== undefined) return makeColours(forced !== "0" && forced !== "false");
  return makeColours(stream.isTerminal() && environment("TERM") !== "dumb");
}
