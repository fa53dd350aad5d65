/** Settings of a session while something is read, whatever the server has for its login or its database. */

import { quoteLiteral } from "../connection/database.ts";
import type { Ask } from "../connection/session.ts";

type Settings = Readonly<Record<string, string>>;

/**
 * What the owner of a database or of a login may set for it, and what is read must not depend on: whose functions and
 * operators are found, whether a policy may leave out rows (`off`: then it is an error), how names are written.
 */
export const TRUSTED_SETTINGS: Settings = {
  search_path: "pg_catalog, pg_temp",
  row_security: "off",
  quote_all_identifiers: "off",
};

/** SQL that sets them until the transaction ends; keywords alone, for a function may be somebody else's until then. */
export const trustedSettingsSql = (): string =>
  "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL row_security = off; SET LOCAL quote_all_identifiers = off;";

/** SQL that sets them for a whole session of ours, where no pooler gives it to others: what was restored must not answer for itself. */
export const TRUSTED_SESSION_SQL = trustedSettingsSql().replaceAll("SET LOCAL", "SET");

/** Reads with the trusted settings, in the transaction of `ask`; afterwards they are what they were. */
export const trusting = <T>(ask: Ask, read: () => Promise<T>): Promise<T> =>
  underSettings(ask, TRUSTED_SETTINGS, read);

/** Reads with `settings`, in the transaction of `ask`; afterwards they are what they were. A failure has ended the transaction. */
export async function underSettings<T>(ask: Ask, settings: Settings, read: () => Promise<T>): Promise<T> {
  const before = await ask<Settings>(
    `SELECT pg_catalog.json_build_object(${
      Object.keys(settings).map((name) =>
        `${quoteLiteral(name)}, pg_catalog.current_setting(${quoteLiteral(name)})`
      )
        .join(", ")
    })`,
  );
  await set(ask, settings);
  const found = await read();
  await set(ask, before);
  return found;
}

const set = (ask: Ask, settings: Settings) =>
  ask(
    `SELECT pg_catalog.json_build_array(${
      Object.entries(settings).map(([name, value]) =>
        `pg_catalog.set_config(${quoteLiteral(name)}, ${quoteLiteral(value)}, true)`
      ).join(", ")
    })`,
  );
