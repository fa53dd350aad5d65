/**
 * The bytes of large objects in a script of pg_restore. It puts them between a BEGIN and a COMMIT of its own, because it does
 * not know that the script runs in a transaction; the objects themselves (`lo_create`) and their comments are outside of those.
 */

import type { Bytes } from "../../base/streams.ts";
import { quoteLiteral } from "../connection/database.ts";
import type { Ask } from "../connection/session.ts";

/** The kind of the entries that hold bytes, in the table of contents of pg_dump 9.0 to 18; there is one, or several. */
export const LARGE_OBJECT_DATA = "BLOBS";

/** How many large objects the session's role owns. */
export const COUNT_LARGE_OBJECTS_SQL = `SELECT to_json(count(*)) FROM pg_catalog.pg_largeobject_metadata
  WHERE lomowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)`;

/** How many large objects in the database another role than `owner` owns. */
export const largeObjectsOfOthers = (ask: Ask, owner: string): Promise<number> =>
  ask<number>(`SELECT to_json(count(*)) FROM pg_catalog.pg_largeobject_metadata
    WHERE lomowner IS DISTINCT FROM (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${
    quoteLiteral(owner)
  })`);

interface LargeObjectScript {
  /** The script without its lines `BEGIN;` and `COMMIT;`. */
  stream: AsyncIterable<Bytes>;
  /** How many large objects it still writes, empty ones too; right once the stream was read to its end. */
  objects(): number;
}

/**
 * Takes the transaction out of `script`, which must hold entries of LARGE_OBJECT_DATA alone: their bytes are hex in one
 * line each, so that no line of theirs can be taken for one of these.
 * @param leftOut the oids of those that are not restored: their lines, from `lo_open` to `lo_close`, are taken out too.
 */
export function withoutTransaction(
  script: AsyncIterable<Bytes>,
  leftOut: ReadonlySet<string> = new Set(),
): LargeObjectScript {
  let objects = 0;
  let passing = true;
  const passes = (line: string): boolean => {
    const opened = /^SELECT pg_catalog\.lo_open\('(\d+)'/.exec(line)?.[1];
    if (opened !== undefined) {
      passing = !leftOut.has(opened);
      if (passing) objects++;
    }
    const isPassed = passing && line !== "BEGIN;" && line !== "COMMIT;";
    if (line.startsWith("SELECT pg_catalog.lo_close(")) passing = true;
    return isPassed;
  };
  return {
    stream: (async function* (): AsyncGenerator<Bytes, void, void> {
      const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
      let rest = "";
      for await (const chunk of script) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        const passed = lines.filter(passes);
        if (passed.length > 0) yield encoder.encode(`${passed.join("\n")}\n`);
      }
      if (rest !== "" && passes(rest)) yield encoder.encode(`${rest}\n`);
    })(),
    objects: () => objects,
  };
}
