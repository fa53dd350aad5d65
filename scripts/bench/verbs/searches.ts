/** `find` over many sets in a bucket: the first time, and from the cache. */

import { formatCount } from "../../../src/base/numbers.ts";
import { digestOf } from "../../../src/base/streams.ts";
import { runTool } from "../../../src/base/process/processes.ts";
import type { StoredObject } from "../../../src/store/records/manifest.ts";
import type { Store } from "../../../src/store/store.ts";
import { startS3Service } from "../../../tests/support/s3/service.ts";
import { whyNoRadosgw } from "../../../tests/support/s3/radosgw.ts";
import type { Bench } from "../bench.ts";
import { configFor } from "../data/bare_config.ts";
import { pathOf, putManySets } from "../data/many_sets.ts";
import { measure, oursDirectly } from "../measuring/programs.ts";
import type { Row } from "../measuring/table.ts";
import { alternate, medians } from "../measuring/turns.ts";

const SETS = 500;
const FILES = 3_000;
const MEMORY = 300e6;

export async function benchFind({ folder, runs, signal, say }: Bench): Promise<Row[]> {
  const title = `find in ${SETS} sets of ${formatCount(FILES, "document")} on S3`;
  const missing = whyNoRadosgw();
  if (missing) {
    say(`NOT RUN: ${title}: ${missing}`);
    return [];
  }
  await using service = await startS3Service();
  say(`putting ${SETS} sets into a radosgw`);
  const indexes = await putManySets(service.direct, { count: SETS, files: FILES, now: new Date() });
  const { gateway, bucket } = service;
  const place = { url: `s3://${bucket}/erp`, endpoint: gateway.endpoint };
  const config = await configFor(`${folder}/find.yaml`, place);
  const cache = `${folder}/cache`;
  const env = {
    ACCESS_KEY: gateway.accessKey,
    SECRET_KEY: gateway.secretKey,
    XDG_CACHE_HOME: cache,
    DENO_DIR: await denoFolder(),
  };
  const command = oursDirectly("find", pathOf(1).slice(0, -4), "--config", config, "--json");
  const search = async () => {
    const { ms, events, peakBytes } = await measure(command, { cwd: folder, env, signal });
    if (!events.some(({ event }) => event.event === "document")) throw new Error("nothing was found");
    return { ms, peakBytes };
  };
  let turn = 0;
  const { ours: first, bare } = await alternate(runs, async () => {
    say(`${title}: ${++turn} of ${runs}`);
    await Deno.remove(cache, { recursive: true }).catch(() => {}); // there is none the first time
    return await search();
  }, async () => ({ ms: await fetchAll(service.direct, indexes) }));
  const again = [];
  for (let run = 0; run < runs; run++) again.push(await search());
  const cached = medians(again);
  return [
    {
      what: title,
      ms: first.ms,
      bare: { what: `the ${indexes.length} indexes fetched one by one, not read`, ms: bare.ms },
      limits: { ms: 3_000, peakBytes: MEMORY },
      peakBytes: first.peakBytes,
    },
    {
      what: "- again, from the cache",
      ms: cached.ms,
      limits: { ms: 300, peakBytes: MEMORY },
      peakBytes: cached.peakBytes,
    },
  ];
}

/** Deno keeps its modules below XDG_CACHE_HOME too. */
async function denoFolder(): Promise<string> {
  const { stdout } = await runTool(Deno.execPath(), { args: ["info", "--json"] });
  return JSON.parse(stdout).denoDir;
}

async function fetchAll(store: Store, indexes: readonly StoredObject[]): Promise<number> {
  const began = performance.now();
  for (const { key } of indexes) await digestOf(store.get(key));
  return performance.now() - began;
}
