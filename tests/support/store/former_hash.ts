/** Sets as 0.1.0 wrote them: their content hashed by the first algorithm. */

import { sha256Of } from "../../../src/base/streams.ts";
import { FIRST_HASH } from "../../../src/postgres/rows/content_algorithms.ts";
import type { Database } from "../../../src/postgres/connection/database.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";

/** Rewrites the manifest of every set of prod in the folder `store`; `database` still holds what was dumped into each. */
export async function asFormerlyHashed(store: string, database: Database): Promise<void> {
  await using session = await connect(database);
  const content = { ...FIRST_HASH, tables: await contentOf(session, FIRST_HASH) };
  const hashes = new Map<string, string>();
  for await (const { name } of Deno.readDir(`${store}/prod/manifests`)) {
    const file = `${store}/prod/manifests/${name}`;
    const manifest = JSON.parse(await Deno.readTextFile(file));
    Object.assign(manifest, { format: 2, minReader: 2, db: { ...manifest.db, content } });
    const text = JSON.stringify(manifest);
    await Deno.writeTextFile(file, text);
    hashes.set(manifest.set, sha256Of(text));
  }
  for await (const { name } of Deno.readDir(`${store}/prod/rosters`)) {
    const file = `${store}/prod/rosters/${name}`;
    const roster = JSON.parse(await Deno.readTextFile(file));
    for (const one of roster.sets) one.manifest = hashes.get(one.set);
    await Deno.writeTextFile(file, JSON.stringify(roster));
  }
}
