/** A small disk for a test: a file system in memory, mounted on a new folder. */

import { messageOf } from "../../../src/base/errors.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import { temporaryFolder } from "../folder.ts";

/** Why no disk can be mounted here; false where one can. */
export async function whyNoDisk(): Promise<string | false> {
  if (Deno.uid() !== 0) return "only root may mount";
  try {
    await using _disk = await mountSmallDisk("64k");
    return false;
  } catch (error) {
    return `nothing can be mounted: ${messageOf(error)}`;
  }
}

/**
 * @param size as for `mount -t tmpfs -o size=`: `8m`
 * @param options more of its options: `nr_inodes=100`
 * @returns the folder on which it is mounted
 */
export async function mountSmallDisk(
  size: string,
  options = "",
): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const path = `${folder.path}/volume`;
  await Deno.mkdir(path);
  const args = ["-t", "tmpfs", "-o", [`size=${size}`, options].filter(Boolean).join(","), "tmpfs", path];
  const end = await runTool("mount", { args });
  if (end.code !== 0) {
    await folder[Symbol.asyncDispose]();
    throw new Error(end.stderr.trim());
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      const { code, stderr } = await runTool("umount", { args: [path] });
      if (code !== 0) throw new Error(stderr); // the folder is not removed then: it still holds the disk
      await folder[Symbol.asyncDispose]();
    },
  };
}
