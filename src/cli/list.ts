/** `list`: the sets that are in the store, newest first. */

import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatAge, formatBytes, formatCount, table } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import { type BackupSet, latestOf, listSets } from "../store/sets.ts";
import { openStore } from "./clients.ts";
import { withContext } from "./context.ts";
import type { Options } from "./options.ts";
import type { Shell } from "./shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, colours } = context;
    const { name } = environmentOf(config, options.env ?? config.drill.from);
    const sets = await listSets(await openStore(config.store), name);
    const latest = latestOf(sets);
    for (const set of sets) context.event(setEvent(set, set === latest));
    const rows = sets.map((set) => setRow(set, set === latest, Date.now()));
    for (const line of table(rows, ["left", "right", "left", "right", "right", "right", "right"])) {
      context.out(line.replace(/suspect: .*$/, colours.red));
    }
    if (sets.length === 0) {
      context.say(
        `There is no set of ${name} in ${config.store.url}. Take one: dolibarr-drill backup --env ${name}`,
      );
    }
    return context.finish({ verdict: "pass", exit: EXIT.ok, environment: name, sets: sets.length });
  });
}

/** One line for a person: name, age, kind, sizes, counts, and what is special about it. */
export function setRow({ name, manifest }: BackupSet, latest: boolean, now: number): string[] {
  const { rows, files, db, docs } = countsOf(manifest);
  return [
    name,
    formatAge(now - Date.parse(manifest.startedAt)),
    manifest.kind,
    `db ${formatBytes(db)}`,
    `docs ${formatBytes(docs)}`,
    formatCount(rows, "row"),
    formatCount(files, "file"),
    manifest.suspect.length > 0 ? `suspect: ${manifest.suspect.join("; ")}` : latest ? "latest" : "",
  ];
}

/** One `set` event (DESIGN, Commands). */
export function setEvent({ name, environment, manifest }: BackupSet, latest: boolean): object {
  const { kind, suspect, startedAt, endedAt } = manifest;
  return {
    event: "set",
    set: name,
    environment,
    kind,
    suspect,
    latest,
    startedAt,
    endedAt,
    ...countsOf(manifest),
  };
}

function countsOf({ db, docs }: BackupSet["manifest"]) {
  const bytes = (objects: { bytes: number }[]) => objects.reduce((sum, one) => sum + one.bytes, 0);
  return {
    db: bytes(db.objects),
    docs: bytes(docs.objects),
    tables: db.content.tables.length,
    rows: db.content.tables.reduce((sum, { rows }) => sum + rows, 0),
    files: docs.files,
  };
}
