/** Documents behind a link out of the documents' folder, which no backup follows: as the backup and the drill both tell it. Pure. */

import { formatCount } from "../../base/numbers.ts";
import type { Fault } from "../fault.ts";

/** The check that tells of it, the last part of its findings' ids, and what is compared. */
export const LINKS = {
  check: "documents.links",
  kind: "not-in-backup",
  with: "each link in the documents against the folder that is backed up",
} as const;

/**
 * What is wrong with such a link; undefined where nothing lies behind it.
 *
 * @param files how many lie behind it; undefined: not known.
 */
export function linkedAway(
  { path, target }: { path: string; target: string },
  files: number | undefined,
): Fault | undefined {
  if (files === 0) return undefined;
  const what = files === undefined
    ? "what lies behind it is"
    : `${formatCount(files, "file")} behind it ${files === 1 ? "is" : "are"}`;
  return {
    subject: path,
    kind: LINKS.kind,
    sentence: `${path} is a link to ${target}: ${what} in no backup`,
    facts: { target },
  };
}
