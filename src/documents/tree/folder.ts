/**
 * The one way into a documents tree: open folders, and names right below them. The tree belongs to the ERP's web user, who may
 * exchange any name in it for a link at any moment; so no path of more than one name is ever given to the system. Each folder
 * is opened by its parent's handle and never through a link, and what lies in it is reached as `/proc/self/fd/HANDLE/NAME`,
 * which the kernel resolves from that very folder, wherever it was moved meanwhile (docs/facts.md, Deno).
 */

import * as fs from "node:fs";

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** What is known of an entry, without following it. */
export type EntryInfo = Pick<
  Deno.FileInfo,
  | "isFile"
  | "isDirectory"
  | "isSymlink"
  | "isFifo"
  | "isSocket"
  | "size"
  | "mtime"
  | "ctime"
  | "ino"
  | "dev"
  | "mode"
  | "uid"
  | "gid"
>;

/** An open folder of this process, for another of its threads, while it stays open. */
export interface LentFolder {
  handle: number;
  path: string;
  device: number;
  inode: number;
}

/** An open folder. Disposing closes it. Errors are the system's, with their `code`, and name the path as a person knows it. */
export class Folder implements Disposable {
  /** Where it lay when it was opened: for messages alone. */
  readonly path: string;
  readonly handle: number;

  private constructor(handle: number, path: string) {
    this.handle = handle;
    this.path = path;
  }

  /**
   * Opens the root of a tree.
   * @param path not believed to be safe below its last name: give one that nobody but its owner can exchange
   */
  static open(path: string): Folder {
    requireNoFollow();
    return new Folder(fs.openSync(path, O_RDONLY | O_DIRECTORY), path);
  }

  /**
   * As `open`, of a path without links: where one was followed all the same, as of a name that was exchanged meanwhile, the
   * kernel tells another path of what was opened.
   * @throws `ELOOP` then
   */
  static openReal(path: string): Folder {
    const folder = Folder.open(path);
    const opened = fs.readlinkSync(handlePath(folder.handle));
    if (opened === path) return folder;
    folder[Symbol.dispose]();
    throw Object.assign(new Error(`${path} leads to ${opened} by now`), { code: "ELOOP" });
  }

  /**
   * Opens a folder that another thread has open, with a handle of its own: the other one may be closed, and its number be
   * another file's, while a thread that was ended still runs.
   */
  static borrow({ handle, path, device, inode }: LentFolder): Folder {
    requireNoFollow();
    const folder = new Folder(fs.openSync(handlePath(handle), O_RDONLY | O_DIRECTORY), path);
    const { dev, ino } = folder.info();
    if (dev === device && ino === inode) return folder;
    folder[Symbol.dispose]();
    throw new Error(`${path} was closed before it was opened again`);
  }

  lend(): LentFolder {
    const { handle, path } = this;
    const { dev, ino } = this.info();
    return { handle, path, device: dev, inode: ino };
  }

