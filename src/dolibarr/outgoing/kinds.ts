/**
 * The ways in which PHP code of an ERP asks other machines, and what keeps a sandbox from each. Known by the names of the
 * functions and classes that 22.0.4 uses; code that hides its calls is not found. Pure.
 */

/** What stops the calls of a kind in a sandbox; or why they are left. */
export interface OutgoingKind {
  /** Finds one call, in a text without comments. */
  calls: RegExp;
  /** For people: "asks an address through Dolibarr's own function". */
  does: string;
  /** The rules of neutralising that close it in Dolibarr's own code. */
  closedBy: string;
}

const quoted = `['"]`;

// deno-fmt-ignore: a row each
export const OUTGOING = {
  url: { calls: /\bgetURLContent\s*\(/g, does: "asks an address through Dolibarr's own function", closedBy: "MAIN_PROXY_USE, _HOST, _PORT" },
  curl: { calls: /\bcurl_init\s*\(/g, does: "asks an address by curl", closedBy: "MAIN_PROXY_USE, _HOST, _PORT in getURLContent and PayPal" },
  stream: { calls: new RegExp(`\\b(?:file_get_contents|fopen|copy|simplexml_load_file|get_headers)\\s*\\(\\s*${quoted}(?:https?|ftp)://`, "g"), does: "opens an address as a file", closedBy: "there is none in 22.0.4" },
  client: { calls: /\bnew\s+\\?(?:GuzzleHttp\\Client|Symfony\\Component\\HttpClient\\\w+)\b/g, does: "asks an address through a library", closedBy: "there is none in 22.0.4" },
  socket: { calls: /\b(?:fsockopen|pfsockopen|stream_socket_client|socket_connect)\s*\(/g, does: "opens a connection", closedBy: "MAIN_DISABLE_ALL_MAILS, ASTERISK_HOST, LDAP_SERVER_HOST; the rest are tests that an administrator starts" },
  soap: { calls: /\bnew\s+\\?(?:SoapClient|nusoap_client|soapclient)\b/g, does: "asks a web service", closedBy: "MAIN_PROXY_USE, llx_societe.webservices_url, llx_c_price_global_variable_updater, AADE_WEBSERVICE_KEY" },
  mail: { calls: /(?<![\w>:$'"])mail\s*\(\s*\$/g, does: "sends mail by PHP", closedBy: "MAIN_DISABLE_ALL_MAILS, MAIN_MAIL_FORCE_SENDTO" },
  smtp: { calls: /\bnew\s+\\?(?:SMTPs|Swift_SmtpTransport|PHPMailer)\b|\bSwift_SmtpTransport\s*\(/g, does: "sends mail", closedBy: "MAIN_DISABLE_ALL_MAILS, MAIN_MAIL_FORCE_SENDTO" },
  imap: { calls: /\bimap_open\s*\(|\bnew\s+\\?(?:Webklex\\PHPIMAP\\)?ClientManager\b/g, does: "opens a mailbox", closedBy: "llx_emailcollector_emailcollector.status and .password" },
  ldap: { calls: /\bldap_connect\s*\(/g, does: "opens a directory", closedBy: "LDAP_SERVER_HOST, LDAP_ADMIN_PASS" },
  ftp: { calls: /\b(?:ftp_connect|ftp_ssl_connect|ssh2_connect)\s*\(/g, does: "opens a file server", closedBy: "FTP_SERVER_*, FTP_PASSWORD_*" },
  stripe: { calls: /\\Stripe\\[A-Za-z\\]+::(?!setApi|setApp|VERSION)\w+\s*\(/g, does: "asks Stripe", closedBy: "STRIPE_LIVE, STRIPE_LIVE_*" },
  oauth: { calls: /->(?:requestAccessToken|refreshAccessToken)\s*\(/g, does: "signs in at another service", closedBy: "llx_oauth_token, OAUTH_*_SECRET*" },
  printer: { calls: /\bnew\s+\\?(?:NetworkPrintConnector|CupsPrintConnector|WindowsPrintConnector|PrintIPP|CupsPrintIPP)\b/g, does: "prints", closedBy: "llx_printer_receipt.fk_type, PRINTIPP_HOST" },
  cache: { calls: /\bnew\s+\\?(?:Memcached?|Redis)\b/g, does: "opens a cache", closedBy: "MEMCACHED_SERVER" },
  database: { calls: /\bgetDoliDBInstance\s*\(|\bnew\s+\\?(?:PDO|mysqli)\s*\(|\b(?:pg_connect|mysqli_connect)\s*\(/g, does: "opens another database", closedBy: "ADHERENT_USE_SPIP; the others are the ERP's own database" },
  dns: { calls: /\b(?:dns_get_record|checkdnsrr|getmxrr)\s*\(/g, does: "asks for a name", closedBy: "MAIN_DISABLE_DNS_GET_RECORD; the others check the domain of an address that a person types" },
  browser: { calls: /<(?:script|img|iframe|link|embed)\b[^>\n]*?\b(?:src|href)\s*=\s*\\?["'](?:https?:)?\/\//g, does: "lets the browser load from another site", closedBy: "MAIN_MODULE_GRAVATAR, MAIN_GOOGLE_AN_ID, MAIN_ENABLE_FONT_ROBOTO; the rest load a provider's own form or a map, by a person's click" },
  process: { calls: /(?<![\w>:$.])(?:shell_exec|passthru|popen|proc_open)\s*\(/g, does: "starts a program", closedBy: "left: core/class/utils.class.php starts pg_dump and a virus scanner, by a person's click" },
} as const satisfies Record<string, OutgoingKind>;

/** A way to ask another machine. */
export type Kind = keyof typeof OUTGOING;
