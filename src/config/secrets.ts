/** Secrets by reference: read when a verb needs them, never stored, never shown. */

import { DrillError } from "../base/errors.ts";
import { shellWord } from "../base/shell_words.ts";
import { whoCanRead } from "./exposed_secret.ts";

/** A value that is stored elsewhere. It is not in memory until `read` is called. */
export interface Secret {
  /** `env:NAME`, `file:PATH`, `kubernetes:NAMESPACE/SECRET/KEY`, or `plain` for a name that is no secret. */
  readonly ref: string;
  /**
   * The value, less one trailing newline. Read each time, because a file may be renewed during a run.
   * @throws DrillError `SECRET_MISSING` with the line of the configuration; `SECRET_EXPOSED` where other users of this machine
   *   can read the file; `NOT_BUILT_YET` for the cluster's.
   */
  read(): Promise<string>;
}

/** Where in the configuration a secret is named, for messages. */
interface SecretPlace {
  file: string;
  line: number;
  /** `environments.prod.database.password` */
  key: string;
}

/** A secret from its reference. `file:` paths count from `folder`. */
export function secretOf(ref: string, place: SecretPlace, folder: string): Secret {
  const [kind, rest] = splitReference(ref);
  if (kind === "env") return { ref, read: async () => withoutNewline(await fromEnvironment(rest, place)) };
  if (kind === "file") {
    return {
      ref,
      read: async () => withoutNewline(await fromFile(resolve(rest, folder), place)),
    };
  }
  return { ref, read: () => Promise.reject(notBuiltYet(ref, place)) };
}

/** A user's name that is written in the configuration itself. */
export const plainSecret = (value: string): Secret => ({ ref: "plain", read: () => Promise.resolve(value) });

/** Whether `text` is meant as a reference, also where it is not a valid one. */
export const looksLikeReference = (text: string): boolean => /^(env|file|kubernetes):/.test(text);

function splitReference(ref: string): [kind: string, rest: string] {
  const colon = ref.indexOf(":");
  return [ref.slice(0, colon), ref.slice(colon + 1)];
}

function fromEnvironment(variable: string, place: SecretPlace): Promise<string> {
  const value = Deno.env.get(variable);
  if (value) return Promise.resolve(value);
  const state = value === undefined ? "is not set" : "is empty";
  return Promise.reject(
    missing(`the variable ${variable} ${state}`, place, `Set it: export ${variable}=...`),
  );
}

async function fromFile(path: string, place: SecretPlace): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw missing(
      `the file ${path} ${stateOf(error)}`,
      place,
      "Write the value into it, or make it readable for this user.",
      error,
    );
  }
  if (withoutNewline(text) === "") {
    throw missing(`the file ${path} is empty`, place, "Write the value into it.");
  }
  const reader = await whoCanRead(path);
  if (reader !== undefined) {
    throw secretError(
      "SECRET_EXPOSED",
      `the file ${path} can be read by ${reader}`,
      place,
      `Let this user alone read it, and change the secret if somebody may have: chmod 600 ${shellWord(path)}`,
    );
  }
  return text;
}

function stateOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "cannot be read by this user";
  if (error instanceof Deno.errors.IsADirectory) return "is a folder";
  return "cannot be read";
}

const withoutNewline = (text: string) => text.replace(/\r?\n$/, "");

const resolve = (path: string, folder: string) => path.startsWith("/") ? path : `${folder}/${path}`;

function missing(state: string, place: SecretPlace, hint: string, cause?: unknown): DrillError {
  return secretError("SECRET_MISSING", state, place, hint, cause);
}

function notBuiltYet(ref: string, place: SecretPlace): DrillError {
  const hint = "Write it as env:NAME or file:PATH: in a cluster, mount the Secret and name the file.";
  return secretError(
    "NOT_BUILT_YET",
    `${ref} is a Secret of the cluster, which this version does not read`,
    place,
    hint,
  );
}

function secretError(
  code: "SECRET_MISSING" | "SECRET_EXPOSED" | "NOT_BUILT_YET",
  state: string,
  { file, line, key }: SecretPlace,
  hint: string,
  cause?: unknown,
): DrillError {
  return new DrillError(code, `Cannot read ${key} (${file}:${line}): ${state}`, hint, {
    cause,
    details: [`${file}:${line}: ${key}: ${state}`],
  });
}
