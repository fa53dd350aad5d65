/** `refresh`, `refresh-from-prod`, `sync-documents`: production's current state, or one of its sets, into the sandbox. */

import { DrillError } from "../base/errors.ts";
import { PROGRAM } from "../base/program_name.ts";
import type { Environment } from "../config/config.ts";
import { COMPANY_FOLDER } from "../dolibarr/company.ts";
import type { Half, Incoming } from "../restore/incoming.ts";
import type { Store } from "../store/store.ts";
import { findChosenSet } from "./command/chosen_set.ts";
import { type Context, withContext } from "./command/context.ts";
import {
  configOptions,
  flag,
  fromOption,
  intoOption,
  loadingOptions,
  replaceForeignOption,
  unprovedVersionOption,
  value,
  type ValuesOf,
} from "./command/options.ts";
import { originAndTarget } from "./command/origin_and_target.ts";
import type { Shell } from "./command/shell.ts";
import { verb } from "./command/verb.ts";

const copyOptions = {
  from: fromOption("the environment that is copied; it is only read"),
  into: intoOption,
  set: value("SET", "copy this set instead of the current state: latest or 20260630T155313Z"),
  dryRun: flag("show what would be replaced and left out, and change nothing"),
  unprovedVersion: unprovedVersionOption,
};
const documentsOptions = {
  all: flag("copy all documents, not only those of the company itself (mycompany)"),
  replaceForeign: replaceForeignOption,
};
type RefreshOptions = Partial<
  ValuesOf<typeof copyOptions & typeof documentsOptions & typeof loadingOptions & typeof configOptions>
>;

export const refreshVerb = verb({
  name: "refresh",
  summary: "Copy production's database and documents to the sandbox.",
  options: { ...copyOptions, ...documentsOptions, ...loadingOptions, ...configOptions },
  help: {
    about: `
The database is streamed, loaded, compared with production, and neutralised, all in one transaction: the sandbox then
sends no mails and runs no scheduled jobs. Of the documents only those of the company itself are copied.
A state that looks lost is not copied. A fault of the ERP, such as an invoice without its PDF, is no hindrance.`,
    examples: [
      [`${PROGRAM} refresh`, "copy the current state of drill.from to drill.into"],
      [`${PROGRAM} refresh --all`, "copy all documents, too"],
      [`${PROGRAM} refresh --set latest`, "copy the newest good set instead"],
    ],
  },
  run: (options, shell) => refresh(options, undefined, shell),
});

export const refreshFromProdVerb = verb({
  name: "refresh-from-prod",
  summary: "Copy production's database to the sandbox.",
  options: { ...copyOptions, ...loadingOptions, ...configOptions },
  help: {
    about: "As refresh does; the documents of the sandbox are not changed.",
    examples: [
      [
        `${PROGRAM} refresh-from-prod`,
        "stream the database; nothing of it is written to a disk on the way",
      ],
    ],
  },
  run: (options, shell) => refresh(options, "db", shell),
});

export const syncDocumentsVerb = verb({
  name: "sync-documents",
  summary: "Copy production's documents to the sandbox.",
  options: { ...copyOptions, ...documentsOptions, ...configOptions },
  help: {
    about: "As refresh does; the database of the sandbox is not changed.",
    examples: [
      [`${PROGRAM} sync-documents`, "copy the logos and the company's own documents"],
      [`${PROGRAM} sync-documents --all`, "copy all documents"],
    ],
  },
  run: (options, shell) => refresh(options, "docs", shell),
});

/** @param half which half is copied; undefined: both. */
function refresh(options: RefreshOptions, half: Half | undefined, shell: Shell) {
  const { set, terminate, staged, replaceForeign } = options;
  return withContext(
    options,
    shell,
    (config) => {
      const { from, into } = originAndTarget(options, config);
      return { databases: set === undefined ? [from.name, into.name] : [into.name] };
    },
    async (context) => {
      const { restoredFields, runRestore } = await import("./command/run_restore.ts");
      const { from, into } = originAndTarget(options, context.config);
      const store = await context.openStore();
      const target = await context.openEnvironment(into);
      const parts = { half, below: options.all ? undefined : COMPANY_FOLDER };
      await using opened = set === undefined
        ? await openCurrent(from, parts, store, context)
        : await openSet(from, set, parts, store, context);
      const { incoming } = opened;
      const protectedOnes = context.protectedOnes({ from: from.name, into: into.name });
      if (options.dryRun) {
        const { previewRestore } = await import("./command/replacing.ts");
        await previewRestore(incoming, target, into, store, { protectedOnes, replaceForeign }, context);
        return context.finish({ verdict: "pass", set: incoming.name, into: into.name, dryRun: true });
      }
      const restored = await runRestore(incoming, target, store, {
        done: `${into.name} is a copy of ${incoming.name}`,
        protectedOnes,
        replaceForeign,
        terminate,
        staged,
      }, context);
      return context.finish({
        verdict: "pass",
        set: incoming.name,
        into: into.name,
        ...restoredFields(restored),
      });
    },
  );
}

/** Which half is copied, and which documents: those below a folder, or all. */
interface Parts {
  half: Half | undefined;
  below: string | undefined;
}

type OpenIncoming = AsyncDisposable & { incoming: Incoming };

/** The environment as it is now, opened for reading, and judged against its newest good set. */
async function openCurrent(
  from: Environment,
  parts: Parts,
  store: Store,
  context: Context,
): Promise<OpenIncoming> {
  const [{ openCurrentState }, { readInventory }, { latestIn }, { isLegacy }] = await Promise.all([
    import("../restore/current_state.ts"),
    import("../store/sets/inventory.ts"),
    import("../store/sets/latest.ts"),
    import("../store/sets/sets.ts"),
  ]);
  const { reporter, signal } = context;
  const latest = latestIn(await readInventory(store, from.name));
  const before = latest && !isLegacy(latest)
    ? { tables: latest.manifest.db.content.tables, files: latest.manifest.docs.files }
    : undefined;
  return await openCurrentState(await context.openEnvironment(from), { ...parts, before, reporter, signal });
}

/** The objects of one of its sets. */
async function openSet(
  from: Environment,
  wanted: string,
  parts: Parts,
  store: Store,
  context: Context,
): Promise<OpenIncoming> {
  const [{ setIncoming }, { restorableSetOf }, { suspectOf }] = await Promise.all([
    import("../restore/incoming.ts"),
    import("../store/sets/restorable_set.ts"),
    import("../store/sets/sets.ts"),
  ]);
  const { set } = await findChosenSet(wanted, from.name, store, context);
  const suspect = suspectOf(set);
  if (suspect.length > 0) {
    const name = `${from.name}/${set.name}`;
    throw new DrillError(
      "SET_SUSPECT",
      `Cannot copy ${name}: the set is suspect: its state looks lost: ${suspect.join("; ")}`,
      `Nothing was changed. To copy the newest good set: --set latest. To see this one all the same: ${PROGRAM} restore ${name}`,
    );
  }
  return {
    incoming: setIncoming(restorableSetOf(set), store, parts),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
