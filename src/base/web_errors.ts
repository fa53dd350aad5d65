/** Why a request to a web address failed, from the errors of the browser and of Deno's fetch. */

import { DrillError, messageOf } from "./errors.ts";

/** The names of certificate errors of Chromium (net_error_list.h) and rustls (CertificateError). */
const REFUSED = /ERR_CERT_\w+|(?<=invalid peer certificate: )[^;]+/;
/** The meaning of each name; the last one matches all. */
const FAULTS: readonly [name: RegExp, state: string, hint: string][] = [
  [
    /AUTHORITY_INVALID|UnknownIssuer|BadSignature/, // the last: another authority of the same name, as after a renewal
    "its certificate was issued by an authority that is not trusted here",
    "Set web.certificate_authority in the configuration to the file of your company's authority. If it is set, that file is of another authority.",
  ],
  [
    /COMMON_NAME_INVALID|not valid for name/i,
    "its certificate is for another name",
    "Set web.url to the name that the certificate is for, or check where that name points.",
  ],
  [
    /DATE_INVALID|expired|NotValidYet/i,
    "its certificate has expired, or is not valid yet by this machine's clock",
    "Renew it, or correct this machine's clock: date",
  ],
  [/^/, "its certificate was refused", "Issue a new one."],
];

/**
 * The DrillError (`WEB_UNREACHABLE`) for an address whose certificate is not trusted; undefined where the request
 * failed for another reason.
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
