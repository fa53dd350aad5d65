/** How much lies behind a link that leads out of a tree. */

/** More are not counted: a person needs no more to know that they are many. */
const MOST_COUNTED = 1_000_000;

/**
 * The number of files behind the link at `path`, not through further links: 0 where it leads nowhere, undefined where that
 * cannot be read.
 */
export function countBehindLink(path: string): number | undefined {
  try {
    const info = Deno.statSync(path);
    if (!info.isDirectory) return 1;
    let files = 0;
    const folders = [path];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
        if (isDirectory) folders.push(`${folder}/${name}`);
        if (isFile && ++files >= MOST_COUNTED) return files;
      }
    }
    return files;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? 0 : undefined;
  }
}
