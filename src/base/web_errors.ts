/** Why a web address could not be asked, as the browser says it and as Deno's fetch does. */

import { DrillError, messageOf } from "./errors.ts";

/** What Chromium (net_error_list.h) and rustls (CertificateError) call a certificate's fault. */
const REFUSED = /ERR_CERT_\w+|(?<=invalid peer certificate: )[^;]+/;
/** What each of those names means; the last one fits all. */
const FAULTS: readonly [name: RegExp, state: string, hint: string][] = [
  [
    /AUTHORITY_INVALID|UnknownIssuer|BadSignature/, // the last: one of the same name, as after a renewal
    "its certificate is of an authority that is not known here",
    "Name the file of your company's authority under web.certificate_authority in the configuration; where one is named already, it is another's.",
  ],
  [
    /COMMON_NAME_INVALID|not valid for name/i,
    "its certificate is for another name",
    "Write in web.url the name that the certificate is for, or look at where that name leads.",
  ],
  [
    /DATE_INVALID|expired|NotValidYet/i,
    "its certificate has expired, or is not valid yet by this machine's clock",
    "Have it renewed, and look at this machine's clock: date.",
  ],
  [/^/, "its certificate is refused", "Have it made anew."],
];

/**
 * The DrillError (`WEB_UNREACHABLE`) for an address whose certificate is not trusted; undefined where the request failed
 * for another reason.
 */
export function untrusted(url: string, error: unknown): DrillError | undefined {
  const name = REFUSED.exec(requestReason(error))?.[0];
  const fault = name === undefined ? undefined : FAULTS.find(([pattern]) => pattern.test(name));
  if (!fault) return undefined;
  const [, state, hint] = fault;
  const { hostname, port } = new URL(url);
  const look = `openssl s_client -connect ${hostname}:${port || 443} -servername ${hostname}`;
  return new DrillError(
    "WEB_UNREACHABLE",
    `Cannot reach ${url}: ${state} (${name})`,
    `${hint} See the certificate: ${look}`,
    { cause: error },
  );
}

/** Why a request failed, in a line and without the address: `net::ERR_CONNECTION_REFUSED`, `Connection refused`. */
export function requestReason(error: unknown): string {
  const inner = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  return messageOf(inner).split("\n")[0]!.replace(/^error sending request for url \(.*?\): /, "");
}
