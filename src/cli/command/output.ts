/** What is printed where: data on stdout, talk on stderr. A reader that is gone (`| head`) is no error. */

import type { DrillError } from "../../base/errors.ts";

/** Prints one line. */
export type LineWriter = (line: string) => void;

/** Writes text to a stream, whole and in order; once the stream's reader is gone, text is dropped. */
export function textWriter(stream: { writeSync(bytes: Uint8Array): number }): (text: string) => void {
  const encoder = new TextEncoder();
  let gone = false;
  return (text) => {
    const bytes = encoder.encode(text);
    try {
      for (let at = 0; at < bytes.length && !gone;) at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!isReaderGone(error)) throw error;
      gone = true;
    }
  };
}

/** The same, a line at a time. */
export function lineWriter(stream: { writeSync(bytes: Uint8Array): number }): LineWriter {
  const write = textWriter(stream);
  return (line) => write(line + "\n");
}

/** True for the error of a pipe whose other end was closed, from Deno or from a Node library. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    (error instanceof Error && "code" in error && error.code === "EPIPE");
}

/** An error as a person reads it: what, the details below it, what to do. */
export function errorLines(error: DrillError): string[] {
  return [error.message, ...error.details.map((detail) => `  ${detail}`), error.hint].filter((line) =>
    line !== ""
  );
}

/** The stack of an error and of everything that caused it. */
export function stackLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let at: unknown = error, depth = 0; at !== undefined && depth < 8; depth++) {
    if (!(at instanceof Error)) return [...lines, String(at)];
    lines.push(at.stack ?? at.message);
    at = at instanceof SuppressedError ? at.suppressed : at.cause;
    if (at !== undefined) lines.push("caused by:");
  }
  return lines;
}

/** What to do where a record in the store cannot be read. */
export const UNREADABLE_HINT =
  "While a record cannot be read, prune deletes nothing. Put the record back from a copy of the store, or move it away.";
