/** The patterns of what is not backed up. Pure. */

/**
 * `*` stands for any text, also across folders, as in tar's own excludes. A pattern that begins with `/` fits from the top of
 * the documents on: in it `*` stands for a part of one name, `**` for any text and `#` for a number.
 */
export function globToPattern(glob: string): RegExp {
  if (glob.startsWith("/")) return new RegExp(`^${fromTheTop(glob.slice(1))}$`, "s");
  const source = glob.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${source}$|/${source}$`, "s"); // a name may hold a newline
}

const fromTheTop = (glob: string): string =>
  glob.replaceAll(/\*\*|[*#.+?^${}()|[\]\\]/g, (sign) => IN_PLACE[sign] ?? `\\${sign}`);

const IN_PLACE: Readonly<Record<string, string>> = { "**": ".*", "*": "[^/]*", "#": "[0-9]+" };
