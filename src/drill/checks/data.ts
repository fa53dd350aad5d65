/** Checks on the restored database and documents, before the first page is opened: a visit writes. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CompanyFacts, logoPath, readCompany } from "../../dolibarr/company.ts";
import { type Invoice, isValidated, readInvoices } from "../../dolibarr/invoices.ts";
import { stillActive } from "../../dolibarr/neutralise.ts";
import { countErpTables, FEWEST_TABLES, isDictionary, TABLE_PREFIX } from "../../dolibarr/tables.ts";
import { DrillError } from "../../base/errors.ts";
import { digestOf, readFile } from "../../base/streams.ts";
import { formatAge } from "../../base/text.ts";
import { walkTree } from "../../platform/documents_tree.ts";
import type { OpenEnvironment } from "../../platform/environment.ts";
import { compareContent, type TableContent } from "../../postgres/content.ts";
import { COUNTED_KINDS, countObjects } from "../../postgres/objects.ts";
import { foreignOwned } from "../../postgres/owners.ts";
import type { Session } from "../../postgres/session.ts";
import { sequencesBehind } from "../../postgres/sequences.ts";
import { askJson } from "../../postgres/snapshot.ts";
import type { RestoreProof } from "../../restore/restore.ts";
import { recordedObjects } from "../../restore/source.ts";
import type { PassedOver } from "../../store/catalogue.ts";
import { type Check, expectEqual, expectNone, type Outcome } from "../check.ts";

export interface DataContext {
  proof: RestoreProof;
  /** Newer sets than the one that was restored, which were passed over because they are no good ones. */
  newer: readonly PassedOver[];
  sandbox: OpenEnvironment;
  session: Session;
  /** How old the set may be, in ms. */
  maxAgeMs: number;
  /** Every table, as it is now that the restore is committed. */
  content: TableContent[];
  company: CompanyFacts;
  invoices: Invoice[];
}

/** Two machines' clocks may differ by so many ms without either being called wrong. */
const CLOCKS_DIFFER = 5 * 60_000;

/** Reads once what several checks look at. */
export async function readDataContext(
  known: Omit<DataContext, "content" | "company" | "invoices">,
  readContentNow: () => Promise<TableContent[]>,
): Promise<DataContext> {
  const { session } = known;
  return {
    ...known,
    content: await readContentNow(),
    company: await readCompany(session),
    invoices: await readInvoices(session),
  };
}

const stored: Check<DataContext> = {
  id: "backup.objects",
  part: "backup",
  title: "The objects are, byte for byte, those that were backed up",
  required: true,
  run: ({ proof: { source, read } }) => {
    const recorded = recordedObjects(source);
    if (recorded.some(({ sha256 }) => sha256 === undefined)) return Promise.reject(noHash(source.name));
    const differing = recorded.filter((one) =>
      !read.some((other) => other.key === one.key && other.bytes === one.bytes && other.sha256 === one.sha256)
    );
    return Promise.resolve({
      ...expectNone(
        differing.map(({ key }) => `${key} is not what was backed up`),
        recorded.length,
        "SHA-256 and size of each object as the restore read it, against the manifest",
      ),
      details: recorded.map(({ key, sha256 }) => `${key} ${sha256}`),
    });
  },
};

const noHash = (set: string) =>
  new DrillError(
    "CHECK_NOT_RUN",
    `no hash was ever recorded: ${set} is a set of the old backup script`,
    "Its rows and files are counted all the same. Every set that dolibarr-drill takes has hashes.",
  );

const fresh: Check<DataContext> = {
  id: "backup.age",
  part: "backup",
  title: "The newest good backup is young enough",
  required: true,
  run: ({ proof: { source }, maxAgeMs }) => {
    const age = Date.now() - source.seenAt.getTime();
    const future = age < -CLOCKS_DIFFER;
    return Promise.resolve({
      equal: !future && age <= maxAgeMs,
      compared: {
        expected: `${formatAge(maxAgeMs)} at most`,
        found: formatAge(age),
        with: "age of the older half of the set against drill.max_age",
      },
      message: future
        ? `the set is ${
          formatAge(age)
        } of this machine's clock: one of the two clocks is wrong, so its age is not known`
        : `the newest good set is ${
          formatAge(age)
        } old: backups have stopped, or take one half alone, or all since are suspect`,
    });
  },
};