  /** Opens the folder `name`. @throws `ENOTDIR` where a link or another thing stands there, `ENOENT` */
  folder(name: string): Folder {
    const path = this.pathOf(name);
    return new Folder(this.#at(name, (at) => fs.openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)), path);
  }

  /** Makes the folder `name`, where nothing may be, for this user alone. @throws `EEXIST` */
  makeFolder(name: string): Folder {
    this.#at(name, (at) => fs.mkdirSync(at, { mode: 0o700 }));
    return this.folder(name);
  }

  /** Opens a file for reading, never through a link and without waiting for a pipe. @throws `ELOOP` where a link stands there */
  openFile(name: string): number {
    return this.#at(name, (at) => fs.openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  }

  /**
   * Makes the file `name`, where nothing may be, for writing and reading it back.
   * @param mode less what the umask takes
   * @throws `EEXIST` also where a link stands there, whatever it leads to
   */
  createFile(name: string, mode = 0o600): number {
    return this.#at(name, (at) => fs.openSync(at, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
  }

  /** Opens a file that is there for writing over it. @throws `ELOOP` where a link stands there */
  openForWriting(name: string): number {
    return this.#at(name, (at) => fs.openSync(at, O_WRONLY | O_NOFOLLOW | O_NONBLOCK));
  }

  /** The names in it, sorted. One that is not UTF-8 has U+FFFD in place of what is none. */
  names(): string[] {
    const at = handlePath(this.handle);
    return this.#named(() => Array.from(Deno.readDirSync(at), ({ name }) => name)).sort();
  }

  /** Of the folder itself. */
  info(): fs.Stats {
    return fs.fstatSync(this.handle);
  }

  /** Of the entry `name`, which is not followed. @throws `ENOENT` */
  lstat(name: string): EntryInfo {
    return this.#at(name, (at) => Deno.lstatSync(at));
  }

  /** As `lstat`; undefined where there is none. */
  find(name: string): EntryInfo | undefined {
    try {
      return this.lstat(name);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** Where the link `name` leads, as it is written. @throws `EINVAL` where it is none */
  readLink(name: string): string {
    return this.#at(name, (at) => Deno.readLinkSync(at));
  }

  makeLink(name: string, target: string): void {
    this.#at(name, (at) => fs.symlinkSync(target, at));
  }

  /** Moves `name` to `to` on the same file system, in the place of a file that is there. */
  rename(name: string, into: Folder, to = name): void {
    this.#at(name, (from) => into.#at(to, (at) => fs.renameSync(from, at)));
  }

  /** Removes what is no folder: a link, not what it leads to. */
  removeFile(name: string): void {
    this.#at(name, (at) => fs.unlinkSync(at));
  }

  /** Removes the folder `name`. @throws `ENOTEMPTY` */
  removeFolder(name: string): void {
    this.#at(name, (at) => fs.rmdirSync(at));
  }

  /** Removes the entry `name` with everything in it, and follows no link; does nothing where there is none. */
  removeTree(name: string): void {
    try {
      this.#at(name, (at) => Deno.removeSync(at, { recursive: true })); // the runtime's own goes down by handles
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }

  /** The owner of the entry `name`, also of a link itself. */
  chown(name: string, uid: number, gid: number): void {
    this.#at(name, (at) => fs.lchownSync(at, uid, gid));
  }

  /** The times of the entry `name`, also of a link itself. @param ms since 1970, or before it */
  setTime(name: string, ms: number): void {
    const time = systemTime(ms);
    this.#at(name, (at) => fs.lutimesSync(at, time, time));
  }

  /** Waits until its names are on the disk. */
  sync(): void {
    this.#named(() => fs.fsyncSync(this.handle));
  }

  /** Where the entry `name` lies, for messages. */
  pathOf(name: string): string {
    return this.path === "/" ? `/${name}` : `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    fs.closeSync(this.handle);
  }

  #at<T>(name: string, act: (path: string) => T): T {
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} is not the name of an entry`);
    }
    return this.#named(() => act(`${handlePath(this.handle)}/${name}`));
  }

  /** A person knows a path, and not a handle. */
  #named<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof Error) {
        const { handle, path } = this;
        error.message = error.message.replaceAll(
          HANDLE_PATH,
          (whole, of) => Number(of) === handle ? path : whole,
        );
      }
      throw error;
    }
  }
}

/** The path by which this process, and no other, reaches what it has open. */
export const handlePath = (handle: number): string => `/proc/self/fd/${handle}`;
const HANDLE_PATH = /\/proc\/self\/fd\/(\d+)/g;

/** `ENOENT`, of an error of the runtime's. */
export const codeOf = (error: unknown): string | undefined => (error as { code?: string } | undefined)?.code;

/** Seconds as a number have steps of a quarter of a microsecond, and are cut, not rounded: half a step more is the same time. */
const ROUNDING_S = 3e-7;

/**
 * A time as `node:fs` takes it: of a number below 0 it makes the time of now, of such a date it does not, if it has whole
 * seconds. ext4 holds 34 bits of seconds; any other time is none that a document has, and becomes 1970.
 */
export function systemTime(ms: number): number | Date {
  if (!(Math.abs(ms) < 2 ** 33 * 1000)) return 0;
  return ms < 0 ? new Date(Math.floor(ms / 1000) * 1000) : ms / 1000 + ROUNDING_S;
}

let refused = false;

/**
 * The flags differ from one architecture to the other, and a wrong one is silently no protection: so a link, `/proc/self`, is
 * opened once, and must be refused.
 */
function requireNoFollow(): void {
  if (refused) return;
  try {
    fs.closeSync(fs.openSync("/proc/self", O_RDONLY | O_NOFOLLOW));
  } catch (error) {
    refused = codeOf(error) === "ELOOP";
    if (refused) return;
    throw error;
  }
  throw new Error(
    "this system followed a link that it was told not to follow: no documents tree can be opened safely",
  );
}
