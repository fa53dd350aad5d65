/** The stand-in's other pages: home, company, setup, installation. */

import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { documentOf, escape, footer, forbidden, page, redirect, type Reply, reply } from "./html.ts";
import type { Visit } from "../site.ts";

/** The home page; without a company name it redirects to the setup page. */
export async function answerHome(visit: Visit): Promise<Reply> {
  const { constants, sql, fault } = visit;
  if (fault.mode === "setup" || !constants.get("MAIN_INFO_SOCIETE_NOM")) {
    return redirect("/admin/index.php?mainmenu=home&leftmenu=setup&mesg=setupnotcomplete");
  }
  const [counts] = await sql.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM llx_societe WHERE client = 1) AS customers,
            (SELECT count(*)::int FROM llx_facture) AS invoices,
            (SELECT count(*)::int FROM llx_facture_fourn) AS bills`,
  );
  const motd = constants.get("MAIN_MOTD");
  const name = fault.mode === "other-company"
    ? "Another Company SARL"
    : constants.get("MAIN_INFO_SOCIETE_NOM");
  const tile = (count: number | undefined, label: string) =>
    `<div class="tile"><b>${count ?? 0}</b>${label}</div>`;
  return page(
    visit,
    "Home",
    `${motd ? `<div class="motd">${motd}</div>` : ""}
<div class="titre">${escape(name)}</div>
<div class="tiles">${tile(counts?.customers, "customers")}${tile(counts?.invoices, "customer invoices")}${
      tile(counts?.bills, "vendor invoices")
    }</div>`,
  );
}

/** The setup page, for a company that is not set up. */
export const answerSetup = (visit: Visit): Reply =>
  page(visit, "Setup", `<div class="titre">Setup</div><div class="error">Setup is not complete.</div>`);

/** The company's page. As Dolibarr's, it creates a missing thumbnail again, and so hides the loss. */
export function answerCompanyPage(visit: Visit): Reply {
  const { constants, user, fault, site } = visit;
  if (!user?.admin) return forbidden(visit);
  const name = fault.mode === "other-company"
    ? "Another Company SARL"
    : constants.get("MAIN_INFO_SOCIETE_NOM") ?? "";
  const thumbnail = remakeThumbnail(visit);
  site.thumbnailsRemade = true;
  const field = (label: string, constant: string) =>
    `<tr class="oddeven"><td>${label}</td><td>${escape(constants.get(constant))}</td></tr>`;
  return page(
    visit,
    "Company/Organization",
    `<div class="titre">Company/Organization</div>
<table class="noborder editmode"><tr class="liste_titre"><th colspan="2">Company/Organization</th></tr>
<tr class="oddeven"><td><label for="name">Company name</label></td><td><input name="name" id="name" maxlength="128" value="${
      escape(escapeOnce(name))
    }"></td></tr>
${field("Address", "MAIN_INFO_SOCIETE_ADDRESS")}${field("Zip", "MAIN_INFO_SOCIETE_ZIP")}${
      field("Town", "MAIN_INFO_SOCIETE_TOWN")
    }
${field("SIREN", "MAIN_INFO_SIREN")}${field("VAT ID", "MAIN_INFO_TVAINTRA")}
<tr class="oddeven"><td>Logo</td><td><img id="logo" style="max-height: 80px; max-width: 200px;" src="/viewimage.php?modulepart=mycompany&amp;file=${
      encodeURIComponent(`logos/thumbs/${thumbnail}`)
    }"></td></tr></table>`,
  );
}

/** 22.0.4 escapes an ampersand of this field twice. */
const escapeOnce = (name: string): string => name.replace(/&(?!(amp|lt|gt|quot|apos|#39);)/g, "&amp;");

function remakeThumbnail({ constants, site }: Visit): string {
  const logos = `${site.config.documents}/mycompany/logos`;
  const [logo, small] = [
    constants.get("MAIN_INFO_SOCIETE_LOGO"),
    constants.get("MAIN_INFO_SOCIETE_LOGO_SMALL"),
  ];
  if (!logo || !small) return "";
  if (existsSync(`${logos}/thumbs/${small}`)) return small;
  if (!existsSync(`${logos}/${logo}`)) return "ErrorFileNotFound"; // Dolibarr uses its own error as the name of a file
  mkdirSync(`${logos}/thumbs`, { recursive: true });
  copyFileSync(`${logos}/${logo}`, `${logos}/thumbs/${small}`);
  return small;
}

/** The page of an incomplete installation. */
export const answerInstall = (title: string): Reply =>
  reply(documentOf("Dolibarr install or upgrade", `<body><h1>Install</h1>${footer(title)}</body>`, ""));