const newestIsGood: Check<DataContext> = {
  id: "backup.suspect",
  part: "backup",
  title: "No newer backup is a bad one: of a state that looks lost, damaged, or not to be read",
  required: true,
  run: ({ newer, proof: { source } }) =>
    Promise.resolve({
      equal: newer.length === 0,
      compared: { expected: 0, found: newer.length, with: `bad sets that are newer than ${source.name}` },
      message: newer[0] && `${newer[0].name} is newer and bad: ${newer[0].flaws.join("; ")}`,
      details: newer.map(({ name, flaws }) => `${name}: ${flaws.join("; ")}`),
    }),
};

const tables: Check<DataContext> = {
  id: "data.tables",
  part: "data",
  title: `The ${TABLE_PREFIX} tables are all there, and never fewer than ${FEWEST_TABLES}`,
  required: true,
  run: ({ proof, content }) => {
    const expected = countErpTables(proof.database.expected);
    const found = countErpTables(content);
    const compared = `${TABLE_PREFIX} tables of the backup against the restored database`;
    if (found < FEWEST_TABLES) {
      return Promise.resolve({
        ...expectEqual(`${FEWEST_TABLES} or more`, found, compared),
        message: `only ${found} tables: this is no whole Dolibarr`,
      });
    }
    return Promise.resolve(expectEqual(expected, found, compared));
  },
};

const rows: Check<DataContext> = {
  id: "data.rows",
  part: "data",
  title: "Every table has the rows and the content of the backup",
  required: true,
  run: ({ proof, content }) => {
    const recorded = proof.database.expected;
    const before = compareContent(recorded, proof.database.found);
    // what we wrote ourselves was equal before we wrote it, and must be what we committed
    const ours = new Map(proof.database.changed.map((table) => [table.table, table]));
    const now = compareContent(recorded.map((table) => ours.get(table.table) ?? table), content);
    const differences = [...before, ...now].map(({ table, what }) => `${table}: ${what}`);
    const total = recorded.reduce((sum, table) => sum + table.rows, 0);
    return Promise.resolve({
      ...expectNone(
        differences,
        recorded.length,
        proof.source.tables
          ? `count and hash of each table (${total} rows) in the backup's snapshot against the restored database`
          : `rows of each block of the dump (${total} rows) against the restored database; no hash was ever recorded`,
      ),
      details: differences.slice(0, 20),
    });
  },
};

const notEmpty: Check<DataContext> = {
  id: "data.not_empty",
  part: "data",
  title: "It is a company's ERP, not an empty one: a name, users, validated invoices",
  required: true,
  run: ({ company, invoices }) => {
    const missing = [
      company.name === "" ? "no company name is set" : "",
      company.users === 0 ? "there are no users" : "",
      invoices.some(isValidated) ? "" : "there is no validated invoice",
    ].filter((problem) => problem !== "");
    return Promise.resolve({
      ...expectNone(
        missing,
        3,
        "company, users and invoices of the restored database against an empty install",
      ),
      details: [`${company.name || "(no name)"}, ${company.users} users, ${invoices.length} invoices`],
    });
  },
};

const objects: Check<DataContext> = {
  id: "data.objects",
  part: "data",
  title: "Functions, triggers, keys, indexes, sequences and views are all there",
  required: true,
  async run({ session, sandbox, proof }) {
    const found = await countObjects(session, sandbox.database.owner);
    const wrong = COUNTED_KINDS.flatMap((kind) => {
      const expected = proof.kinds[kind] ?? 0;
      return found[kind] === expected ? [] : [`${found[kind]} of kind ${kind}, the dump has ${expected}`];
    });
    if (found.FUNCTION === 0) wrong.push("there is not one function: Dolibarr's helpers are missing");
    if (found.TRIGGER === 0) wrong.push("there is not one trigger: nothing keeps the times of changes");
    return {
      ...expectNone(
        wrong,
        COUNTED_KINDS.length,
        "how many of each kind the dump's table of contents lists against the restored database",
      ),
      details: wrong.length > 0
        ? wrong
        : [COUNTED_KINDS.map((kind) => `${found[kind]} ${kind.toLowerCase()}`).join(", ")],
    };
  },
};

const sequences: Check<DataContext> = {
  id: "data.sequences",
  part: "data",
  title: "The next number of every sequence is free: new rows can be made",
  required: true,
  async run({ session }) {
    const { checked, behind } = await sequencesBehind(session, (table) => !isDictionary(table));
    return expectNone(
      behind,
      checked,
      "each sequence (but those of dictionaries) against the highest value of the column that it numbers",
    );
  },
};

