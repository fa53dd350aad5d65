/** Serves one stand-in ERP in the foreground: `deno run -A server.ts CONFIG.json`. */

import { messageOf } from "../../base/errors.ts";
import { sleep } from "../../base/time.ts";
import { connect } from "../../postgres/connection/session.ts";
import { type Fault, readFault, withFault } from "./faults.ts";
import { answerDocument, answerPicture, plainFile } from "./pages/files.ts";
import { forbidden, redirect, type Reply, reply, technicalError } from "./pages/html.ts";
import { answerContacts, answerInvoiceCard, answerLinkedFiles, answerNotes } from "./pages/invoices.ts";
import { answerInvoiceList, answerSupplierInvoiceList, answerThirdPartyList } from "./pages/lists.ts";
import { answerSignIn, handleSignIn, userOf } from "./pages/sign_in.ts";
import { answerInvoiceStatistics } from "./pages/statistics.ts";
import { answerCompanyPage, answerHome, answerInstall, answerSetup } from "./pages/other.ts";
import { STOOD_IN_FOR } from "./rows/setup_rows.ts";
import { requestVisitor, type Site, type SiteConfig, type Visit } from "./site.ts";

const PAGES: Record<string, (visit: Visit) => Reply | Promise<Reply>> = {
  "/": answerHome,
  "/index.php": answerHome,
  "/compta/facture/list.php": answerInvoiceList,
  "/compta/facture/card.php": answerInvoiceCard,
  "/compta/facture/contact.php": answerContacts,
  "/compta/facture/note.php": answerNotes,
  "/compta/facture/document.php": answerLinkedFiles,
  "/compta/facture/stats/index.php": answerInvoiceStatistics,
  "/societe/list.php": answerThirdPartyList,
  "/fourn/facture/list.php": answerSupplierInvoiceList,
  "/admin/company.php": answerCompanyPage,
  "/admin/index.php": answerSetup,
  "/document.php": answerDocument,
};

/** Answers one request; nothing is thrown. */
async function answer(site: Site, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const { visitor, cookie } = requestVisitor(site, request.headers.get("cookie"));
  let sent: Reply;
  try {
    const fault = readFault(site.config.faultsFile);
    if (fault.mode !== "thumbnail-missing") site.thumbnailsRemade = false;
    if (fault.mode === "slow") await sleep(fault.ms);
    sent = withFault(
      faultyAnswer(site, url, fault) ?? plainFile(url.pathname) ??
        await route(site, url, visitor, request, fault),
      fault,
    );
  } catch (error) {
    sent = technicalError(url, messageOf(error));
  }
  const headers = new Headers(sent.headers);
  headers.set("x-served-by", "dolibarr-drill stand-in");
  if (cookie) headers.set("set-cookie", cookie);
  return new Response(sent.body, { status: sent.status, headers });
}

async function route(
  site: Site,
  url: URL,
  session: Visit["session"],
  request: Request,
  fault: Fault,
): Promise<Reply> {
  if (url.pathname === "/install/index.php") return answerInstall(site.config.title);
  const handler = PAGES[url.pathname];
  const isPicture = url.pathname === "/viewimage.php";
  if (!handler && !isPicture && url.pathname !== "/user/logout.php") return reply("<h1>Not Found</h1>", 404);
  const { database } = site.config;
  const password = Deno.readTextFileSync(database.passwordFile).replace(/\n$/, "");
  await using sql = await connect({ ...database, owner: "", password });
  const form = new URLSearchParams(request.method === "POST" ? await request.text() : "");
  const constants = await readConstants(sql);
  const visit: Visit = { site, url, method: request.method, form, session, sql, constants, fault };
  if (olderDatabase(constants)) return redirect("/install/index.php");
  if (isPicture) return answerPicture(visit);
  if (url.pathname === "/user/logout.php") {
    session.login = undefined;
    return redirect("/index.php");
  }
  if (!session.login && form.get("actionlogin") === "login") await handleSignIn(visit);
  if (!session.login || fault.mode === "signed-out") return answerSignIn(visit);
  visit.user = await userOf(visit).catch(() => undefined); // without a row for it, the account is signed out, as in Dolibarr
  if (!visit.user) {
    session.login = undefined;
    return redirect("/index.php");
  }
  return fault.mode === "forbidden" ? forbidden(visit) : await handler!(visit);
}

/** Dolibarr shows its sign-in page also without any constants, so an error here is no error. */
async function readConstants(sql: Visit["sql"]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query<{ name: string; value: string }>(
    "SELECT name, value FROM llx_const WHERE entity IN (0, 1) ORDER BY entity",
  )
    .catch(() => []);
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** Whether the database is of an older version than the program: then Dolibarr shows only the page of its upgrade. */
function olderDatabase(constants: ReadonlyMap<string, string>): boolean {
  const version = constants.get("MAIN_VERSION_LAST_UPGRADE") ?? constants.get("MAIN_VERSION_LAST_INSTALL");
  return version !== undefined && version.localeCompare(STOOD_IN_FOR, "en", { numeric: true }) < 0;
}

/** The answer of a fault that applies to every page. */
function faultyAnswer(site: Site, url: URL, { mode }: Fault): Reply | undefined {
  switch (mode) {
    case "sql-error":
      return technicalError(url, `relation "llx_facture" does not exist`, 200);
    case "sql-error-202":
      return technicalError(url, `relation "llx_facture" does not exist`);
    case "server-error":
      return reply("Internal Server Error", 500);
    case "blank":
      return reply("");
    case "php-error":
      return reply(
        `<br />\n<b>Fatal error</b>:  Uncaught Error in <b>${url.pathname}</b> on line <b>1</b><br />\n`,
      );
    case "offline":
      return reply(
        "Sorry, your application is offline. Only administrator users (admin) is allowed to connect for the moment.",
      );
    case "elsewhere":
      return redirect(`http://localhost:${site.config.port}/`);
    case "install":
      return url.pathname === "/install/index.php"
        ? answerInstall(site.config.title)
        : redirect("/install/index.php");
    default:
      return undefined;
  }
}

if (import.meta.main) {
  const file = Deno.args.at(-1);
  if (!file) throw new Error("usage: server.ts CONFIG.json");
  const config = JSON.parse(Deno.readTextFileSync(file)) as SiteConfig;
  const site: Site = { config, visitors: new Map(), thumbnailsRemade: false };
  // without a signal handler a TERM ends it at once, as it ends PHP's own server
  Deno.serve({ hostname: "127.0.0.1", port: config.port, onListen() {} }, (request) => answer(site, request));
}
