/** A problem of the configuration, as a sentence about the value at one place. */

import type { Path } from "../yaml_lines.ts";

export interface Remark {
  path: Path;
  /** Never contains a value that could be a secret. */
  text: string;
}

/** `text` is the whole sentence. */
export const remark = (path: Path, text: string): Remark => ({ path, text });

/** `text` is the rest of a sentence that begins with the path: `is missing`. */
export const remarkOn = (path: Path, text: string): Remark => remark(path, `${nameOf(path)} ${text}`);

/** `environments.prod.database.host`; for the whole file, `the file`. */
export const nameOf = (path: Path): string => path.length === 0 ? "the file" : path.join(".");
