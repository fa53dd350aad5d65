/** What the system does not let this user do, in words: who, which path, and what would be needed. */

import { accessSync, constants, lstatSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DrillError, messageOf } from "./errors.ts";

/**
 * In the words of node and of Deno. PostgreSQL's "permission denied for table" is another matter: it is about a role. A path
 * stands in quotes, or, where a socket was connected to, at the end.
 */
const DENIED = /\bEACCES\b|\bEPERM\b|\b(?:Permission denied|Operation not permitted) \(/;
const QUOTED_PATH = /'(\/[^']*)'/;
const SOCKET_PATH = /\bconnect EACCES (\/.*)$/;

/**
 * `error` with a line more, where the system denied something to this user: which user, which path, and what it needs. One of
 * which no code knew, and that would be called a defect, becomes `PERMISSION_DENIED`.
 */
export function explainDenied(error: DrillError): DrillError {
  const denied = deniedIn(error);
  if (!denied) return error;
  const missing = denied.path === undefined ? undefined : whatIsMissing(denied.path);
  const line = missing === undefined
    ? `The system denied it to the ${thisUser()}`
    : `The ${thisUser()} ${missing}`;
  const { code, message, hint, details, cause } = error;
  if (details.includes(line)) return error;
  return code === "INTERNAL"
    ? new DrillError(
      "PERMISSION_DENIED",
      `Cannot continue: ${missing === undefined ? `${line}: ${denied.words}` : line}`,
      NEEDS,
      {
        cause: cause ?? error,
        details,
      },
    )
    : new DrillError(code, message, hint, { cause, details: [...details, line] });
}

const NEEDS = 'Give this user that right, or run it as a user that has it: docs/sandbox.md, "As which user".';

/** The first of an error and its causes that says so, in its own words. */
function deniedIn(thrown: unknown): { words: string; path?: string } | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const words = messageOf(at);
    const { code = "", path } = at as { code?: unknown; path?: unknown };
    const isDenied = at instanceof Deno.errors.PermissionDenied || DENIED.test(`${code} ${words}`);
    if (!isDenied) continue;
    const named = typeof path === "string" && path.startsWith("/")
      ? path
      : (QUOTED_PATH.exec(words) ?? SOCKET_PATH.exec(words))?.[1];
    return { words, ...(named === undefined ? {} : { path: named }) };
  }
  return undefined;
}

/** The first right on the way to `path`, or on it, that this user lacks; undefined where it lacks none any more. */
function whatIsMissing(path: string): string | undefined {
  const above = foldersAbove(path);
  const there = above.filter(exists);
  for (const folder of there) {
    if (!may(folder, constants.X_OK)) return `may not enter the folder ${described(folder)}`;
  }
  const type = typeOf(path);
  if (type === undefined) return notWritable(there.at(-1) ?? "/");
  const [reads, writes] = type === "folder"
    ? ["read the folder", "write into the folder"]
    : ["read", "write to"];
  if (!may(path, constants.R_OK)) return `may not ${reads} ${described(path)}`;
  if (!may(path, constants.W_OK)) return `may not ${writes} ${described(path)}`;
  return notWritable(dirname(path)); // to remove or replace an entry is to write into its folder
}

const notWritable = (folder: string): string | undefined =>
  may(folder, constants.W_OK) ? undefined : `may not write into the folder ${described(folder)}`;

/** `/`, `/a`, `/a/b` of `/a/b/c` */
function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [path] : [...(dirname(folder) === folder ? [] : foldersAbove(folder)), folder];
}

function may(path: string, right: number): boolean {
  try {
    accessSync(path, right);
    return true;
  } catch {
    return false; // that is the answer
  }
}

function typeOf(path: string): "folder" | "file" | undefined {
  try {
    return lstatSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return undefined; // it is not there
  }
}

const exists = (path: string): boolean => typeOf(path) !== undefined;

/** `/srv/a (mode 0700, of www-data)` */
function described(path: string): string {
  try {
    const { mode, uid } = statSync(path);
    return `${path} (mode ${(mode & 0o7777).toString(8).padStart(4, "0")}, of ${nameOf(uid)})`;
  } catch {
    return path; // a link that leads nowhere
  }
}

/** `user backup (uid 34)` */
export const thisUser = (): string => `user ${nameOf(Deno.uid() ?? 0)} (uid ${Deno.uid()})`;

/** The name in the system's list of users; else the number. */
function nameOf(uid: number): string {
  try {
    const line = readFileSync("/etc/passwd", "utf8").split("\n").find((line) =>
      line.split(":")[2] === String(uid)
    );
    return line?.split(":")[0] ?? `uid ${uid}`;
  } catch {
    return `uid ${uid}`; // the list cannot be read: the number says enough
  }
}
