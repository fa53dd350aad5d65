/** `find`: in which sets a document stands, with which content. */

import { EXIT } from "../base/errors.ts";
import { formatBytes, formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import { shown } from "../documents/tree/paths.ts";
import type { DocumentSearch, FoundDocument } from "../restore/extract/find.ts";
import { type Context, indexCacheOf, needsStore, withContext } from "./command/context.ts";
import { configOptions, envOption, requiredArgument, usage, valueOr } from "./command/options.ts";
import { verb } from "./command/verb.ts";

/** So many documents are printed unless --limit says otherwise. */
const SHOWN = "100";

const options = {
  pattern: requiredArgument("PATTERN", "a part of the document's path, or a pattern with * and ?"),
  env: envOption("the environment whose sets are searched", "drill.from"),
  limit: valueOr("N", SHOWN, "print at most so many documents"),
  ...configOptions,
};

export const findVerb = verb({
  name: "find",
  summary: "Find in which sets a document is, and when it changed.",
  options,
  help: {
    about: `
Searches the indexes of all sets; no archive is read. For each document it prints every content that it had: its size,
its hash, and the sets that hold it. Indexes are kept on this machine, so that the next search is quick.`,
    examples: [
      [`${PROGRAM} find FA2610-0004`, "every document whose path has this text, in any case"],
      [`${PROGRAM} find 'facture/*/*.pdf' --limit 1000`, "the PDFs of customer invoices"],
      [`${PROGRAM} find logo.png --json`, "one JSON object per document"],
    ],
  },
  run(options, shell) {
    const limit = readLimit(options.limit);
    return withContext(options, shell, needsStore, async (context) => {
      const [{ readSearchedSets }, { findDocuments, matcherOf }, { sweepIndexCache }, { parseKey }] =
        await Promise.all([
          import("../restore/extract/searched_sets.ts"),
          import("../restore/extract/find.ts"),
          import("../store/sets/index_cache.ts"),
          import("../store/keys.ts"),
        ]);
      const { name } = environmentOf(context.config, options.env ?? context.config.drill.from);
      const store = await context.openStore();
      const cache = indexCacheOf(context);
      const { sets, unreadable } = await readSearchedSets(store, name, { cache });
      const { signal } = context;
      const found = await findDocuments(store, sets, matcherOf(options.pattern), { cache, signal });
      if (cache) await sweepIndexCache(cache);
      for (const { key, error } of unreadable) {
        found.unreadable.push({ set: parseKey(name, key)?.name ?? key, error });
      }
      return finish(found, { environment: name, pattern: options.pattern, limit }, context);
    });
  },
});

function readLimit(text: string): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit > 0) return limit;
  throw usage(`--limit ${text} is not a whole number above 0`, "For example: find FA2610 --limit 1000");
}

function finish(
  { documents, searched, withoutIndex, unreadable }: DocumentSearch,
  { environment, pattern, limit }: { environment: string; pattern: string; limit: number },
  context: Context,
) {
  const { out, event, say, reporter } = context;
  for (const document of documents.slice(0, limit)) {
    event({ event: "document", environment, ...document });
    for (const line of linesOf(document, context)) out(line);
  }
  const more = documents.length - limit;
  if (more > 0) say(`${formatCount(more, "more document")}: print them with --limit, or narrow the pattern`);
  if (documents.length === 0) {
    say(`No document of ${environment} fits "${pattern}" in ${formatCount(searched, "set")}`);
  }
  if (withoutIndex.length > 0) {
    reporter.warn(
      `${
        formatCount(withoutIndex.length, "set")
      } of the old backup script cannot be searched: they have no index`,
    );
  }
  for (const { set, error } of unreadable) {
    reporter.warn(`${environment}/${set} is not searched: ${error.message}`);
  }
  const [first] = unreadable;
  const about = {
    environment,
    documents: documents.length,
    sets: searched,
    notSearched: withoutIndex.length + unreadable.length,
  };
  if (!first) return context.finish({ verdict: "pass", ...about });
  return context.finish({
    ...about,
    verdict: "fail",
    exit: EXIT.bad,
    code: first.error.code,
    message: `${formatCount(unreadable.length, "set")} could not be searched: ${first.error.message}`,
    hint: `Verify the sets: ${PROGRAM} verify --all --env ${environment}`,
  });
}

function linesOf({ path, versions, missingSince }: FoundDocument, { colours }: Context): string[] {
  return [
    shown(path),
    ...(missingSince === undefined ? [] : [colours.red(`  missing since ${missingSince}`)]),
    ...versions.map(({ bytes, sha256, oldest, newest, sets }) =>
      `  ${oldest === newest ? oldest : `${oldest} to ${newest}`}  ${formatCount(sets, "set")}  ${
        formatBytes(bytes)
      }  ${colours.dim(`sha256 ${sha256.slice(0, 12)}`)}`
    ),
  ];
}
