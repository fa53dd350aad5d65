/** The register of a set, proved by its manifest. */

import { DrillError } from "../../base/errors.ts";
import { readSmall, sha256Of } from "../../base/streams.ts";
import { type OpenRegister, openRegister } from "../records/register/text.ts";
import type { Finding } from "../records/finding_schema.ts";
import type { Store } from "../store.ts";
import { refuseOtherBytes } from "./recorded_bytes.ts";
import { type AnySet, type BackupSet, isLegacy } from "./sets.ts";

/** More bytes no register has. */
const LARGEST = 1024 ** 3;

/**
 * The register of that set, proved by the manifest's hash.
 * @throws DrillError `OBJECT_CORRUPT`, `OBJECT_MISSING`, `STORE_NEWER`; what the store fails with.
 */
export async function readRegister(store: Store, set: BackupSet): Promise<OpenRegister | undefined> {
  const { register } = set.manifest;
  if (!register) return undefined;
  const data = await readSmall(store.get(register.key), LARGEST);
  refuseOtherBytes(register, { bytes: data.length, sha256: sha256Of(data) });
  const open = await openRegister(data, register.key);
  const { environment, set: name } = open.head;
  if (environment === set.environment && name === set.name) return open;
  throw new DrillError(
    "OBJECT_CORRUPT",
    `Cannot use ${register.key}: it is the register of ${environment}/${name}`,
    "It was copied or renamed. The next backup is compared with an older one.",
  );
}

/** How the register of a set is read, and what its backup found by it; undefined where it has none. Nothing is read yet. */
export function registeredOf(
  set: AnySet,
  store: Store,
): { read: () => Promise<OpenRegister>; findings: Finding[] } | undefined {
  if (isLegacy(set) || !set.manifest.register) return undefined;
  const { findings } = set.manifest.findings ?? { findings: [] };
  return {
    read: async () => (await readRegister(store, set))!,
    findings: findings.filter(({ id }) => id.startsWith("data.register/")),
  };
}

/** How many rows a register has, read to its end. @throws DrillError `OBJECT_CORRUPT`, `STORE_NEWER`. */
export async function countRegister(open: OpenRegister): Promise<number> {
  let rows = 0;
  for await (const part of open.parts()) {
    for await (const lines of part.rows) rows += lines.length;
  }
  return rows;
}
