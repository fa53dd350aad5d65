/** The settings that a script of pg_restore begins with, made to fit an older server. */

import { type Bytes, joined } from "../../base/streams.ts";

/**
 * pg_restore 17 and newer sets it to none in each script; servers up to 16 do not know it and fail (docs/facts.md, "Dumps
 * and their programs").
 */
const LINE = /^SET transaction_timeout = 0;\n/m;
/** SQL whose one JSON value says whether the server knows it. */
export const KNOWS_TRANSACTION_TIMEOUT_SQL =
  "SELECT to_json(pg_catalog.current_setting('transaction_timeout', true) IS NOT NULL)";

/** The settings are behind the first lines and before the first object, in a few hundred bytes. */
const LONGEST_HEAD = 16 * 1024;
/** What follows the settings: the comment above the first object, or, where there is none, the end. */
const FIRST_OBJECT = /^-- (Data for )?Name: /m;

/** `script` without that one line in its head; nothing else of it is changed, whatever a table's rows look like. */
export async function* withoutTransactionTimeout(
  script: AsyncIterable<Bytes>,
): AsyncGenerator<Bytes, void, void> {
  let head: Bytes | undefined = new Uint8Array();
  for await (const chunk of script) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = joined(head, chunk);
    if (head.length < LONGEST_HEAD && !FIRST_OBJECT.test(latin1(head))) continue;
    yield withoutLine(head);
    head = undefined;
  }
  if (head !== undefined) yield withoutLine(head);
}

function withoutLine(head: Bytes): Bytes {
  const text = latin1(head);
  const line = LINE.exec(text.slice(0, FIRST_OBJECT.exec(text)?.index ?? LONGEST_HEAD));
  return line ? joined(head.slice(0, line.index), head.slice(line.index + line[0].length)) : head;
}

/** A character for each byte, so that places in the one are places in the other. */
const latin1 = (bytes: Bytes): string => String.fromCharCode(...bytes.subarray(0, LONGEST_HEAD));
