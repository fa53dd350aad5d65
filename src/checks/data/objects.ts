/** Checks on what the restored database has besides rows: its objects, their owners, and the settings that were turned off. */

import { dropTrigger } from "../../dolibarr/sandbox/breakages.ts";
import { countRules, stillActive } from "../../dolibarr/sandbox/neutralise/neutralise.ts";
import { formatNumber } from "../../base/numbers.ts";
import { isDictionary, numberedByDataFile } from "../../dolibarr/tables/names.ts";
import { COUNTED_KINDS, countObjects } from "../../postgres/catalogue/objects.ts";
import { readDatabaseSettings, settingDifferences } from "../../postgres/catalogue/database_settings.ts";
import { foreignOwned } from "../../postgres/rights/owners.ts";
import { NUMBERS_AHEAD, sequencesBehind } from "../../postgres/catalogue/numbering.ts";
import { expectEqual, expectNone, type RestoreCheck } from "../check.ts";
import { databaseTwin, type DataContext, factsTwin, RESTORED_DATABASE, rowsTwin } from "./context.ts";

export const databaseObjects: RestoreCheck<DataContext> = {
  id: "data.objects",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Functions, triggers, keys, indexes, sequences and views are all there",
  required: true,
  async run({ session, sandbox, proof }) {
    const found = await countObjects(session, sandbox.database.owner);
    const from = `${proof.source.environment}/${proof.source.name}`;
    const wrong = COUNTED_KINDS.flatMap((kind) => {
      const expected = proof.kinds[kind] ?? 0;
      return found[kind] === expected ? [] : [`${found[kind]} of kind ${kind}, the dump has ${expected}`];
    });
    if (found.FUNCTION === 0) wrong.push("there is no function at all: Dolibarr's own ones are missing");
    if (found.TRIGGER === 0) {
      wrong.push("there is no trigger at all: Dolibarr's own ones, which set tms, are missing");
    }
    const { settings } = proof.source;
    const settingsNow = settings && await readDatabaseSettings(session.ask);
    return {
      ...expectNone(
        wrong,
        COUNTED_KINDS.length,
        "how many of each kind the dump's table of contents lists against the restored database",
      ),
      details: wrong.length > 0 ? wrong : [
        COUNTED_KINDS.map((kind) => `${found[kind]} ${kind.toLowerCase()}`).join(", "),
        // the sandbox's own, not the backup's: told, and no fault of what was restored
        ...settingsNow
          ? settingDifferences(settings, settingsNow, { source: from, target: sandbox.database.name })
          : [],
      ],
    };
  },
  twin: databaseTwin("a trigger dropped", dropTrigger),
};

export const sequenceValues: RestoreCheck<DataContext> = {
  id: "data.sequences",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "The next numbers of every sequence are free: new rows can be made",
  required: true,
  async run({ session }) {
    const { checked, taken, far } = await sequencesBehind(
      session,
      (table) => !isDictionary(table),
      numberedByDataFile,
    );
    const outcome = expectNone(
      taken,
      checked,
      `the next ${
        formatNumber(NUMBERS_AHEAD)
      } numbers of each sequence (but those of dictionaries) against the rows of the column that it numbers`,
    );
    return taken.length > 0 ? outcome : { ...outcome, details: far.slice(0, 20) };
  },
  twin: rowsTwin("a sequence restarted"),
};

export const poolerLookup: RestoreCheck<DataContext> = {
  id: "data.user_lookup",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "The pooler's user_lookup is untouched, and the provisioner's",
  required: true,
  run: ({ proof, sandbox }) => {
    const { before, after } = proof.database.lookup;
    const text = (side: typeof before) => side ? `${side.owner}'s, ${side.definition.slice(0, 8)}` : "none";
    const outcome = expectEqual(
      text(before),
      text(after),
      "owner and definition of the function in the sandbox before the restore against after it",
    );
    if (after?.owner === sandbox.database.owner) {
      return Promise.resolve({
        ...outcome,
        equal: false,
        message: `user_lookup belongs to ${after.owner}, not to the provisioner`,
      });
    }
    return Promise.resolve(outcome);
  },
  twin: factsTwin("a report that it is gone after the restore", (context) => ({
    ...context,
    proof: {
      ...context.proof,
      database: {
        ...context.proof.database,
        lookup: { before: { owner: "provisioner", definition: "as it was" }, after: null },
      },
    },
  })),
};

export const ownership: RestoreCheck<DataContext> = {
  id: "data.owners",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "Everything that was restored belongs to the sandbox's owner role",
  required: true,
  async run({ session, sandbox }) {
    const { checked, foreign } = await foreignOwned(session, sandbox.database.owner);
    return expectNone(
      foreign,
      checked,
      `owner of each table, sequence, function and type against ${sandbox.database.owner}`,
    );
  },
  twin: factsTwin("another role as the expected owner", (context) => ({
    ...context,
    sandbox: { ...context.sandbox, database: { ...context.sandbox.database, owner: "pg_database_owner" } },
  })),
};

export const neutralisedSettings: RestoreCheck<DataContext> = {
  id: "data.neutralised",
  part: "data",
  judges: "restore",
  level: "fast",
  given: RESTORED_DATABASE,
  title: "The sandbox cannot act on the world: mails, jobs, hooks and payments are off, and it says so",
  required: true,
  async run({ session, sandbox }) {
    const active = await stillActive({ ask: session.ask }, sandbox.neutralise);
    return expectNone(active, countRules(sandbox.neutralise), "each rule of neutralising, read back");
  },
  twin: rowsTwin("the banner gone"),
};
