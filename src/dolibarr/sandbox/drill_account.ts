/**
 * The account that a drill creates in the sandbox, so that it needs no password of production. A row in llx_user and its
 * rights are enough (docs/facts.md, Signing in); the admin flag alone does not give access to invoices.
 */

import { createHash } from "node:crypto";
import { hash } from "bcryptjs";
import { DrillError } from "../../base/errors.ts";
import { randomHex } from "../../base/random.ts";
import { readConstants } from "../constants.ts";
import type { Session } from "../../postgres/connection/session.ts";

export interface DrillAccount extends AsyncDisposable {
  login: string;
  password: string;
}

const LOGIN_PREFIX = "dolibarr-drill-";

/**
 * Refuses an account of the restored ERP with which a drill could not open all of its pages.
 * @throws DrillError `CONFIG_INVALID` where the account does not exist, is disabled, or is not an administrator.
 */
export async function refuseUnsuitableAccount(session: Session, login: string): Promise<void> {
  const [user] = await session.query<{ admin: boolean; active: boolean }>(
    `SELECT coalesce(admin, 0) = 1 AS admin, coalesce(statut, 0) = 1 AS active FROM public.llx_user
      WHERE login = $1 OR email = $1 ORDER BY login = $1 DESC LIMIT 1`,
    [login],
  );
  const why = !user
    ? "there is no such account in it"
    : !user.active
    ? "the account is disabled"
    : user.admin
    ? undefined
    : "the account is not an administrator, and only administrators may open the company's page";
  if (why === undefined) return;
  throw new DrillError(
    "CONFIG_INVALID",
    `Cannot sign in to the restored ERP as ${login}: ${why}`,
    "Remove web.user and web.password: a drill then creates an account of its own in the sandbox. Or name an administrator with every right to read.",
  );
}

/** Creates the account, with every right to read. Disposing removes it, with what signing in wrote about it. */
export async function createDrillAccount(session: Session): Promise<DrillAccount> {
  await removeDrillAccounts(session); // those of a drill that was killed
  const login = LOGIN_PREFIX + randomHex(4);
  const password = randomHex(12);
  const crypted = await passwordHash(session, password);
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

/**
 * The hash of a password that this installation verifies (dol_hash and dol_verifyHash of 22.0.4): one of before 2017 has no
 * MAIN_SECURITY_HASH_ALGO, and compares MD5; with `sha1` and `sha1md5` it compares these. All of them are over the salt too.
 */
async function passwordHash(session: Session, password: string): Promise<string> {
  const { MAIN_SECURITY_HASH_ALGO: algorithm, MAIN_SECURITY_SALT: salt = "" } = await readConstants(session, [
    "MAIN_SECURITY_HASH_ALGO",
    "MAIN_SECURITY_SALT",
  ]);
  if (algorithm === "password_hash") {
    return (await hash(password, 10)).replace(/^\$2b\$/, "$2y$"); // PHP's name for the same algorithm
  }
  const hex = (name: "md5" | "sha1", text: string) => createHash(name).update(text).digest("hex");
  const salted = salt + password;
  if (algorithm === "sha1") return hex("sha1", salted);
  return algorithm === "sha1md5" ? hex("sha1", hex("md5", salted)) : hex("md5", salted);
}

/** The logins of the accounts that a drill created. */
export const drillAccounts = async (session: Session): Promise<string[]> =>
  (await findDrillAccounts(session)).map(({ login }) => login);

/** Removes every account that a drill created, with its rights. @returns their logins. */
export async function removeDrillAccounts(session: Session): Promise<string[]> {
  const users = await findDrillAccounts(session);
  for (const { rowid } of users) {
    await session.query("DELETE FROM public.llx_user_rights WHERE fk_user = $1", [rowid]);
    await session.query("DELETE FROM public.llx_user WHERE rowid = $1", [rowid]);
  }
  return users.map(({ login }) => login);
}

async function findDrillAccounts(session: Session): Promise<{ rowid: string; login: string }[]> {
  const [there] = await session.query<{ there: boolean }>(
    "SELECT to_regclass('public.llx_user') IS NOT NULL AS there",
  );
  if (!there?.there) return []; // no Dolibarr was installed here
  return await session.query<{ rowid: string; login: string }>(
    "SELECT rowid::text, login FROM public.llx_user WHERE starts_with(login, $1) AND lastname = 'dolibarr-drill'",
    [LOGIN_PREFIX],
  );
}
