/** The stand-in's sign-in page, and the account that is signed in. */

import bcrypt from "bcryptjs";
import { existsSync } from "node:fs";
import { documentOf, escape, footer, type Reply, reply } from "./html.ts";
import { STOOD_IN_FOR } from "../rows/setup_rows.ts";
import type { User, Visit } from "../site.ts";

const WRONG = "Bad value for login or password";

/** The sign-in form, which every page shows to a visitor who is not signed in. */
export function answerSignIn(visit: Visit): Reply {
  const { session, constants, url, site, fault } = visit;
  const message = fault.mode === "other-message"
    ? "Welcome to another ERP"
    : constants.get("MAIN_HOME") ?? "";
  const refusal = session.refusal;
  session.refusal = undefined;
  const notice = refusal
    ? `<div class="jnotify-container jnotify-container-login"><div class="jnotify-notification jnotify-notification-error">
<div class="jnotify-message"><div>${escape(refusal)}</div></div></div></div>`
    : "";
  return reply(documentOf(
    `Login @ ${STOOD_IN_FOR} (stand-in)`,
    `<body class="body bodylogin">
<div class="login_center center"><div class="login_vertical_align">
<form id="login" name="login" method="post" action="${escape(url.pathname)}?mainmenu=home">
<input type="hidden" name="token" value="${session.token}">
<input type="hidden" name="actionlogin" value="login">
<input type="hidden" name="loginfunction" value="loginfunction">
<div class="login_table_title center">Stand-in for Dolibarr ${STOOD_IN_FOR}</div>
<div class="login_table">
<div id="login_left"><img alt="" src="${escape(logoSource(visit))}" id="img_logo"></div>
<input type="text" id="username" name="username" placeholder="Login" autofocus>
<input type="password" id="password" name="password" placeholder="Password">
<input type="submit" class="button" value="&nbsp; Login &nbsp;">
</div>
</form>
${message ? `<div class="center login_main_home">\n${message}</div>` : ""}
${notice}
</div></div>
${footer(site.config.title)}
</body>`,
    session.token,
  ));
}

/** The company's thumbnail, else its logo, else Dolibarr's own logo: the first that can be read. */
function logoSource({ constants, site, fault }: Visit): string {
  const thumbnailsLost = fault.mode === "thumbnail-missing" && !site.thumbnailsRemade;
  const candidates = [
    thumbnailsLost ? undefined : prefixed("thumbs/", constants.get("MAIN_INFO_SOCIETE_LOGO_SMALL")),
    constants.get("MAIN_INFO_SOCIETE_LOGO"),
  ];
  const file = fault.mode === "logo-fallback"
    ? undefined
    : candidates.find((name) => name && existsSync(`${site.config.documents}/mycompany/logos/${name}`));
  return file
    ? `/viewimage.php?cache=1&modulepart=mycompany&file=${encodeURIComponent(`logos/${file}`)}`
    : "/theme/dolibarr_logo.svg";
}

const prefixed = (prefix: string, name: string | undefined): string | undefined =>
  name ? prefix + name : undefined;

/** Signs in with the fields of the form. A refusal is shown by the page that follows. */
export async function handleSignIn(visit: Visit): Promise<void> {
  const { form, session, sql } = visit;
  const login = form.get("username") ?? "";
  const [row] = form.get("token") === session.token
    ? await sql.query<{ rowid: number; pass_crypted: string | null }>(
      "SELECT rowid, pass_crypted FROM llx_user WHERE login = $1 AND statut = 1 AND entity IN (0, 1)",
      [login],
    )
    : [];
  if (!row?.pass_crypted || !await bcrypt.compare(form.get("password") ?? "", row.pass_crypted)) {
    session.refusal = WRONG;
    return;
  }
  session.login = login;
  await sql.query(
    `UPDATE llx_user SET datepreviouslogin = datelastlogin, ippreviouslogin = iplastlogin,
       datelastlogin = now(), iplastlogin = '127.0.0.1' WHERE rowid = $1`,
    [row.rowid],
  );
}

/** The account of the visitor, with its rights; undefined where it does not exist any more. */
export async function userOf({ sql, session }: Visit): Promise<User | undefined> {
  if (!session.login) return undefined;
  const [user] = await sql.query<{ rowid: number; login: string; admin: number }>(
    "SELECT rowid, login, admin FROM llx_user WHERE login = $1 AND statut = 1 AND entity IN (0, 1)",
    [session.login],
  );
  if (!user) return undefined;
  const rights = await sql.query<{ name: string }>(
    `SELECT concat_ws('.', d.module, d.perms, nullif(d.subperms, '')) AS name
       FROM llx_user_rights r JOIN llx_rights_def d ON d.id = r.fk_id AND d.entity = 1
      WHERE r.fk_user = $1 AND r.entity = 1`,
    [user.rowid],
  );
  return {
    id: user.rowid,
    login: user.login,
    admin: user.admin === 1,
    rights: new Set(rights.map(({ name }) => name)),
  };
}
