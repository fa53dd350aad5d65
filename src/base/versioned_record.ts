/**
 * A record: a JSON object of ours, in the store or beside the documents, that says in which format it is written and which
 * format a reader must know at least. Reading is strict about the fields that this version knows and passes over those
 * that a newer one added; writing leaves out what has no place in the record.
 *
 * It lies in `base` because the store, the journal of a swap, the note of a stopped workload and the sealed files share
 * it, and none of these may import another.
 */

import { z } from "zod";
import { DrillError, type ErrorCode, messageOf } from "./errors.ts";

export interface RecordKind<Fields extends z.ZodObject = z.ZodObject> {
  /** As messages name it, with its article: `a hold`. */
  name: string;
  /** The newest format that this version knows. It writes this one, and reads it and every earlier one. */
  format: number;
  /**
   * The least format that a tool must know to read what is written now. A field that such a tool may pass over leaves it
   * where it is. A field that it must not pass over, because it decides what may be deleted, restored or called good,
   * raises it to the new `format`.
   */
  minReader: number;
  /** Without `format` and `minReader`, which every record has. */
  fields: Fields;
  /** How an error about a damaged record ends. */
  damaged: { code: ErrorCode; hint: string };
}

/**
 * Declares a kind of record. Its type is inferred from its fields.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 *
 * const noteRecord = recordKind({
 *   name: "a note",
 *   format: 2, // format 1 had no `until`
 *   minReader: 1, // a tool that knows format 1 may pass over it
 *   fields: z.object({ reason: z.string(), until: z.iso.date().optional() }),
 *   damaged: { code: "STORE_FORMAT", hint: "Put it back from a copy of the store." },
 * });
 * const text = writeRecord(noteRecord, { reason: "tax audit" });
 * assertEquals(JSON.parse(text), { format: 2, minReader: 1, reason: "tax audit" });
 *
 * const newer = '{ "format": 3, "minReader": 2, "reason": "tax audit", "by": "anne" }';
 * assertEquals(readRecord(noteRecord, newer, "prod/notes/1.json"), { reason: "tax audit" });
 * ```
 */
export const recordKind = <Fields extends z.ZodObject>(kind: RecordKind<Fields>): RecordKind<Fields> => kind;

/**
 * `body` as the text that is stored.
 * @throws TypeError when a field is missing or has another form.
 */
export const writeRecord = <Fields extends z.ZodObject>(
  kind: RecordKind<Fields>,
  body: z.input<Fields>,
): string => JSON.stringify({ ...versionOf(kind), ...checkedBody(kind, body) }, null, 2) + "\n";

/** What every record of `kind` begins with. */
export const versionOf = ({ format, minReader }: RecordKind) => ({ format, minReader });

/** @throws TypeError when a field is missing or has another form. */
export function checkedBody<Fields extends z.ZodObject>(
  { name, fields }: RecordKind<Fields>,
  body: z.input<Fields>,
): z.output<Fields> {
  const checked = fields.safeParse(body);
  if (checked.success) return checked.data;
  throw new TypeError(`Cannot write ${name}: ${problemsOf(checked.error)[0]}`);
}

/**
 * Reads the text of a record.
 * @param where the key or the path of it, for messages.
 * @throws DrillError `STORE_NEWER` when a newer version wrote it and says that this one must not read it; the kind's own
 *   code when it is damaged.
 */
export function readRecord<Fields extends z.ZodObject>(
  kind: RecordKind<Fields>,
  text: string,
  where: string,
): z.output<Fields> {
  const value = parseJson(kind, text, where);
  refuseNewer(kind, value, where);
  return readBody(kind, value, where);
}

/** @throws DrillError of the kind's own code when `text` is not JSON. */
export function parseJson(kind: RecordKind, text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(kind, where, "it is not JSON", { cause: error });
  }
}

/** @throws DrillError `STORE_NEWER`; of the kind's own code when `value` does not say in which format it is. */
export function refuseNewer(kind: RecordKind, value: unknown, where: string): void {
  const version = versionSchema.safeParse(value);
  if (!version.success) {
    throw damaged(kind, where, `it is not ${kind.name}`, { details: problemsOf(version.error) });
  }
  const { format, minReader = format } = version.data;
  if (minReader <= kind.format) return;
  throw new DrillError(
    "STORE_NEWER",
    `Cannot read ${where}: it is of format ${format}, this version knows ${kind.format}`,
    "A newer dolibarr-drill wrote it. Update this one, and run it again.",
  );
}

/** @throws DrillError of the kind's own code when a field is missing or has another form. */
export function readBody<Fields extends z.ZodObject>(
  kind: RecordKind<Fields>,
  value: unknown,
  where: string,
): z.output<Fields> {
  const read = kind.fields.safeParse(value);
  if (read.success) return read.data;
  throw damaged(kind, where, `it is not ${kind.name}`, { details: problemsOf(read.error) });
}

/** The error about a record that cannot be used. `state` is the end of a sentence: "it is not JSON". */
export const damaged = (
  { damaged: { code, hint } }: RecordKind,
  where: string,
  state: string,
  options: { cause?: unknown; details?: readonly string[] } = {},
): DrillError => new DrillError(code, `Cannot read ${where}: ${state}`, hint, options);

/** The same for whatever was thrown while it was read. */
export const damagedBy = (kind: RecordKind, where: string, thrown: unknown): DrillError =>
  damaged(kind, where, messageOf(thrown), { cause: thrown });

const formatNumber = z.number().int().min(1);
/** What every record has. Earlier versions wrote no `minReader`: a reader of those must know their very format. */
const versionSchema = z.object({
  format: formatNumber.describe("the number of the record's form"),
  minReader: formatNumber.optional().describe(
    "the least format that a tool must know to read the record; where it is missing, equal to `format`",
  ),
});

/** The whole form of a record, with the two numbers that each has. */
export const schemaOf = <Fields extends z.ZodObject>({ fields }: RecordKind<Fields>) =>
  z.object({ ...versionSchema.shape, ...fields.shape });

const problemsOf = ({ issues }: z.ZodError): string[] =>
  issues.map(({ path, message }) => `${path.join(".") || "(top)"}: ${message}`);
