/** What grows with the years: the plan of retention for many sets, and the list of many sets on S3. */

import { timestampOf } from "../../../src/base/time.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import { planRetention } from "../../../src/retention/plan.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { writeManifest } from "../../../src/store/records/manifest.ts";
import { objectsOfSet } from "../../../src/store/sets/sets.ts";
import { sampleManifest } from "../../../tests/support/store/manifests.ts";
import { whyNoRadosgw } from "../../../tests/support/s3/radosgw.ts";
import { startS3Service } from "../../../tests/support/s3/service.ts";
import type { Bench } from "../bench.ts";
import { medians } from "../measuring/turns.ts";
import type { Row } from "../measuring/table.ts";
import type { RetentionSet } from "../../../src/retention/sets.ts";
import { manifestKey } from "../../../src/store/keys.ts";

const PLANNED = 20_000;
const LISTED = 500;
const NOW = new Date("2026-06-30T12:00:00Z");
const POLICY = {
  daily: { amount: 30, unit: "d" },
  monthly: { amount: 12, unit: "mo" },
  yearly: { amount: 10, unit: "y" },
} as const;

/** The name of a set of so many nights ago. */
const nightsAgo = (nights: number) => timestampOf(new Date(NOW.getTime() - nights * 86_400_000));

export async function benchStores(bench: Bench): Promise<Row[]> {
  return [planRow(bench), ...await listRows(bench)];
}

function planRow({ runs, say }: Bench): Row {
  say(`the plan for ${PLANNED} sets`);
  const sets = Array.from({ length: PLANNED }, (_, at): RetentionSet => {
    const seen = new Date(NOW.getTime() - at * 4 * 3_600_000);
    const name = timestampOf(seen);
    const objects = [`prod/db/${name}.dump`, `prod/docs/${name}.tar.gz`];
    return { name, seen, problems: [], kind: "scheduled", verified: at % 30 === 0, objects };
  });
  const took = Array.from({ length: runs }, () => {
    const began = performance.now();
    planRetention({ sets, policy: POLICY, now: NOW });
    return { ms: performance.now() - began };
  });
  return { what: `the plan for ${PLANNED} sets`, ms: medians(took).ms, limits: { ms: 50 } };
}

async function listRows({ runs, say }: Bench): Promise<Row[]> {
  const missing = whyNoRadosgw();
  if (missing) {
    say(`NOT RUN: a list of ${LISTED} sets on S3: ${missing}`);
    return [];
  }
  await using service = await startS3Service();
  const { direct: store } = service;
  say(`putting ${LISTED} sets into a radosgw`);
  for (let at = 0; at < LISTED; at++) {
    const manifest = sampleManifest(nightsAgo(at));
    manifest.db.content.tables = Array.from(
      { length: 290 },
      (_, table) => ({
        table: `public.llx_table_${table}`,
        rows: 100 * table,
        hash: `${-17 * table}000000000000`,
      }),
    );
    const set = { name: manifest.set, environment: "prod", manifest };
    for (const { key } of objectsOfSet(set)) await store.put(key, bytesOf("xyz"));
    await store.put(manifestKey("prod", manifest.set), bytesOf(writeManifest(manifest)));
  }
  const took = [];
  for (let run = 0; run < runs; run++) {
    say(`a list of ${LISTED} sets on S3: ${run + 1} of ${runs}`);
    const began = performance.now();
    const { sets } = await readInventory(store, "prod");
    took.push({ ms: performance.now() - began, sets: sets.length });
  }
  return [{ what: `a list of ${LISTED} sets on S3`, ms: medians(took).ms, limits: { ms: 2_000 } }];
}
