/**
 * A folder of this user's own, in which what controls a later run is kept: nobody else may write there, so that what is found
 * there later is what was left there. Its owner, its rights and those of the folders above it are looked at before each use.
 */

import { dirname } from "node:path";
import { DrillError, messageOf } from "./errors.ts";
import { writeError } from "./files.ts";

/** What is known of a folder or a link on the way to one. */
export interface StepFacts {
  path: string;
  isDirectory: boolean;
  isLink: boolean;
  uid: number;
  gid: number;
  /** The permission bits, with the sticky bit. */
  mode: number;
}

/** Somebody else, as far as files know one. */
export interface Other {
  uid: number;
  gid: number;
}

/** Why a folder is not this user's alone; undefined where it is. `it` is the subject: "it belongs to ...". Pure. */
export function whyNotOwn({ isDirectory, uid, mode }: StepFacts, self: number): string | undefined {
  if (!isDirectory) return "it is no folder";
  if (uid !== self) return `it belongs to the user with the id ${uid}, and this is ${self}`;
  if ((mode & 0o022) !== 0) return `other users may write into it (its mode is ${octal(mode)})`;
  return undefined;
}

/**
 * How `other` could exchange a folder whose steps, from the root of the file system on, are `steps`; undefined where nothing
 * shows that. The root user counts as nobody: a folder of root's says nothing of who serves the ERP. Pure.
 *
 * @param self the user whose folder the last of the steps is
 */
export function whyReached(steps: readonly StepFacts[], other: Other, self: number): string | undefined {
  if (other.uid === 0) return undefined;
  if (other.uid === self) return `both are of the user with the id ${self}`;
  for (const { path, isLink, uid, gid, mode } of steps) {
    if (uid === other.uid) return `${path} belongs to the user with the id ${uid}`;
    const sticky = (mode & 0o1000) !== 0; // then only an entry's owner can exchange it
    if (isLink || sticky) continue;
    if ((mode & 0o002) !== 0) return `every user may write into ${path}`;
    if ((mode & 0o020) !== 0 && gid === other.gid) {
      return `the group with the id ${gid} may write into ${path}`;
    }
  }
  return undefined;
}

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, "0");

export class OwnFolder {
  /** Absolute. Undefined where this user has no place for one. */
  readonly path: string | undefined;

  /** Nothing is looked at, and nothing is made. */
  constructor(path: string | undefined) {
    this.path = path;
  }

  /**
   * The path, where the folder is there; undefined where there is none yet.
   * @throws DrillError `STATE_REFUSED` where it is another's, or others may write into it: nothing in it is believed.
   */
  existing(): string | undefined {
    if (this.path === undefined) return undefined;
    for (const folder of [dirname(this.path), this.path]) {
      const facts = factsOf(folder);
      if (facts === undefined) return undefined;
      const why = whyNotOwn(facts.isLink ? factsOf(Deno.realPathSync(folder)) ?? facts : facts, Deno.uid()!);
      if (why !== undefined) throw refused(folder, why);
    }
    return this.path;
  }

  /**
   * The path of the folder, which is made where there is none, for this user alone, with those above it.
   * @throws DrillError `STATE_REFUSED`, also where it cannot be made.
   */
  make(): string {
    const { path } = this;
    if (path === undefined) {
      throw new DrillError(
        "STATE_REFUSED",
        "Cannot keep what a run after a crash needs: this user has no home",
        "Name a folder of this user's own in the configuration (state: /srv/dolibarr-drill), or set XDG_STATE_HOME. Nothing was changed.",
      );
    }
    try {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw writeError(`make the folder ${path} for what a run after a crash needs`, error, {
        code: "STATE_REFUSED",
        room: `Make room there, or ${ANOTHER}. Nothing was changed.`,
        hint: `This user must be able to write there. Correct that, or ${ANOTHER}. Nothing was changed.`,
      });
    }
    const made = this.existing();
    if (made === undefined) throw refused(path, "it was removed meanwhile");
    return made;
  }

  /** How the user `other` could get at what lies in it, as far as owners and rights show that: a clause, or undefined. */
  reachedBy(other: Other): string | undefined {
    return this.path === undefined ? undefined : whyReached(stepsTo(this.path), other, Deno.uid()!);
  }
}

/** Every folder and link on the way to `path`, as far as there is one: those of the path as it is written, then the real ones. */
function stepsTo(path: string): StepFacts[] {
  const above = (path: string): string[] => path === "/" ? ["/"] : [...above(dirname(path)), path];
  const written = above(path).map(factsOf).filter((facts) => facts !== undefined);
  const last = written.at(-1)?.path ?? "/";
  const real = Deno.realPathSync(last);
  return real === last
    ? written
    : [...written, ...above(real).map(factsOf).filter((facts) => facts !== undefined)];
}

function factsOf(path: string): StepFacts | undefined {
  try {
    const { isDirectory, isSymlink, uid, gid, mode } = Deno.lstatSync(path);
    return { path, isDirectory, isLink: isSymlink, uid: uid ?? -1, gid: gid ?? -1, mode: mode ?? 0o777 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw refused(path, messageOf(error), error);
  }
}

const ANOTHER = "name another folder in the configuration (state: /srv/dolibarr-drill)";

const refused = (folder: string, why: string, cause?: unknown) =>
  new DrillError(
    "STATE_REFUSED",
    `Cannot use ${folder} for what a run after a crash needs: ${why}`,
    `It must be this user's own folder, into which nobody else may write: what lies there is believed. Correct that, or ${ANOTHER}.`,
    { cause },
  );
