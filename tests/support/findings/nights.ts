/** Nights of an ERP that has faults: sets with true indexes, drills with findings. */

import { bytesOf, sha256Of } from "../../../src/base/streams.ts";
import { momentOf, timestampOf } from "../../../src/base/time.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { writeIndex } from "../../../src/documents/index.ts";
import { storedOf } from "../../../src/report/json.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import type { StoredDrill } from "../../../src/store/records/drill_schema.ts";
import { type Manifest, writeManifest } from "../../../src/store/records/manifest.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { samplePass } from "../samples/results.ts";
import { sampleManifest } from "../store/manifests.ts";

export const PDF = "facture/FA2610-0004/FA2610-0004.pdf";

/** The set of the night of that day of a month: `20261103T020000Z`. */
export const nightOf = (day: number, month = 11): string =>
  timestampOf(new Date(Date.UTC(2026, month - 1, day, 2)));

/** The finding that `PDF` is missing, or that it is something else. */
export const lost = (change: Partial<Finding> = {}): Finding => ({
  id: "documents.invoices/FA2610-0004/missing",
  subject: "FA2610-0004",
  sentence: `FA2610-0004: ${PDF} is missing`,
  with: "each invoice's PDF",
  facts: { path: PDF },
  document: { path: PDF },
  ...change,
});

/** A finding that no index tells of. */
export const unbalanced = (change: Partial<Finding> = {}): Finding => ({
  id: "data.payments/PAY1/parts",
  subject: "PAY1",
  sentence: "PAY1: 10 is not the sum of its parts, 11",
  with: "each payment",
  facts: { paid: "10", parts: "11" },
  ...change,
});

/** What a document of that content is in an index. */
export const fileOf = (path: string, content: string) => ({
  path,
  bytes: content.length,
  sha256: sha256Of(content),
  mtimeMs: 0,
  ctimeMs: 0,
});

/** A set of an ERP with these documents, and its index. */
export function makeNight(
  name: string,
  files: Readonly<Record<string, string>> = {},
  excludes: string[] = [],
): { set: BackupSet; index: Uint8Array<ArrayBuffer> } {
  const indexed = Object.entries(files).map(([path, content]) => fileOf(path, content));
  const index = writeIndex({ excludes, files: indexed, links: [] });
  const manifest = sampleManifest(name);
  manifest.docs.index = { ...manifest.docs.index, bytes: index.length, sha256: sha256Of(index) };
  return { set: { name, environment: "prod", manifest }, index };
}

/** Puts such a set; `like`: the set whose documents it names again. */
export async function putNight(
  store: Store,
  name: string,
  files: Readonly<Record<string, string>> = {},
  { excludes = [], like, change = () => {} }: {
    excludes?: string[];
    like?: BackupSet;
    change?: (manifest: Manifest) => void;
  } = {},
): Promise<BackupSet> {
  const { set, index } = makeNight(name, files, excludes);
  const { manifest } = set;
  if (like) manifest.docs = like.manifest.docs;
  change(manifest);
  for (const { key } of [...manifest.db.objects, ...manifest.docs.objects]) {
    await store.put(key, bytesOf("xxx"));
  }
  if (!like) await store.put(manifest.docs.index.key, bytesOf(index));
  await store.put(manifestKey("prod", name), bytesOf(writeManifest(manifest)));
  return set;
}

type StoredCheck = StoredDrill["checks"][number];

/** A check of the books that ran, with what it found. */
export const booksCheck = (
  id: string,
  findings: Finding[] = [],
  change: Partial<StoredCheck> = {},
): StoredCheck => ({
  id,
  title: id,
  part: id.startsWith("data") ? "data" : "documents",
  judges: "books",
  required: true,
  verdict: findings.some(({ accepted }) => !accepted) ? "fail" : "pass",
  details: [],
  ...(findings.length > 0 ? { findings } : {}),
  ms: 1,
  screenshots: [],
  ...change,
});

const SAMPLE = storedOf(samplePass());

/** A drill of that set, four hours after it, with `checks` alone. */
export function drillOf(set: string, checks: StoredCheck[], change: Partial<StoredDrill> = {}): StoredDrill {
  const at = new Date(momentOf(set)!.getTime() + 4 * 3_600_000);
  return {
    ...SAMPLE,
    id: timestampOf(at),
    startedAt: at.toISOString(),
    endedAt: new Date(at.getTime() + 60_000).toISOString(),
    verdict: checks.some(({ verdict }) => verdict === "fail") ? "fail" : "pass",
    set: { ...SAMPLE.set!, name: `prod/${set}` },
    checks,
    ...change,
  };
}
