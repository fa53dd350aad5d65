/** The patterns of what is not backed up. Pure. */

/** `*` stands for any text, also across folders, as in tar's own excludes. */
export function globToPattern(glob: string): RegExp {
  const source = glob.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${source}$|/${source}$`, "s"); // a name may hold a newline
}
