/** Colours for a terminal. No meaning is ever carried by colour alone. */

import { styleText } from "node:util";

/** Each function returns its text in that colour, or unchanged where colours are off. */
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

/** Colours that are on or off. */
export function makeColours(on: boolean): Colours {
  // whether there is colour is decided here, and not once more by styleText
  const styled = (style: Parameters<typeof styleText>[0]) => (text: string) =>
    on && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  return {
    on,
    green: styled("green"),
    red: styled("red"),
    yellow: styled("yellow"),
    cyan: styled("cyan"),
    dim: styled("dim"),
    bold: styled("bold"),
    inverse: styled("inverse"),
  };
}

/**
 * Whether a stream gets colour: `NO_COLOR` (any text) turns it off, then `FORCE_COLOR` decides (`0` and
 * `false` are off, anything else is on), then it is on for a terminal that is not `TERM=dumb`.
 *
 * @param environment reads one variable.
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
