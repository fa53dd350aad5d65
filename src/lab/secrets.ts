/** Passwords of a lab: random, each in a file of its own that only its user may read. */

import type { LabPasswords } from "./servers/cluster.ts";
import type { Places } from "./places.ts";
import { fileExists, writeWhole } from "./state.ts";

export interface LabSecrets extends LabPasswords {
  /** Of Dolibarr's login `admin` in prod; nothing here ever uses it. */
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

/** The file that holds a secret of this lab. */
export const secretFile = (places: Places, name: keyof LabSecrets): string =>
  `${places.secrets}/${FILES[name]}`;

/** All secrets of the lab; one that is not there yet is made. */
export function labSecrets(places: Places): LabSecrets {
  Deno.mkdirSync(places.secrets, { recursive: true, mode: 0o700 });
  const entries = Object.keys(FILES).map((name) => {
    const file = secretFile(places, name as keyof LabSecrets);
    if (!fileExists(file)) writeWhole(file, randomHex(20) + "\n");
    return [name, Deno.readTextFileSync(file).trim()];
  });
  return Object.fromEntries(entries) as LabSecrets;
}

/** Hex digits, so that no shell, SQL, PHP or configuration file reads anything into them. */
export const randomHex = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();
