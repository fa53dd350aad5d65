/** What a restore is about to replace: shown before it is asked for, and in place of it with --dry-run. */

import { DrillError } from "../../base/errors.ts";
import { PROGRAM } from "../../base/program_name.ts";
import type { Environment } from "../../config/config.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import type { Incoming } from "../../restore/incoming.ts";
import type { RestoreOptions } from "../../restore/options.ts";
import type { Store } from "../../store/store.ts";
import { askYesNo, canAsk } from "../findings/ask.ts";
import type { Context } from "./context.ts";
import { NOTHING_CHANGED } from "./dry_run.ts";
import { shellWord } from "../../base/shell_words.ts";

/**
 * A line for each thing that `incoming` takes the place of.
 * @param further the target's further folders that it brings
 */
export function replacedLines(
  { name, database, documents }: Incoming,
  into: Environment,
  further: readonly string[],
): string[] {
  const folder = "folder" in into.documents ? into.documents.folder : "its volume";
  const { host, port, name: databaseName } = into.database;
  return [
    `${name} takes the place of what ${into.name} holds now:`,
    ...(database ? [`- the database ${databaseName} at ${host}:${port}`] : []),
    ...(documents ? [`- the documents in ${documents.below ? `${folder}/${documents.below}` : folder}`] : []),
    ...further.map((folder) => `- the further documents in ${folder}`),
  ];
}

/**
 * Shows what is replaced, and asks for it, where a person at a terminal named no set.
 * @throws DrillError `TARGET_REFUSED` where the answer is no.
 */
export async function askBeforeReplacing(
  incoming: Incoming,
  into: Environment,
  { json, say, reporter, signal }: Context,
): Promise<void> {
  if (json || !canAsk()) return;
  const more = "folder" in into.documents ? into.documents.more ?? {} : {};
  const further = await incoming.documents?.further({ reporter, signal }) ?? [];
  for (const line of replacedLines(incoming, into, further.flatMap((name) => more[name] ?? []))) say(line);
  if (await askYesNo("Restore?", signal)) return;
  throw new DrillError(
    "TARGET_REFUSED",
    `Cannot restore into ${into.name}: the answer was no`,
    "Nothing was changed. --dry-run shows what a restore would do; --yes asks nothing.",
  );
}

/** Shows what a restore would replace and leave out, after everything that can be judged without a change. */
export async function previewRestore(
  incoming: Incoming,
  target: OpenEnvironment,
  into: Environment,
  store: Store,
  options: Pick<RestoreOptions, "protectedOnes" | "production" | "replaceForeign">,
  { out, reporter, signal }: Context,
): Promise<void> {
  const { judgeIncoming } = await import("../../restore/restore.ts");
  const judged = await judgeIncoming(incoming, target, store, { ...options, reporter, signal });
  const { replaced, told, leftOut, warnings } = judged;
  for (const line of replacedLines(incoming, into, replaced)) out(line);
  if (told !== undefined) out(`to know: ${told}`);
  for (const { what, why } of leftOut) out(`would be left out: ${what} (${why})`);
  for (const warning of warnings) out(`to know: ${warning}`);
  out(NOTHING_CHANGED);
}

/** The command that overwrites production by its database's name. */
export const productionCommand = (set: string, into: Environment): string =>
  `${PROGRAM} restore ${shellWord(set)} --into ${into.name} --restore-production ${
    shellWord(into.database.name)
  }`;
