/** What of a database's TLS does not go together. */

import { type Remark, remarkOn } from "./remark.ts";
import { texts } from "./unchecked.ts";

/** `database`: as read, of which nothing is checked yet. */
export function tlsProblems(environment: string, database: unknown): Remark[] {
  const { host, sslmode = "prefer", root_cert, client_cert, client_key } = texts(database);
  const found: Remark[] = [];
  const say = (key: string, text: string) =>
    void found.push(remarkOn(["environments", environment, "database", key], text));
  const verifies = sslmode === "verify-ca" || sslmode === "verify-full";
  if (verifies && root_cert === undefined) {
    say(
      "sslmode",
      `is ${sslmode} without root_cert: name the file with your authority, or for a public one /etc/ssl/certs/ca-certificates.crt`,
    );
  }
  if (!verifies && root_cert !== undefined) {
    say("root_cert", `has no effect with sslmode: ${sslmode}: write sslmode: verify-full, or remove it`);
  }
  if ((client_cert === undefined) !== (client_key === undefined)) {
    const [there, other] = client_cert === undefined
      ? ["client_key", "client_cert"] as const
      : ["client_cert", "client_key"] as const;
    say(there, `is set without database.${other}: a certificate and its key belong together`);
  }
  if (host?.startsWith("/") && (verifies || sslmode === "require")) {
    say("sslmode", `is ${sslmode}, and host is the folder of a socket, which is never encrypted: remove it`);
  }
  return found;
}
