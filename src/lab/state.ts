/** What a lab remembers from one start to the next: `lab.json`, and the file that says that it runs. */

import { writeWholeSync } from "../base/files.ts";
import type { Ports } from "./servers/ports.ts";

/** A lab of another format is built again. */
export const LAB_FORMAT = 1;

/** How long the login users may log in, in ms; they are renewed at a start when half of it is over. */
export const USERS_LIVE = 30 * 24 * 3_600_000;

export interface LabState {
  format: typeof LAB_FORMAT;
  /** Where it was built; a folder that was moved since is built again, its paths are everywhere. */
  root: string;
  erp: "real" | "stand-in";
  /** Why it is the stand-in. */
  reason?: string;
  /** The Dolibarr that it was built from: its version and folder; absent with the stand-in. */
  dolibarr?: { version: string; home: string };
  /** A hash over what fills a lab: when it changes the lab is built again. */
  recipe: string;
  ports: Ports;
  /** The login users of this lab, and until when they may log in, as Vault would make them. */
  users: { prod: string; sandbox: string; until: string };
}

/** Written when the servers start, removed when they were stopped. */
export interface Running {
  /** The machine's start: a lab that ran when the machine went down is not trusted, it never synced its disk. */
  boot: string;
  startedAt: string;
  /** It was asked to stay up. One that was not and still runs was left by a run that was killed. */
  keep: boolean;
}

/** The parsed file, or undefined where there is none, or one that is no JSON (a crash in the middle of writing it). */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(file)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes a file whole or not at all, with exactly that mode: the lab's servers read it as another user. */
export function writeWhole(file: string, content: string, mode = 0o600): void {
  writeWholeSync(file, content, { mode, sync: false, formerSuffix: ".new" });
  Deno.chmodSync(file, mode);
}

export const writeJson = (file: string, value: unknown): void =>
  writeWhole(file, JSON.stringify(value, null, 2) + "\n", 0o644);

export function fileExists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The machine's id of this start. */
export const bootId = (): string => Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();

/** What is to be done with what lies in the folder. */
export type Plan = { action: "build"; why: string } | { action: "start" };

/**
 * Decides whether a lab that does not run is started as it is, or built from scratch.
 * `wanted` is what it would be built from now: `home` is a Dolibarr that can be had at once, `named` says that
 * DOLIBARR_HOME names it, `erp` that the stand-in is wanted whatever there is.
 */
export function planStart(
  found: { state?: LabState; filled: boolean; running?: Running },
  wanted: { root: string; recipe: string; boot: string; home?: string; named: boolean; erp?: "stand-in" },
): Plan {
  const { state, filled, running } = found;
  if (!state) return { action: "build", why: "there is none yet" };
  if (!filled) return { action: "build", why: "it was not built to the end" };
  if (state.format !== LAB_FORMAT) {
    return { action: "build", why: "another version of this program built it" };
  }
  if (state.root !== wanted.root) return { action: "build", why: "its folder was moved" };
  if (state.recipe !== wanted.recipe) return { action: "build", why: "what fills it has changed" };
  if (running && running.boot !== wanted.boot) {
    return { action: "build", why: "the machine went down while it ran" };
  }
  if (wanted.erp && state.erp !== wanted.erp) return { action: "build", why: "the stand-in was asked for" };
  if (wanted.home !== undefined && state.erp === "stand-in") {
    return { action: "build", why: "a real Dolibarr can be had now" };
  }
  if (wanted.named && wanted.home !== state.dolibarr?.home) {
    return { action: "build", why: "DOLIBARR_HOME names another one" };
  }
  return { action: "start" };
}
