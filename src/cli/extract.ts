/** `extract`: documents, or the rows of one table, out of a set, as files. */

import { dirname } from "node:path";
import { formatBytes, formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import { shown } from "../documents/tree/paths.ts";
import type { WantedDocument } from "../restore/extract/documents.ts";
import type { RowCondition } from "../restore/extract/rows.ts";
import type { RestorableSet } from "../store/sets/restorable_set.ts";
import type { Store } from "../store/store.ts";
import { findChosenSet } from "./command/chosen_set.ts";
import { absolute, type Context, needsStore, withContext } from "./command/context.ts";
import { dryRunOption, endDryRun } from "./command/dry_run.ts";
import {
  configOptions,
  envOption,
  requiredArgument,
  SET_FORMS,
  usage,
  value,
  values,
  type ValuesOf,
} from "./command/options.ts";
import { folderOutside, foldersOutside } from "./command/origin_and_target.ts";
import { verb } from "./command/verb.ts";

const options = {
  set: requiredArgument("SET", SET_FORMS),
  env: envOption("the environment that the set is of", "drill.from"),
  document: values("PATH", "a document, by its path in the documents folder"),
  table: value("TABLE", "the table whose rows are written as CSV; its prefix may be left out"),
  where: values("COLUMN=VALUE", "with --table: only rows whose column has this value, or one of these"),
  to: value("PATH", "the folder to write to; a new file where it is one document or a table"),
  dryRun: dryRunOption,
  ...configOptions,
};
type ExtractOptions = ValuesOf<typeof options>;

export const extractVerb = verb({
  name: "extract",
  summary: "Get documents, or the rows of one table, out of a set.",
  options,
  help: {
    about: `
Writes files, and changes no environment. What is written is compared with the hashes of the backup; where they differ
nothing is written. A file that is there already is never replaced.`,
    examples: [
      [`${PROGRAM} extract latest --document facture/FA1/FA1.pdf --to FA1.pdf`, "one document"],
      [
        `${PROGRAM} extract latest --document ecm/a.pdf ecm/b.pdf --to out/`,
        "several documents, in their folders below out/",
      ],
      [
        `${PROGRAM} extract latest --table facture --where ref=FA1 --to a.csv`,
        "the row of an invoice, as it was in the newest good set",
      ],
    ],
  },
  run(options, shell) {
    const wanted = readWanted(options);
    return withContext(options, shell, needsStore, async (context) => {
      const { restorableSetOf } = await import("../store/sets/restorable_set.ts");
      const { config } = context;
      const { name } = environmentOf(config, options.env ?? config.drill.from);
      const to = await folderOutside(absolute(wanted.to, Deno.cwd()), config);
      const files = "paths" in wanted ? await filesFor(wanted, to) : [];
      // a folder below --to may be a link
      await foldersOutside([...new Set(files.map(({ file }) => dirname(file)))], config);
      const store = await context.openStore();
      const chosen = await findChosenSet(options.set, name, store, context);
      const set = restorableSetOf(chosen.set);
      if (options.dryRun) return await preview(set, wanted, { to, files }, store, context);
      return "table" in wanted
        ? await writeRows(set, { ...wanted, to }, store, context)
        : await writeDocuments(set, files, store, context);
    });
  },
});

async function preview(
  set: RestorableSet,
  wanted: Wanted,
  { to, files }: { to: string; files: readonly WantedDocument[] },
  store: Store,
  context: Context,
) {
  const name = `${set.environment}/${set.name}`;
  if ("table" in wanted) {
    const { findRows } = await import("../restore/extract/rows.ts");
    const { entry } = await findRows(set, wanted.table, to, store, context.signal);
    return endDryRun(context, [`${shown(to)}  would be written: rows of ${entry.name} of ${name}`], {
      set: name,
    });
  }
  const { findWanted } = await import("../restore/extract/documents.ts");
  const recorded = await findWanted(set, files, store);
  const lines = files.map(({ path, file }) => {
    const bytes = recorded?.get(path)?.bytes;
    return `${shown(file)}  would be written${
      bytes === undefined ? "" : `, ${formatBytes(bytes)}`
    }, from ${name}`;
  });
  return endDryRun(context, lines, { set: name });
}

type Wanted =
  & { to: string }
  & ({ paths: readonly string[]; intoFolder: boolean } | { table: string; where: readonly RowCondition[] });

/** @throws DrillError `USAGE` where it is not said what, or not where to. */
function readWanted({ document, table, where, to }: ExtractOptions): Wanted {
  const example = "For example: extract latest --document facture/FA1/FA1.pdf --to FA1.pdf";
  if ((document === undefined) === (table === undefined)) {
    throw usage(
      document === undefined
        ? "extract needs --document or --table"
        : "--document and --table are both given",
      document === undefined ? example : "Give one of the two.",
    );
  }
  if (to === undefined) throw usage("extract needs --to", example);
  if (table !== undefined) return { to, table, where: (where ?? []).map(readCondition) };
  if (where !== undefined) throw usage("--where needs --table", example);
  const paths = [...new Set(document)];
  return { to, paths, intoFolder: paths.length > 1 || to.endsWith("/") };
}

function readCondition(text: string): RowCondition {
  const at = text.indexOf("=");
  if (at > 0) return { column: text.slice(0, at), value: text.slice(at + 1) };
  throw usage(`--where ${text} is not of the form COLUMN=VALUE`, "For example: --where ref=FA2610-0004");
}

/** Several documents go into a folder, with theirs; one does where `--to` is a folder, else it becomes that file. */
async function filesFor(
  { paths, intoFolder }: { paths: readonly string[]; intoFolder: boolean },
  to: string,
): Promise<WantedDocument[]> {
  const isFolder = intoFolder || await Deno.stat(to).then(({ isDirectory }) => isDirectory, () => false);
  return paths.map((path) => ({ path, file: isFolder ? `${to}/${path}` : to }));
}

async function writeDocuments(
  set: RestorableSet,
  wanted: readonly WantedDocument[],
  store: Store,
  context: Context,
) {
  const { extractDocuments } = await import("../restore/extract/documents.ts");
  const { out, event, reporter, colours } = context;
  const name = `${set.environment}/${set.name}`;
  const written = await extractDocuments(set, wanted, store, context);
  for (const { path, file, bytes, sha256, proved } of written) {
    event({ event: "extracted", set: name, path, file, bytes, sha256, proved });
    out(
      `${shown(file)}  ${formatBytes(bytes)}  ${colours.dim(`sha256 ${sha256.slice(0, 12)}`)}  from ${name}${
        proved ? ", as it was backed up" : ""
      }`,
    );
  }
  if (written.some(({ proved }) => !proved)) {
    reporter.warn(
      `NOT RUN: nothing proves these documents: ${name} is of the old backup script and has no index`,
    );
  }
  return context.finish({ verdict: "pass", set: name, documents: written.length });
}

async function writeRows(
  set: RestorableSet,
  { table, where, to }: { table: string; where: readonly RowCondition[]; to: string },
  store: Store,
  context: Context,
) {
  const { extractRows } = await import("../restore/extract/rows.ts");
  const name = `${set.environment}/${set.name}`;
  const written = await extractRows(set, { table, where }, to, store, context);
  const { rows, of, bytes, sha256, columns, proved } = written;
  context.event({
    event: "extracted",
    ...{ set: name, table: written.table, file: to, rows, columns, bytes, sha256, proved },
  });
  context.out(
    `${shown(to)}  ${formatCount(rows, "row")} of ${formatCount(of, "row")}, ${formatBytes(bytes)}  ${
      context.colours.dim(`sha256 ${sha256.slice(0, 12)}`)
    }  from ${written.table} of ${name}`,
  );
  if (!proved) {
    context.reporter.warn(
      `NOT RUN: nothing proves these rows: ${name} is of the old backup script and has no recorded hash`,
    );
  }
  return context.finish({ verdict: "pass", set: name, table: written.table, rows });
}
