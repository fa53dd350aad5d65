/** Row security policies name roles, which are the server's and in no dump: without them a policy cannot be made. */

import { DrillError } from "../../base/errors.ts";
import type { Bytes } from "../../base/streams.ts";
import { quoteIdentifier } from "../../postgres/connection/database.ts";
import type { Session } from "../../postgres/connection/session.ts";
import type { TocEntry } from "../dump/toc.ts";

interface PolicyRoles {
  /** `everything ON public.llx_societe` */
  policy: string;
  roles: string[];
}

const NAME = `(?:"(?:[^"]|"")+"|[^\\s".,;()]+)`;
/** As pg_dump writes it (dumpPolicy in its pg_dump.c): one line up to the roles. */
const POLICY = new RegExp(
  `^CREATE POLICY (${NAME} ON ${NAME}\\.${NAME})(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO (${NAME}(?:, ${NAME})*)`,
  "gm",
);

/** The roles of every policy in a script of pg_restore. Those for everybody (`PUBLIC`) have none. Pure. */
export const policyRoles = (script: string): PolicyRoles[] =>
  [...script.matchAll(POLICY)].map(([, policy = "", list = ""]) => ({
    policy,
    roles: [...list.matchAll(new RegExp(NAME, "g"))].map(([name]) =>
      name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
    ),
  }));

/**
 * Without its policy a table would show more rows, or fewer, than before, and no check would see it: so it is refused.
 * @param script the script of these entries, read only where there is a policy among them
 * @throws DrillError `ROLE_MISSING` naming each; nothing was touched.
 */
export async function refuseMissingRoles(
  session: Session,
  included: readonly TocEntry[],
  database: string,
  script: (list: readonly string[]) => AsyncIterable<Bytes>,
): Promise<void> {
  const policies = included.filter(({ kind }) => kind === "POLICY").map(({ line }) => line);
  if (policies.length === 0) return;
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of script(policies)) text += decoder.decode(chunk, { stream: true });
  const named = policyRoles(text);
  const roles = [...new Set(named.flatMap((one) => one.roles))];
  const rows = await session.query<{ name: string }>(
    "SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT rolname FROM pg_catalog.pg_roles)",
    [roles],
  );
  const missing = rows.map(({ name }) => name);
  if (missing.length === 0) return;
  throw new DrillError(
    "ROLE_MISSING",
    `Cannot restore into ${database}: its server has no role ${
      missing.join(", ")
    }, for which the dump has row security policies`,
    `Nothing was changed. Let a superuser make it there: ${
      missing.map((name) => `CREATE ROLE ${quoteIdentifier(name)} NOLOGIN;`).join(" ")
    }`,
    {
      details: named.filter((one) => one.roles.some((role) => missing.includes(role)))
        .map((one) => `policy ${one.policy} is for ${one.roles.join(", ")}`),
    },
  );
}
