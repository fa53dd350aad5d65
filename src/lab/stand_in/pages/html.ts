/** The frame around the stand-in's pages: markup with the names that Dolibarr 22.0.4 gives its elements, our own looks. */

import { STOOD_IN_FOR } from "../rows/setup.ts";
import type { Visit } from "../site.ts";
import { STAND_IN_STYLE } from "./style.ts";

/** An answer that the server sends. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}

/** Said at the foot of every page. */
export const BANNER = "This is the stand-in of dolibarr-drill, not Dolibarr.";

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

/** `6505.00000000` is `6,505.00`: as an English page shows it. */
export function money(numeric: unknown): string {
  const [whole = "0", decimals = ""] = String(numeric ?? 0).split(".");
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${thousands}.${decimals.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** `2025-11-17` is `17/11/2025`. */
export const day = (date: string | null): string =>
  date ? date.slice(0, 10).split("-").reverse().join("/") : "";

/** The whole document around a body. */
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

/** A page for somebody who is signed in. */
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

/** What Dolibarr shows to somebody who may not: status 200, as everything. */
export function forbidden(request: Visit): Reply {
  return page(
    request,
    "Access denied",
    `<div style="padding: 20px"><div class="error">Access denied.<br>This account may not open this page.</div><br>
Current login: <span class="error">${escape(request.user?.login)}</span><br></div>`,
  );
}

/** What Dolibarr shows where a row is not there. */
export const recordNotFound = (request: Visit, title: string): Reply =>
  page(request, title, `<div class="error">Record not found.</div>`);

/** What Dolibarr shows when the database refuses a statement. */
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
