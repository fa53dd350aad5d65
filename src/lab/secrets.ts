/** The passwords of a lab: random, each in a file that only its user may read. */

import { randomHex } from "../base/random.ts";
import type { LabPasswords } from "./servers/cluster.ts";
import type { LabPaths } from "./paths.ts";
import { fileExists, writeFileWhole } from "./files.ts";

export interface LabSecrets extends LabPasswords {
  /** The password of the login `admin` of Dolibarr in prod, which is used nowhere else. */
  admin: string;
  prodInstance: string;
  sandboxInstance: string;
}

const FILES: Record<keyof LabSecrets, string> = {
  provisioner: "provisioner-password",
  pgbouncer: "pgbouncer-password",
  prod: "prod-password",
  sandbox: "sandbox-password",
  admin: "admin-password",
  prodInstance: "prod-instance-id",
  sandboxInstance: "sandbox-instance-id",
};

/** The file of a secret of this lab. */
export const secretFile = (paths: LabPaths, name: keyof LabSecrets): string =>
  `${paths.secrets}/${FILES[name]}`;

/** All secrets of the lab; one that does not exist is created. */
export function labSecrets(paths: LabPaths): LabSecrets {
  Deno.mkdirSync(paths.secrets, { recursive: true, mode: 0o700 });
  const entries = Object.keys(FILES).map((name) => {
    const file = secretFile(paths, name as keyof LabSecrets);
    if (!fileExists(file)) writeFileWhole(file, randomHex(20) + "\n");
    return [name, Deno.readTextFileSync(file).trim()];
  });
  return Object.fromEntries(entries) as LabSecrets;
}
