/** The frame of the stand-in's pages: with the ids and classes of Dolibarr 22.0.4, and a style of our own. */

import { STOOD_IN_FOR } from "../rows/setup_rows.ts";
import type { Visit } from "../site.ts";

/** An answer that the server sends. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}

/** The footer of every page. */
const BANNER = "This is the stand-in of dolibarr-drill, not Dolibarr.";

export const reply = (body: string, status = 200): Reply => ({
  status,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body,
});

export const redirect = (location: string): Reply => ({
  ...reply("", 302),
  headers: { location, "content-type": "text/html; charset=UTF-8" },
});

export const escape = (text: unknown): string =>
  String(text ?? "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll(
    '"',
    "&quot;",
  );

/** `6,505.00` for `6505.00000000`, as an English page shows it. */
export function money(numeric: unknown): string {
  const [whole = "0", decimals = ""] = String(numeric ?? 0).split(".");
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${thousands}.${decimals.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** `17/11/2025` for `2025-11-17`. */
export const day = (date: string | null): string =>
  date ? date.slice(0, 10).split("-").reverse().join("/") : "";

/** The HTML document of a body. */
export function documentOf(title: string, body: string, token: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<meta name="anti-csrf-newtoken" content="${token}">
<meta name="made-by" content="layout=classic&amp;version=${STOOD_IN_FOR}">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${STAND_IN_STYLE}</style>
</head>
${body}
</html>
`;
}

const MENU: readonly (readonly [string, string])[] = [
  ["Home", "/index.php?mainmenu=home"],
  ["Third parties", "/societe/list.php"],
  ["Customer invoices", "/compta/facture/list.php"],
  ["Vendor invoices", "/fourn/facture/list.php"],
  ["Statistics", "/compta/facture/stats/index.php"],
  ["Setup", "/admin/company.php"],
];

/** A page for an account that is signed in. */
export function page(request: Visit, title: string, content: string): Reply {
  const { user, session, site } = request;
  const here = request.url.pathname;
  const menu = MENU.map(([label, href]) => {
    const active = new URL(href, request.url).pathname === here ? " tmenusel" : "";
    return `<li class="tmenu${active}"><a class="tmenulabel" href="${href}">${label}</a></li>`;
  }).join("");
  return reply(documentOf(
    title,
    `<body id="mainbody">
<header id="id-top"><div class="tmenudiv"><ul role="navigation" class="tmenu">${menu}</ul></div>
<div class="login_block"><span class="atoploginusername">${escape(user?.login)}</span>
<a href="/user/logout.php?token=${session.token}" title="Logout">Logout</a></div></header>
<div id="id-container"><main id="id-right"><div class="fiche">
${content}
</div></main></div>
${footer(site.config.title)}
</body>`,
    session.token,
  ));
}

export const footer = (title: string): string =>
  `<footer class="stand-in">${BANNER} ${title ? `Environment: ${escape(title)}.` : ""}</footer>`;

/** Dolibarr's page for an account without the right: with status 200, as always. */
export function forbidden(request: Visit): Reply {
  return page(
    request,
    "Access denied",
    `<div style="padding: 20px"><div class="error">Access denied.<br>This account may not open this page.</div><br>
Current login: <span class="error">${escape(request.user?.login)}</span><br></div>`,
  );
}

/** Dolibarr's page for a row that does not exist. */
export const recordNotFound = (request: Visit, title: string): Reply =>
  page(request, title, `<div class="error">Record not found.</div>`);

/** Dolibarr's page for an SQL error. */
export const technicalError = (url: URL, message: string, status = 202): Reply =>
  reply(
    `Dolibarr has detected a technical error.<br>
<b>Requested URL:</b> ${escape(url.pathname)}<br>
<b>Return code for latest database access request error:</b> DB_ERROR_NOSUCHTABLE<br>
<b>Information for latest database access request error:</b> ERROR:  ${escape(message)}<br>
<br>${footer("")}
`,
    status,
  );

/** The style: readable on a screenshot, and not to be mistaken for Dolibarr's. */
const STAND_IN_STYLE = `
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.45 system-ui, "Liberation Sans", sans-serif; color: #24313d; background: #f5f7f9; padding-bottom: 46px; }
a { color: #1c5d8f; text-decoration: none; }
#id-top { display: flex; justify-content: space-between; align-items: center; background: #27405c; color: #fff; padding: 0 24px; }
#id-top a { color: #dfe9f3; } .tmenu { list-style: none; display: flex; margin: 0; padding: 0; }
li.tmenu a { display: block; padding: 16px; } li.tmenusel a { background: #1b2f46; color: #fff; }
.login_block { display: flex; gap: 16px; } .atoploginusername { opacity: .8; }
.fiche { max-width: 1180px; margin: 24px auto; padding: 0 24px; }
.titre { font-size: 20px; font-weight: 600; color: #27405c; margin-bottom: 14px; } .opacitymedium { opacity: .6; font-weight: 400; }
table.liste, table.border, table.noborder { width: 100%; border-collapse: collapse; background: #fff; border: 1px solid #dde3e8; border-radius: 4px; }
th, td { padding: 8px 12px; text-align: left; } tr.liste_titre th, tr.liste_titre td { background: #edf1f4; font-weight: 600; }
tr.oddeven td { border-top: 1px solid #e8edf0; } tr.oddeven:nth-child(even) td { background: #fafbfc; }
td.right, th.right { text-align: right; font-variant-numeric: tabular-nums; } td.center, th.center { text-align: center; }
tr.liste_total td { font-weight: 600; border-top: 2px solid #dde3e8; }
.badge-status { display: inline-block; padding: 3px 10px; border-radius: 10px; font-size: 12px; background: #e3e8ec; color: #44525e; }
.badge-status1 { background: #fbe7c6; color: #8a5a00; } .badge-status6 { background: #d5ecd9; color: #1f6b34; } .badge-status0 { background: #eee; color: #666; }
.arearef { display: flex; flex-direction: row-reverse; justify-content: space-between; align-items: flex-start; background: #fff; border: 1px solid #dde3e8; border-radius: 4px; padding: 18px 20px; margin-bottom: 18px; }
.tabs { display: flex; gap: 4px; } .tabs .tab a { display: block; padding: 8px 14px; } .tabs .tabactive { background: #fff; border-radius: 4px 4px 0 0; font-weight: 600; }
canvas { display: block; margin: 0 auto; } .dolgraphtitle { text-align: center; margin: 22px 0 8px; }
.refid { font-size: 20px; font-weight: 600; color: #27405c; } .refidno { font-size: 14px; font-weight: 400; color: #24313d; margin-top: 4px; }
.fichecenter { display: grid; grid-template-columns: 3fr 2fr; gap: 18px; align-items: start; } .fichecenter + * { margin-top: 18px; }
h3 { font-size: 15px; margin: 22px 0 8px; color: #27405c; }
.pagination ul { list-style: none; display: flex; gap: 6px; padding: 0; margin: 12px 0; justify-content: flex-end; }
.error { background: #f9dcd8; color: #8c2318; padding: 10px 14px; border-radius: 4px; } span.error { padding: 2px 6px; }
.tiles { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; } .tile { background: #fff; border: 1px solid #dde3e8; border-radius: 4px; padding: 18px; }
.tile b { display: block; font-size: 24px; color: #27405c; } .motd { background: #fff7dd; border: 1px solid #ecdca4; border-radius: 4px; padding: 10px 14px; margin-bottom: 18px; }
.bodylogin { display: grid; place-items: center; min-height: 100vh; background: linear-gradient(4deg, #f5f7f9 52%, #3c4664 52.1%); }
.login_center { text-align: center; width: 420px; } .login_table_title { color: #fff; margin-bottom: 18px; }
.login_table { background: #fff; border-radius: 6px; box-shadow: 0 6px 30px #27405c33; padding: 28px 36px; } #img_logo { max-width: 240px; max-height: 110px; }
.login_table input[type=text], .login_table input[type=password], input#name { width: 100%; padding: 10px 12px; margin: 8px 0; border: 1px solid #c8d1d8; border-radius: 4px; font: inherit; }
.button { margin-top: 12px; padding: 10px 28px; border: 0; border-radius: 4px; background: #27405c; color: #fff; font: inherit; }
.login_main_home { background: #fff; border-radius: 6px; padding: 10px 14px; margin: 18px auto 0; }
.jnotify-container-login { position: fixed; top: 16px; left: 50%; transform: translateX(-50%); } .jnotify-message { background: #f9dcd8; color: #8c2318; padding: 12px 20px; border-radius: 4px; }
footer.stand-in { position: fixed; bottom: 0; left: 0; right: 0; padding: 8px 24px; background: #f2b84b; color: #3c2c00; font-size: 13px; text-align: center; }
`.trim();
