/** A store of many nights: a set and a drill each, and what the drills found wrong with the ERP. */

import type { CheckResult, DrillResult, Finding } from "../../../src/checks/result.ts";
import { bytesOf, readSmall, sha256Of } from "../../../src/base/streams.ts";
import { writeIndex } from "../../../src/documents/index.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { readManifest, writeManifest } from "../../../src/store/records/manifest.ts";
import { timestampOf } from "../../../src/base/time.ts";
import { storedOf } from "../../../src/report/json.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import { putDrill } from "../../../src/store/records/drills.ts";
import { putProof } from "../../../src/store/records/proofs.ts";
import type { Store } from "../../../src/store/store.ts";
import { sampleCheck } from "../samples/checks.ts";
import { nightlyResult } from "../samples/history.ts";
import { DAY_MS, nightsBefore, putSet } from "./sets.ts";

/** One lost PDF as a finding. */
export const lostPdf = (ref: string, more: Partial<Finding> = {}): Finding => {
  const path = `facture/${ref}/${ref}.pdf`;
  return {
    id: `documents.invoices/${ref}/missing`,
    subject: ref,
    sentence: `${ref}: ${path} is missing`,
    with: "last_main_doc of each invoice against the restored file",
    facts: {},
    document: { path },
    ...more,
  };
};

/** The drill of the set of that name, which `ms` after it found this. */
export function drillOf(set: string, findings: readonly Finding[], at: Date): DrillResult {
  const open = findings.filter(({ accepted }) => !accepted);
  const check: CheckResult = sampleCheck({
    id: "documents.invoices",
    part: "documents",
    title: "Every validated invoice has its PDF, whole, with the bytes that Dolibarr recorded",
    judges: "books",
    verdict: open.length > 0 ? "fail" : "pass",
    ...(open[0] ? { code: "CHECK_FAILED", message: open[0].sentence } : {}),
    findings: [...findings],
  });
  const sample = nightlyResult(0);
  return {
    ...sample,
    id: timestampOf(at),
    startedAt: at.toISOString(),
    endedAt: new Date(at.getTime() + 60_000).toISOString(),
    set: { ...sample.set!, name: `prod/${set}`, takenAt: at.toISOString() },
    checks: [...sample.checks.filter(({ id }) => id !== check.id), check],
    ...(open.length === 0 ? {} : {
      verdict: "fail",
      exit: 1,
      culprit: "erp",
      headline: `prod/${set} can be brought back. prod had a fault when it was backed up: ${
        open[0]!.sentence
      }`,
    }),
  };
}

interface Nights {
  now: Date;
  /** How many nights, the newest of today. */
  count: number;
  /** What the drill of so many nights ago found; undefined: there was none. */
  findings: (before: number) => readonly Finding[] | undefined;
}

/** Replaces the index of a set by one of those documents. */
async function putIndex(store: Store, set: string, documents: readonly string[]): Promise<void> {
  const key = manifestKey("prod", set);
  const manifest = readManifest(new TextDecoder().decode(await readSmall(store.get(key))), key);
  const bytes = writeIndex({
    files: documents.map((path) => ({ path, bytes: 9, mtimeMs: 0, ctimeMs: 0, sha256: sha256Of(path) })),
    links: [],
    excludes: [],
  });
  await store.put(manifest.docs.index.key, bytesOf(bytes));
  const index = { key: manifest.docs.index.key, bytes: bytes.length, sha256: sha256Of(bytes) };
  await store.put(key, bytesOf(writeManifest({ ...manifest, docs: { ...manifest.docs, index } })));
}

/** Puts a set of each night, its drill and the proof of that. @returns the names, newest first. */
export async function fillNights(store: Store, { now, count, findings }: Nights): Promise<string[]> {
  const names: string[] = [];
  const documents = [
    ...new Set(
      Array.from({ length: count }, (_, before) => findings(before) ?? []).flat().flatMap(({ document }) =>
        document ? [document.path] : []
      ),
    ),
  ];
  for (let before = count - 1; before >= 0; before--) {
    const name = nightsBefore(now, before);
    names.unshift(name);
    const found = findings(before);
    await putSet(store, name);
    await putIndex(
      store,
      name,
      documents.filter((path) => !(found ?? []).some((one) => one.document?.path === path)),
    );
    if (!found) continue;
    const at = new Date(
      Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), 3) - before * DAY_MS,
    );
    await putDrill(store, "prod", storedOf(drillOf(name, found, at)) as StoredDrill);
    await putProof(store, {
      environment: "prod",
      set: name,
      verb: "drill",
      verdict: "pass",
      at,
      objects: [],
      proved: [],
      notProved: [],
      problems: [],
    });
  }
  return names;
}

/** A configuration that names the folder at `path` as its store; nothing else of it is there. */
export const configOfStore = (path: string): string => `
store: { url: "file://${path}" }
environments:
  prod:
    database: { host: db.example.org, name: erp, owner: erp_role, user: erp, password: file:${path}-password }
    documents: /var/www/documents
    web: { url: https://erp.example.org }
  sandbox:
    disposable: true
    database: { host: db.example.org, name: erp-sandbox, owner: erp_sandbox_role, user: erp, password: env:NOT_NEEDED }
    documents: /srv/sandbox/documents
    web: { url: https://sandbox.example.org }
drill: { from: prod, into: sandbox }
`;
