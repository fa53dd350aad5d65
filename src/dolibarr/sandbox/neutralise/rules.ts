/**
 * The rules that keep a restored Dolibarr from acting on the world (sending mail, running jobs, taking money, ...). Each
 * was read in 22.0.4; tests/drills/neutralised looks for every name in its sources. docs/neutralise.md has the same table.
 *
 * Not changed on purpose: which modules are enabled (but for those that stand before the sign-in, and the one that asks
 * another site for pictures), and the unalterable log itself; only the address that it is reported to is removed.
 */

import type { NeutraliseRule } from "../../../config/config.ts";

/** A key that gives access to others gets a new random value: an empty one would give access to everybody, or to nobody. */
interface RandomRule {
  constant: string;
  random: true;
  why: string;
}

/** Rows of a table whose `column` fits a pattern, as the names of constants do. */
interface RowsRule {
  table: string;
  delete: true;
  where: { column: string; pattern: string };
  why: string;
}

export type Rule = NeutraliseRule | RandomRule | RowsRule;

/** A rule of ours; `readIn` is the file below htdocs that reads the constant or the column. */
type BuiltInRule = Rule & { readIn: string };

const set = (constant: string, value: string, readIn: string, why: string) => ({
  constant,
  value,
  readIn,
  why,
});
const remove = (constant: string, readIn: string, why: string) =>
  ({ constant, delete: true, readIn, why }) as const;
const renew = (constant: string, readIn: string, why: string) =>
  ({ constant, random: true, readIn, why }) as const;
const column = (table: string, column: string, value: number | null, readIn: string, why: string) => ({
  table,
  column,
  value,
  readIn,
  why,
});
const empty = (table: string, readIn: string, why: string) => ({ table, delete: true, readIn, why }) as const;
const rowsOf = (table: string, column: string, pattern: string, readIn: string, why: string) =>
  ({ table, delete: true, where: { column, pattern }, readIn, why }) as const;

/** A host name that never resolves (RFC 2606). */
const NOWHERE = "sandbox.invalid";

const MAIL = "core/class/CMailFile.class.php";
const CRON = "cron/class/cronjob.class.php";
const COLLECTOR = "emailcollector/class/emailcollector.class.php";
const PAYPAL = "paypal/lib/paypal.lib.php";
const PAYBOX = "paybox/lib/paybox.lib.php";
const LDAP = "core/triggers/interface_50_modLdap_Ldapsynchro.class.php";
const MAILMAN = "mailmanspip/class/mailmanspip.class.php";
/** It reads every MAIN_MODULE_...: these modules are not Dolibarr's own. */
const MODULES = "core/class/conf.class.php";
const GETURL = "core/lib/geturl.lib.php";
const SHARED = "ecm/class/ecmfiles.class.php";
const PORTAL = "webportal/class/context.class.php";
const DOLISTORE = "admin/remotestore/class/externalModules.class.php";
const LOG = "blockedlog/class/authority.class.php";

