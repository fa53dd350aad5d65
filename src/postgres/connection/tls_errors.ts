/** Why a connection failed over TLS, or for want of it: a server that wants TLS does not say that a password is wrong. Pure. */

import { DrillError, messageOf } from "../../base/errors.ts";
import { type Database, describeDatabase } from "./database.ts";
import { PREFERRED } from "./tls.ts";

/** What node and OpenSSL, PostgreSQL and pgbouncer say, each with what it means and what to do. */
const PROBLEMS: readonly [pattern: RegExp, state: string, hint: string][] = [
  [
    /CERT_HAS_EXPIRED|certificate has expired/,
    "the server's certificate has expired",
    "Renew it on the server.",
  ],
  [/CERT_NOT_YET_VALID/, "the server's certificate is not valid yet", "Is the clock of this machine right?"],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID/,
    "the server's certificate is for another name",
    "Write the name of the certificate as database.host. With sslmode: verify-ca names are not compared.",
  ],
  [
    /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|SELF_SIGNED_CERT|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED/,
    "the server's certificate is not of an authority in database.root_cert",
    "Name the file with the authority that signed it. If it was right before, somebody may stand in between.",
  ],
  [
    /does not support SSL connections/,
    "the server offers no TLS, and database.sslmode asks for it",
    "Switch ssl on in postgresql.conf (pgbouncer: client_tls_sslmode), or correct database.host and port.",
  ],
  [
    /valid client certificate|certificate required|certificate authentication failed|unknown ca\b|bad certificate/i,
    "the server wants a client certificate of this login, and was shown none that it accepts",
    "Name them with database.client_cert and database.client_key.",
  ],
  [
    /no pg_hba\.conf entry for .*(no encryption|SSL off)|SSL required|TLS required/,
    "the server takes this login over TLS only",
    "Write database.sslmode: require, or verify-full with root_cert. The password was not asked for.",
  ],
  [
    /^(ERR_SSL|ERR_TLS|EPROTO)|error establishing an SSL connection|\bSSL routines\b/,
    "no TLS could be agreed upon with the server",
    "Its log says more. Is this the port of PostgreSQL?",
  ],
];

/** The error `DATABASE_TLS`; undefined where the failure is not one of TLS. */
export function tlsError(database: Database, error: unknown): DrillError | undefined {
  const code = String((error as { code?: unknown }).code ?? "");
  const text = messageOf(error);
  const [, state, hint] = PROBLEMS.find(([pattern]) => pattern.test(`${code} ${text}`)) ?? [];
  if (state === undefined || hint === undefined) return undefined;
  const { mode } = database.tls ?? PREFERRED;
  return new DrillError("DATABASE_TLS", `Cannot reach ${describeDatabase(database)}: ${state}`, hint, {
    cause: error,
    details: [text, `database.sslmode is ${mode}`],
  });
}

/** Whether a server without TLS, or one that takes this login without it alone, has answered: `prefer` then goes without. */
export const wantsNoTls = (error: unknown): boolean =>
  /does not support SSL connections|no pg_hba\.conf entry for .*(SSL encryption|SSL on)\b/.test(
    messageOf(error),
  );
