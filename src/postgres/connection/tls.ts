/** How a connection to PostgreSQL is encrypted, as libpq has it, for our own sessions and for PostgreSQL's programs alike. */

import { DrillError, messageOf } from "../../base/errors.ts";

/** In libpq's words, each stricter than the one before. */
export const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = typeof SSL_MODES[number];

/** The files are paths. */
export interface TlsSettings {
  mode: SslMode;
  /** The certificates of the authorities that the server's must be of: with `verify-ca` and `verify-full`. */
  rootCert?: string;
  /** What the login itself shows. */
  clientCert?: string;
  clientKey?: string;
}

/** As libpq without a word about it. */
export const PREFERRED: TlsSettings = { mode: "prefer" };

/** A socket of this machine is never encrypted: libpq ignores the mode there. */
export const isSocket = (host: string): boolean => host.startsWith("/");

/** What libpq reads of it. */
export const tlsEnvironment = ({ mode, rootCert, clientCert, clientKey }: TlsSettings) => ({
  PGSSLMODE: mode,
  ...(rootCert === undefined ? {} : { PGSSLROOTCERT: rootCert }),
  ...(clientCert === undefined ? {} : { PGSSLCERT: clientCert }),
  ...(clientKey === undefined ? {} : { PGSSLKEY: clientKey }),
});

/** The options of node's TLS for that mode. @throws DrillError `DATABASE_TLS` where a file cannot be read. */
export async function tlsOptions({ mode, rootCert, clientCert, clientKey }: TlsSettings) {
  const [ca, cert, key] = await Promise.all([rootCert, clientCert, clientKey].map(read));
  return {
    rejectUnauthorized: mode === "verify-ca" || mode === "verify-full",
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
  };
}

async function read(file: string | undefined): Promise<string | undefined> {
  try {
    return file === undefined ? undefined : await Deno.readTextFile(file);
  } catch (error) {
    throw new DrillError(
      "DATABASE_TLS",
      `Cannot read ${file}, which is for TLS to the database: ${messageOf(error).replace(/: \w+ '.*$/s, "")}`,
      "Correct database.root_cert, client_cert or client_key in the configuration, or make the file readable for this user.",
      { cause: error },
    );
  }
}

/** What a connection turned out to be: `TLSv1.3`, or not encrypted, over the network or over a socket of this machine. */
export type Encryption = { readonly tls: string } | { readonly plain: "network" | "socket" };

/** The text of records and reports: `TLSv1.3 (verify-full)`, `none (prefer)`. */
export function encryptionText(encryption: Encryption, { mode }: TlsSettings = PREFERRED): string {
  if ("tls" in encryption) return `${encryption.tls} (${mode})`;
  return encryption.plain === "socket" ? "none (a socket of this machine)" : `none (${mode})`;
}

/** Whether a recorded text tells of an encrypted connection; undefined where nothing was recorded. */
export const wasEncrypted = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text.startsWith("TLS");
