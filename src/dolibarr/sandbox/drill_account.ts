/**
 * An account that a drill makes in the sandbox for itself, so that it needs no password of production. A row in
 * llx_user and its rights are enough (FACTS, Signing in); the admin flag alone shows no invoices.
 */

import { hash } from "bcryptjs";
import { DrillError } from "../../base/errors.ts";
import type { Session } from "../../postgres/connection/session.ts";

export interface DrillAccount extends AsyncDisposable {
  login: string;
  password: string;
}

const LOGIN_PREFIX = "dolibarr-drill-";

/**
 * Makes sure that an account of the ERP's own can see what a drill looks at.
 * @throws DrillError `CONFIG_INVALID` where it is not in the restored ERP, is switched off, or is no administrator's
 */
export async function refuseUnsuitableAccount(session: Session, login: string): Promise<void> {
  const [user] = await session.query<{ admin: boolean; active: boolean }>(
    `SELECT coalesce(admin, 0) = 1 AS admin, coalesce(statut, 0) = 1 AS active FROM public.llx_user
      WHERE login = $1 OR email = $1 ORDER BY login = $1 DESC LIMIT 1`,
    [login],
  );
  const why = !user
    ? "it has no such account"
    : !user.active
    ? "that account is switched off"
    : user.admin
    ? undefined
    : "that account is no administrator's, and the company's page is for those alone";
  if (why === undefined) return;
  throw new DrillError(
    "CONFIG_INVALID",
    `Cannot sign in to the restored ERP as ${login}: ${why}`,
    "Leave web.user and web.password out: a drill makes its own account in the sandbox. Else name an administrator with every right to read.",
  );
}

/** Makes the account, with every right to read; disposing removes it and what signing in wrote about it. */
export async function createDrillAccount(session: Session): Promise<DrillAccount> {
  await removeDrillAccounts(session); // one that a killed drill left
  const login = LOGIN_PREFIX + randomText(8);
  const password = randomText(24);
  const crypted = (await hash(password, 10)).replace(/^\$2b\$/, "$2y$"); // the same algorithm under PHP's name for it
  await session.query("BEGIN");
  const [user] = await session.query<{ rowid: string }>(
    `INSERT INTO public.llx_user (login, lastname, admin, statut, entity, pass_crypted, datec)
     VALUES ($1, 'dolibarr-drill', 1, 1, 0, $2, now()) RETURNING rowid::text`,
    [login, crypted],
  );
  await session.query(
    `INSERT INTO public.llx_user_rights (entity, fk_user, fk_id)
     SELECT DISTINCT 1, $1::integer, id FROM public.llx_rights_def WHERE (type = 'r' OR perms = 'lire') AND entity = 1`,
    [user!.rowid],
  );
  await session.query("COMMIT");
  return { login, password, [Symbol.asyncDispose]: async () => void await removeDrillAccounts(session) };
}

/** Removes every account that a drill made, and what hangs on it. @returns their logins. */
export async function removeDrillAccounts(session: Session): Promise<string[]> {
  const [there] = await session.query<{ there: boolean }>(
    "SELECT to_regclass('public.llx_user') IS NOT NULL AS there",
  );
  if (!there?.there) return []; // an ERP that was never installed
  const users = await session.query<{ rowid: string; login: string }>(
    "SELECT rowid::text, login FROM public.llx_user WHERE starts_with(login, $1) AND lastname = 'dolibarr-drill'",
    [LOGIN_PREFIX],
  );
  for (const { rowid } of users) {
    await session.query("DELETE FROM public.llx_user_rights WHERE fk_user = $1", [rowid]);
    await session.query("DELETE FROM public.llx_user WHERE rowid = $1", [rowid]);
  }
  return users.map(({ login }) => login);
}

/** Lower-case hex of the system's randomness. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(length / 2)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, length);
}