const lookup: Check<DataContext> = {
  id: "data.user_lookup",
  part: "data",
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
};

const owners: Check<DataContext> = {
  id: "data.owners",
  part: "data",
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
};

const quiet: Check<DataContext> = {
  id: "data.neutralised",
  part: "data",
  title: "The sandbox cannot act on the world: mails, jobs and hooks are off",
  required: true,
  async run({ session, proof }) {
    const active = await stillActive({ ask: (sql) => askJson(session, sql) });
    return expectNone(active, proof.database.neutralised.length, "what neutralising set, read back");
  },
};

const files: Check<DataContext> = {
  id: "documents.files",
  part: "documents",
  title: "Every document of the backup is there",
  required: true,
  async run({ proof, sandbox }) {
    const there = new Map(
      walkTree(sandbox.documents, []).filter(({ type }) => type === "file").map((
        { path, bytes },
      ) => [path, bytes]),
    );
    const wrong = proof.index.files.flatMap(({ path, bytes }) =>
      there.get(path) === bytes
        ? []
        : [`${path}: ${there.has(path) ? `${there.get(path)} bytes, the backup has ${bytes}` : "missing"}`]
    );
    const extra = there.size - proof.index.files.length;
    if (extra > 0) wrong.push(`${extra} files that the backup does not have`);
    return await Promise.resolve(
      expectNone(
        wrong,
        proof.index.files.length,
        "path, size and (while unpacking) SHA-256 of each file against the index",
      ),
    );
  },
};

const papers: Check<DataContext> = {
  id: "documents.invoices",
  part: "documents",
  title: "Every validated invoice has its PDF, with the bytes that Dolibarr recorded",
  required: true,
  run({ invoices, proof }) {
    const there = new Map(proof.index.files.map((file) => [file.path, file]));
    const validated = invoices.filter(isValidated);
    const wrong = validated.flatMap(({ ref, mainDocument, recordedMd5 }) => {
      if (!mainDocument) return [`${ref}: no PDF was ever made`];
      const file = there.get(mainDocument);
      if (!file) return [`${ref}: ${mainDocument} is missing`];
      if (file.bytes === 0) return [`${ref}: ${mainDocument} is empty`];
      return recordedMd5 && recordedMd5 !== file.md5
        ? [`${ref}: ${mainDocument} has md5 ${file.md5}, Dolibarr recorded ${recordedMd5}`]
        : [];
    });
    const recorded = validated.filter(({ recordedMd5 }) => recordedMd5).length;
    return Promise.resolve(
      expectNone(
        wrong,
        validated.length,
        `last_main_doc of each invoice against the index; ${recorded} with the md5 that Dolibarr recorded`,
      ),
    );
  },
};

const logo: Check<DataContext> = {
  id: "documents.logo",
  part: "documents",
  title: "The company's logo is there, as it was backed up",
  required: true,
  async run({ company, proof, sandbox }): Promise<Outcome> {
    const compared = "the file that MAIN_INFO_SOCIETE_LOGO names, against the index";
    if (company.logo === "") {
      return expectEqual("a logo", "none is set", compared, "no logo is set in the restored database");
    }
    const path = logoPath(company.logo);
    const recorded = proof.index.files.find((file) => file.path === path);
    if (!recorded) return expectEqual(path, "missing", compared, `${path} is not in the backup`);
    if (!existsSync(join(sandbox.documents, path))) {
      return expectEqual(path, "missing", compared, `${path} is not in the sandbox`);
    }
    const { sha256 } = await digestOf(readFile(join(sandbox.documents, path)));
    return expectEqual(recorded.sha256, sha256, compared, `${path} has other bytes than the backup`);
  },
};

/**
 * The checks for a restored set. Nobody recorded a hash of a legacy one's objects, so that check cannot run on it: it is
 * printed and counted, and does not keep the set from being proved by all the others.
 */
export const dataChecksFor = (recorded: boolean): readonly Check<DataContext>[] =>
  dataChecks.map((check) => check === stored && !recorded ? { ...check, required: false } : check);

/** In the order in which they run and are shown. */
export const dataChecks: readonly Check<DataContext>[] = [
  stored,
  fresh,
  newestIsGood,
  tables,
  rows,
  notEmpty,
  objects,
  sequences,
  owners,
  lookup,
  quiet,
  files,
  papers,
  logo,
];
