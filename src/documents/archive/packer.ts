/**
 * Writes the tar of a tree: each file is opened by handles, hashed and put into the archive as it is read, once. So what the
 * index says of a file is what the archive holds of it, whatever happens to the file meanwhile.
 */

import { createHash } from "node:crypto";
import { closeSync, fstatSync, readSync } from "node:fs";
import type { Bytes, Digest } from "../../base/streams.ts";
import type { Located } from "../folders.ts";
import { readingFile } from "../hash/file.ts";
import { type FileState, isSameState, stateOf } from "../tree/file_state.ts";
import { codeOf, type Folder } from "../tree/folder.ts";
import { Reach } from "../tree/reach.ts";
import type { TreeEntry } from "../tree/walk.ts";
import { padded, tarEnd, tarHeader } from "./tar_headers.ts";

/** What a walk saw, and where. */
export type ToPack = Pick<TreeEntry, "path" | "type" | "target"> & { at: Located };

/**
 * What the archive holds of an entry. `gone`: nothing, for nothing is there any more; `another`: nothing, for another thing
 * took its place.
 */
export type Packed =
  | { is: "file"; content: Digest; state: FileState; changed: boolean }
  | { is: "directory" | "link" | "gone" | "another" };

const CHUNK_BYTES = 1024 * 1024;

export class Packer {
  /** For each entry that was come to, in their order. */
  readonly packed: Packed[] = [];
  readonly #reaches: Reach[];
  #chunk = new Uint8Array(CHUNK_BYTES);
  #at = 0;

  /** @param roots stay the caller's */
  constructor(roots: readonly Folder[]) {
    this.#reaches = roots.map((root) => new Reach(root));
  }

  /**
   * The archive in pieces, each its own. A file that shrinks while it is read is filled up with zeros, one that grows is cut.
   * @throws DrillError `DOCUMENTS_UNREADABLE`
   */
  *pack(entries: Iterable<ToPack>): Generator<Bytes, void, void> {
    try {
      for (const entry of entries) this.packed.push(yield* this.#entry(entry));
      yield* this.#put(tarEnd());
      yield this.#chunk.subarray(0, this.#at);
    } finally {
      for (const reach of this.#reaches) reach[Symbol.dispose]();
    }
  }

  *#entry(entry: ToPack): Generator<Bytes, Packed, void> {
    const opened = this.#open(entry);
    if (opened === "gone") return { is: this.#isAnotherThere(entry) ? "another" : "gone" };
    if (opened.is === "file") return yield* this.#file(entry.path, opened.file);
    yield* this.#put(
      tarHeader({ ...opened.state, path: entry.path, type: opened.is, bytes: 0, target: entry.target }),
    );
    return { is: opened.is };
  }

  /** Opens a file; of the others it is enough to look. */
  #open({ path, type, target, at }: ToPack) {
    const reach = this.#reaches[at.root]!;
    return readingFile(path, () => {
      if (type === "directory") return { is: type, state: stateOf(reach.folder(at.path).info()) };
      const { folder, name } = reach.parent(at.path);
      if (type === "file") return { is: type, file: folder.openFile(name) };
      if (folder.readLink(name) !== target) throw Object.assign(new Error(path), { code: "ELOOP" });
      const { mtime, mode, uid, gid } = folder.lstat(name);
      return {
        is: type,
        state: { mtimeMs: mtime?.getTime() ?? 0, mode: mode ?? 0o777, uid: uid ?? 0, gid: gid ?? 0 },
      };
    });
  }

  #isAnotherThere({ at }: ToPack): boolean {
    try {
      const { folder, name } = this.#reaches[at.root]!.parent(at.path);
      return folder.has(name);
    } catch (error) {
      if (codeOf(error) !== undefined) return false; // the folder above it is none any more
      throw error;
    }
  }

  *#file(path: string, file: number): Generator<Bytes, Packed, void> {
    try {
      const info = fstatSync(file);
      if (!info.isFile()) return { is: "another" };
      const state = stateOf(info);
      yield* this.#put(tarHeader({ ...state, path, type: "file" }));
      const hash = createHash("sha256");
      let wasShort = false;
      for (let read = 0; read < state.bytes;) {
        yield* this.#flushIfFull();
        const wanted = Math.min(state.bytes - read, CHUNK_BYTES - this.#at);
        const got: number = wasShort ? 0 : this.#read(path, file, wanted, read);
        if (got === 0) this.#chunk.fill(0, this.#at, this.#at + wanted);
        wasShort ||= got === 0;
        const piece = this.#chunk.subarray(this.#at, this.#at + (got || wanted));
        hash.update(piece);
        read += piece.length;
        this.#at += piece.length;
      }
      const changed = wasShort || !isSameState(stateOf(fstatSync(file)), state);
      yield* this.#put(new Uint8Array(padded(state.bytes) - state.bytes));
      return { is: "file", content: { bytes: state.bytes, sha256: hash.digest("hex") }, state, changed };
    } finally {
      closeSync(file);
    }
  }

  /** @returns how many bytes were read; 0 where the file has no more. */
  #read(path: string, file: number, bytes: number, from: number): number {
    const read = readingFile(path, () => readSync(file, this.#chunk, this.#at, bytes, from));
    return read === "gone" ? 0 : read;
  }

  *#put(bytes: Bytes): Generator<Bytes, void, void> {
    for (let from = 0; from < bytes.length;) {
      yield* this.#flushIfFull();
      const piece = bytes.subarray(from, from + CHUNK_BYTES - this.#at);
      this.#chunk.set(piece, this.#at);
      this.#at += piece.length;
      from += piece.length;
    }
  }

  *#flushIfFull(): Generator<Bytes, void, void> {
    if (this.#at < CHUNK_BYTES) return;
    const full = this.#chunk;
    this.#chunk = new Uint8Array(CHUNK_BYTES); // the full one is given away
    this.#at = 0;
    yield full;
  }
}