// deno-fmt-ignore: a row each
export const NEUTRALISE_RULES: readonly BuiltInRule[] = [
  // every address that is asked through Dolibarr's own function, of modules of others too: nothing listens at this proxy
  set("MAIN_PROXY_USE", "1", GETURL, "no address of the world is asked: the proxy that is to be used is none"),
  set("MAIN_PROXY_HOST", "127.0.0.1", GETURL, "no address of the world is asked: the proxy that is to be used is none"),
  set("MAIN_PROXY_PORT", "9", GETURL, "no address of the world is asked: the proxy that is to be used is none"),
  // mail and text messages
  set("MAIN_DISABLE_ALL_MAILS", "1", MAIL, "no mail may leave a sandbox"),
  set("MAIN_MAIL_FORCE_SENDTO", `nobody@${NOWHERE}`, MAIL, "a mail of a sandbox whose mails were enabled again still reaches no customer"),
  remove("MAIN_MAIL_SMTPS_PW*", MAIL, "the passwords of production's mail servers"),
  remove("MAIN_MAIL_EMAIL_DKIM_PRIVATE_KEY*", MAIL, "the key that signs the company's mails"),
  set("MAIN_DISABLE_ALL_SMS", "1", "core/class/CSMSFile.class.php", "no text message may leave a sandbox"),
  column("llx_emailcollector_emailcollector", "status", 0, COLLECTOR, "a collector reads and moves real mail"),
  column("llx_emailcollector_emailcollector", "password", null, COLLECTOR, "the passwords of production's mailboxes"),
  // scheduled jobs
  column("llx_cronjob", "status", 0, CRON, "scheduled jobs send, import and delete"),
  column("llx_cronjob", "processing", 0, CRON, "a job that ran in production does not run here"),
  column("llx_cronjob", "pid", null, CRON, "the process ran on production's machine"),
  renew("CRON_KEY", "public/cron/cron_run_jobs_by_url.php", "production's scheduler must not start jobs here"),
  // notifications to other systems
  column("llx_webhook_target", "status", 0, "webhook/class/target.class.php", "a webhook tells other systems what happens here"),
  column("llx_webhook_target", "connection_data", null, "install/mysql/tables/llx_webhook_target-webhook.sql", "the passwords of the systems that webhooks call"),
  empty("llx_zapier_hook", "core/triggers/interface_95_modZapier_ZapierTriggers.class.php", "Zapier receives new and changed records"),
  column("llx_societe", "webservices_key", null, "fourn/commande/card.php", "the keys that send orders to suppliers' systems"),
  // payments
  set("STRIPE_LIVE", "0", "stripe/config.php", "Stripe in its test mode"),
  remove("STRIPE_LIVE_*", "stripe/config.php", "Stripe's live keys"),
  set("PAYPAL_API_SANDBOX", "1", PAYPAL, "PayPal in its test mode"),
  remove("PAYPAL_API_USER", PAYPAL, "PayPal's live account"),
  remove("PAYPAL_API_PASSWORD", PAYPAL, "PayPal's live password"),
  remove("PAYPAL_API_SIGNATURE", PAYPAL, "PayPal's live signature"),
  remove("PAYBOX_CGI_URL_V1", PAYBOX, "PayBox has no test mode: without its address nothing can be paid"),
  remove("PAYBOX_CGI_URL_V2", PAYBOX, "PayBox's second version has no test mode either"),
  remove("PAYBOX_HMAC_KEY", PAYBOX, "PayBox's live key"),
  renew("PAYMENT_SECURITY_TOKEN", "public/payment/newpayment.php", "payment links that customers hold must not work here"),
  // the address that the unalterable log is reported to; the log itself is not changed
  set("BLOCKEDLOG_USE_REMOTE_AUTHORITY", "0", LOG, "the sandbox's invoices must not be reported as real ones"),
  remove("BLOCKEDLOG_AUTHORITY_URL", LOG, "the address that production's invoices are reported to"),
  // directories and mailing lists
  set("LDAP_SYNCHRO_ACTIVE", "0", LDAP, "users and groups are written into the company's directory"),
  set("LDAP_CONTACT_ACTIVE", "0", LDAP, "contacts are written into the company's directory"),
  set("LDAP_MEMBER_ACTIVE", "0", LDAP, "members are written into the company's directory"),
  set("LDAP_MEMBER_TYPE_ACTIVE", "0", LDAP, "kinds of members are written into the company's directory"),
  remove("LDAP_ADMIN_PASS", "core/class/ldap.class.php", "the password that may write into the company's directory"),
  set("ADHERENT_USE_MAILMAN", "0", "adherents/class/adherent.class.php", "members are added to and removed from real mailing lists"),
  set("ADHERENT_USE_SPIP", "0", "adherents/class/adherent.class.php", "members are written into the website's database"),
  remove("ADHERENT_MAILMAN_ADMIN_PASSWORD", MAILMAN, "the password of the mailing lists"),
  remove("ADHERENT_SPIP_PASS", MAILMAN, "the password of the website's database"),
  // keys of production: those that others hold must not work here, and those of other systems must not be here
  column("llx_user", "api_key", null, "api/class/api_access.class.php", "production's API keys must not open the sandbox"),
  renew("WEBSERVICES_KEY", "core/lib/ws.lib.php", "production's key for web services must not open the sandbox"),
  renew("MAIN_AGENDA_XCAL_EXPORTKEY", "public/agenda/agendaexport.php", "links to production's calendar must not open the sandbox"),
  renew("CLICKTODIAL_KEY_FOR_CIDLOOKUP", "public/clicktodial/cidlookup.php", "the telephone system must not ask the sandbox who calls"),
  empty("llx_oauth_token", "includes/OAuth/Common/Storage/DoliStorage.php", "signed-in connections to Google, Microsoft, Stripe and others"),
  remove("OAUTH_*_SECRET*", "admin/oauth.php", "the secrets of connections to Google, Microsoft, Stripe and others"),
  remove("MAIN_AUTHENTICATION_OIDC_CLIENT_SECRET", "core/login/functions_openid_connect.php", "the secret with which production signs people in"),
  remove("AI_API_*_KEY", "ai/class/ai.class.php", "AI services are paid by use"),
  remove("SOCIAL_NETWORKS_DATA_*", "core/boxes/box_fediverse.php", "sign-ins to social networks"),
  remove("FTP_PASSWORD_*", "ftp/index.php", "the passwords of file servers"),
  remove("MULTICURRENCY_APP_KEY", "multicurrency/class/multicurrency.class.php", "the key whose requests for exchange rates are counted"),
  remove("MAIN_PROXY_PASS", "core/lib/geturl.lib.php", "the password of the outgoing proxy"),
  remove("AADE_WEBSERVICE_KEY", "societe/checkvat/checkVatGr.php", "the password of the Greek tax office's service"),
  // printers, telephones and services shared with production
  column("llx_printer_receipt", "fk_type", 1, "core/class/dolreceiptprinter.class.php", "receipts would be printed in the shop; 1 prints nothing"),
  set("TAKEPOS_PRINT_SERVER", NOWHERE, "takepos/invoice.php", "receipts would be printed in the shop by the till's print server"),
  remove("PRINTIPP_HOST", "core/modules/printing/printipp.modules.php", "documents would be printed in the office"),
  remove("PRINTIPP_PASSWORD", "core/modules/printing/printipp.modules.php", "the password of the office's printers"),
  remove("CLICKTODIAL_URL", "core/lib/functions.lib.php", "a click would ring a real telephone"),
  column("llx_user_clicktodial", "url", null, "user/class/user.class.php", "a click of one user would ring a real telephone"),
  column("llx_user_clicktodial", "pass", null, "user/class/user.class.php", "users' passwords of the telephone system"),
  set("ASTERISK_HOST", NOWHERE, "asterisk/wrapper.php", "a click would ring a real telephone by the exchange"),
  remove("MEMCACHED_SERVER", "core/lib/memory.lib.php", "a cache that production uses would be filled from here"),
  set("AGENDA_DISABLE_EXT", "1", "comm/action/index.php", "calendars of others are fetched by secret addresses"),
  rowsOf("llx_user_param", "param", "AGENDA_EXT_SRC_*", "user/class/user.class.php", "calendars of a user are fetched by secret addresses"),
  remove("CHECKLASTVERSION_EXTERNALMODULE", "admin/modules.php", "the makers of modules would be asked for newer versions"),
  remove("MAIN_ENABLE_EXTERNALMODULES_DOLISTORE", DOLISTORE, "the shop for modules would be asked"),
  remove("MAIN_MODULE_DOLISTORE_API_KEY", DOLISTORE, "the key of the shop for modules"),
  remove("MAIN_MODULE_DOLISTORE_BASIC_PASSWORD", DOLISTORE, "the password of the shop for modules"),
  set("MAIN_DISABLE_DNS_GET_RECORD", "1", "admin/mails.php", "the records of the company's domain would be asked for"),
  empty("llx_c_price_global_variable_updater", "product/dynamic_price/class/price_global_variable_updater.class.php", "prices would be fetched from other systems"),
  remove("EXTERNAL_RSS_URLRSS_*", "core/boxes/box_external_rss.php", "news are fetched on each home page"),
  remove("LDAP_SERVER_HOST", "core/class/ldap.class.php", "the company's directory is asked on a user's page"),
  remove("LDAP_SERVER_HOST_SLAVE", "core/class/ldap.class.php", "the company's directory is asked on a user's page"),
  set("FTP_SERVER_*", NOWHERE, "ftp/index.php", "the company's file servers would be opened"),
  column("llx_societe", "webservices_url", null, "fourn/commande/card.php", "orders would reach the suppliers' systems"),
  remove("MYDATA_AADE_KEY", "admin/company.php", "the key of the Greek tax office's books"),
  // what a browser fetches by itself, or is led to, from pages of the sandbox
  remove("MAIN_HTML_HEADER", "main.inc.php", "production's own scripts in every page: visits would be counted as production's"),
  remove("MAIN_HTML_FOOTER", "core/lib/functions.lib.php", "production's own scripts in every page: visits would be counted as production's"),
  remove("MAIN_GOOGLE_AN_ID", "core/lib/functions.lib.php", "visits would be counted as production's"),
  remove("MAIN_ENABLE_FONT_ROBOTO", "main.inc.php", "every page would fetch a font from Google"),
  remove("MAIN_MODULE_GRAVATAR", "core/class/html.form.class.php", "pictures of people are asked for at gravatar.com by their mail addresses"),
  remove("EXTERNALSITE_URL", "externalsite/frames.php", "another site would open within the sandbox"),
  remove("MAIN_EASTER_EGG_COMMITSTRIP", "core/tpl/login.tpl.php", "the sign-in page would fetch a picture"),
  remove("MAIN_LOGOUT_GOTO_URL", "user/logout.php", "signing out would lead to production"),
  remove("MAIN_AUTHENTICATION_OIDC_LOGOUT_URL", "user/logout.php", "signing out would sign out of production's identity provider"),
  remove("WEBPORTAL_ROOT_URL", PORTAL, "links of the customers' portal would lead to production"),
  remove("TICKET_URL_PUBLIC_INTERFACE", "ticket/class/ticket.class.php", "links of tickets would lead to production"),
  // doors that production opened to people without an account
  column("llx_ecm_files", "share", null, SHARED, "links to documents that production shared must not work here"),
  column("llx_links", "share", null, "install/mysql/tables/llx_links.sql", "links that production shared must not work here"),
  renew("*_ONLINE_SIGNATURE_SECURITY_TOKEN", "core/lib/signature.lib.php", "links by which customers sign must not work here"),
  renew("MAIN_FICHINTER_XCAL_EXPORTKEY", "public/fichinter/agendaexport.php", "links to production's interventions must not open the sandbox"),
  renew("MAILING_EMAIL_UNSUBSCRIBE_KEY", "public/emailing/mailing-unsubscribe.php", "links in mails that were sent must not work here"),
  renew("EVENTORGANIZATION_SECUREKEY", "public/project/index.php", "links to events must not work here"),
  column("llx_societe_account", "status", 0, "societe/class/societeaccount.class.php", "customers must not sign in to the sandbox's portal"),
  column("llx_societe_account", "pass_crypted", null, "societe/class/societeaccount.class.php", "the passwords of customers on the portal"),
  remove("TICKET_ENABLE_PUBLIC_INTERFACE", "public/ticket/index.php", "strangers must not open tickets here"),
  remove("MEMBER_ENABLE_PUBLIC", "public/members/new.php", "strangers must not sign up here"),
  remove("MEMBER_PUBLIC_ENABLED", "public/members/public_list.php", "the list of members is shown to everybody"),
  remove("DONATION_ENABLE_PUBLIC", "public/donations/new.php", "strangers must not promise donations here"),
  remove("PROJECT_ENABLE_PUBLIC", "public/project/new.php", "strangers must not propose projects here"),
  remove("SOCIETE_ENABLE_PUBLIC", "public/company/new.php", "strangers must not sign up here"),
  remove("PARTNERSHIP_ENABLE_PUBLIC", "public/partnership/new.php", "strangers must not sign up here"),
  remove("RECRUITMENT_ENABLE_PUBLIC_INTERFACE", "public/recruitment/index.php", "strangers must not apply here"),
  remove("OPENSURVEY_ENABLE_PUBLIC_INTERFACE", "public/opensurvey/index.php", "strangers must not vote here"),
  remove("STRIPE_TEST_WEBHOOK_KEY", "public/stripe/ipn.php", "what Stripe tells of test payments must not change the sandbox"),
  remove("STRIPE_TEST_WEBHOOK_CONNECT_KEY", "public/stripe/ipn.php", "what Stripe tells of test payments must not change the sandbox"),
  // what would keep the drill from signing in
  remove("MAIN_SECURITY_ENABLECAPTCHA", "main.inc.php", "a program cannot solve the captcha of the sign-in page"),
  remove("MAIN_ONLY_LOGIN_ALLOWED", "main.inc.php", "in maintenance mode every page says that the ERP is offline"),
  set("MAIN_SECURITY_MAX_NUMBER_FAILED_AUTH", "1000000000", "core/login/functions_dolibarr.php", "Dolibarr would refuse every sign-in after production's failed ones of the day"),
  remove("MAIN_LANDING_PAGE", "main.inc.php", "the page that opens after the sign-in must be Dolibarr's own"),
  remove("MAIN_MODULE_OPENIDCONNECT", "core/tpl/login.tpl.php", "the sign-in would be left to production's identity provider"),
  remove("MAIN_MODULE_*SSO", MODULES, "a module may leave the sign-in to production's identity provider"),
  remove("MAIN_MODULE_*SSO_*", MODULES, "a module may leave the sign-in to production's identity provider"),
  remove("MAIN_MODULE_*SAML*", MODULES, "a module may leave the sign-in to production's identity provider"),
  remove("MAIN_MODULE_*TOTP*", MODULES, "a module may ask for a second factor, which a program does not have"),
  remove("MAIN_MODULE_*2FA*", MODULES, "a module may ask for a second factor, which a program does not have"),
  remove("MAIN_MODULE_*TWOFACTOR*", MODULES, "a module may ask for a second factor, which a program does not have"),
  remove("MAIN_MODULE_*IPFILTER*", MODULES, "a module may let in production's own addresses alone"),
  remove("MAIN_MODULE_*HIDELOGIN*", MODULES, "a module may serve the sign-in page at a secret address alone"),
  // the anonymous ping to Dolibarr's makers at the first sign-in: `disabled` counts only with a date
  set("MAIN_FIRST_PING_OK_ID", "disabled", "main.inc.php", "a sandbox must not be counted as an installation"),
  set("MAIN_FIRST_PING_OK_DATE", "20000101000000", "main.inc.php", "without a date the ping to Dolibarr's makers is sent anyway"),
];
