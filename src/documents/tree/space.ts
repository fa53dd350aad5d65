/** Whether there is room for new documents, judged before the first of them is written. */

import { statfsSync } from "node:fs";
import { DrillError, messageOf } from "../../base/errors.ts";
import { formatBytes } from "../../base/numbers.ts";
import { type Folder, handlePath } from "./folder.ts";

interface Space {
  bytes: number;
  /** Files, folders and links: what takes an inode each. Undefined where the disk has no limit on them, or does not give it. */
  entries?: number;
}

interface SpaceVerdict {
  enough: boolean;
  /** What there is too little of. */
  short?: "bytes" | "entries";
  /** With the margin. */
  wanted: Required<Space>;
  free: Space;
}

/** What else writes there meanwhile, and what a file system keeps for itself: so much of it, and at least so much. */
const MARGIN = { share: 0.02, bytes: 4 * 1024 * 1024, entries: 64 };
/** An entry takes as much of its folder, or of the disk beside its content. */
const ENTRY_BYTES = 512;

/**
 * What a tree takes on a disk with blocks of `block` bytes, its folders counted too. Pure.
 * @param links each takes an inode, and a block where its target is long
 */
export function spaceNeeded(
  { files, links }: { files: readonly { path: string; bytes: number }[]; links: readonly { path: string }[] },
  block: number,
): Required<Space> {
  const folders = new Set<string>();
  const inBlocks = (bytes: number) => Math.ceil(bytes / block) * block;
  let bytes = links.length * block;
  for (const file of files) bytes += inBlocks(file.bytes);
  for (const { path } of [...files, ...links]) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  const entries = files.length + links.length + folders.size;
  return { bytes: bytes + folders.size * block + entries * ENTRY_BYTES, entries };
}

/** Whether `needed` and a margin fit into `free`. Pure. */
export function judgeSpace(needed: Required<Space>, free: Space): SpaceVerdict {
  const wanted = {
    bytes: needed.bytes + Math.max(MARGIN.bytes, Math.ceil(needed.bytes * MARGIN.share)),
    entries: needed.entries + Math.max(MARGIN.entries, Math.ceil(needed.entries * MARGIN.share)),
  };
  const short = wanted.bytes > free.bytes
    ? "bytes"
    : free.entries !== undefined && wanted.entries > free.entries
    ? "entries"
    : undefined;
  return { enough: short === undefined, ...(short ? { short } : {}), wanted, free };
}

/**
 * Compares what `tree` takes with what is free where `folder` lies. Nothing is written.
 * @throws DrillError `DISK_FULL` with both numbers.
 */
export function requireSpace(
  folder: Folder,
  tree: { files: readonly { path: string; bytes: number }[]; links: readonly { path: string }[] },
): void {
  const disk = readFree(folder);
  if (disk === undefined) return;
  const { enough, short, wanted, free } = judgeSpace(spaceNeeded(tree, disk.block), disk.free);
  if (enough) return;
  const numbers = short === "bytes"
    ? `they need ${formatBytes(wanted.bytes)}, and ${formatBytes(free.bytes)} are free`
    : `they are ${wanted.entries} files and folders, and the disk has room for ${free.entries} more (inodes)`;
  throw new DrillError(
    "DISK_FULL",
    `Cannot put new documents into ${folder.path}: ${numbers}`,
    `Nothing was changed. Make room on that volume, or make it larger: the old documents stay there until the new ones are proved. Look with: df ${
      short === "bytes" ? "-h" : "-i"
    } ${folder.path}`,
  );
}

/** undefined where the disk gives no numbers, as some behind a network do not. */
function readFree(folder: Folder): { free: Space; block: number } | undefined {
  try {
    const { bsize, blocks, bavail, files, ffree } = statfsSync(handlePath(folder.handle));
    if (blocks === 0) return undefined;
    return { block: bsize, free: { bytes: bavail * bsize, ...(files > 0 ? { entries: ffree } : {}) } };
  } catch (error) {
    throw new DrillError(
      "DOCUMENTS_NOT_WRITABLE",
      `Cannot read the free space of ${folder.path}: ${messageOf(error)}`,
      "Is the volume of the documents mounted?",
      { cause: error },
    );
  }
}
