/** Paths of a documents tree: what is one, and how messages show it. Pure. */

/** What Linux takes, in bytes: of a path, and of each name in it. */
const PATH_BYTES = 4096;
const NAME_BYTES = 255;

/**
 * A relative path below the root, as plain names; empty for the root itself.
 * @param refuse makes the error for one that leaves the root, or is none
 */
export function plainPath(name: string, refuse: (path: string, why: string) => Error): string {
  const path = name.replace(/\/+$/, "").replace(/^(\.\/+)+/, "");
  if (path === "." || path === "" && name !== "" && !name.startsWith("/")) return "";
  const parts = path.split("/");
  if (
    path.startsWith("/") || path.includes("\0") ||
    parts.some((part) => part === ".." || part === "." || part === "")
  ) {
    throw refuse(name, "its path leaves the tree, or is none");
  }
  const bytesOf = (text: string) => new TextEncoder().encode(text).length;
  if (
    path.length > NAME_BYTES / 3 &&
    (bytesOf(path) > PATH_BYTES || parts.some((part) => bytesOf(part) > NAME_BYTES))
  ) {
    throw refuse(`${name.slice(0, 60)}…`, "its path is longer than any that can be made");
  }
  return path;
}

/** A path for a message: one that could pass for another, or break the line, is quoted. */
export const shown = (path: string): string =>
  /^[\x20-\x7e\u00a1-\ud7ff\ue000-\ufffc]*$/u.test(path)
    ? path
    : JSON.stringify(path).replaceAll(/[\x7f-\xa0]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
