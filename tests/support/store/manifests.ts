/** A valid manifest of any moment, for tests that need sets and no ERP. */

import { momentOf } from "../../../src/base/time.ts";
import { CONTENT_HASH } from "../../../src/postgres/rows/content_algorithms.ts";
import type { Manifest } from "../../../src/store/records/manifest.ts";

/** Its objects bear its own name and have three bytes each. */
export function sampleManifest(set: string, environment = "prod"): Manifest {
  const startedAt = momentOf(set)!.toISOString();
  const object = (key: string) => ({ key: `${environment}/${key}`, bytes: 3, sha256: "a".repeat(64) });
  return {
    set,
    environment,
    kind: "scheduled",
    startedAt,
    endedAt: startedAt,
    versions: { server: "15.18", pg_dump: "15.18" },
    identity: {
      systemIdentifier: "7000000000000000001",
      databaseOid: "16400",
      databaseName: "erp",
      owner: "erp_role",
    },
    db: {
      objects: [object(`db/${set}.dump`)],
      content: {
        ...CONTENT_HASH,
        tables: [{ table: "public.llx_user", rows: 1, hash: "c".repeat(64) }],
      },
      fingerprint: { algorithm: "test", value: "same" },
    },
    docs: {
      objects: [object(`docs/${set}.tar.gz`)],
      index: object(`docs/${set}.index.json.gz`),
      files: 1,
      bytes: 5,
    },
    warnings: [],
    suspect: [],
  };
}
