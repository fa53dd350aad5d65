/** What an ERP shows to everybody, asked without a browser and without a session: the version on its sign-in page. */

import { messageOf } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";

interface ErpAddress {
  url: string;
  /** Certificates of further authorities to trust, each as PEM. */
  certificateAuthority?: readonly string[];
}

/** Of the code that serves the page, as its addresses of styles and scripts have it: `version=22.0.4`. */
export const VERSION_ASKED = /[?&;]version=(\d+\.\d+\.\d+[\w.-]*)/;
const SIGN_IN_FORM = /<form\b[^>]*\bid="login"/;

/**
 * Asks for the sign-in page once. One GET writes neither to the database nor to the documents (docs/facts.md, Pages and files);
 * a redirect is not followed, for it could lead elsewhere.
 * @returns the version, or why it is not known: no answer from here, another page.
 */
export async function readShownVersion(
  { url, certificateAuthority = [] }: ErpAddress,
  signal: AbortSignal,
): Promise<{ version: string } | { why: string }> {
  const { origin, pathname } = new URL(url);
  const address = `${origin}${pathname.replace(/\/+$/, "")}/index.php`;
  using client = Deno.createHttpClient({ caCerts: [...certificateAuthority] });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limits.signInPageShows)]);
    const response = await fetch(address, { client, redirect: "manual", signal: limit });
    const html = await response.text();
    if (response.status !== 200) return { why: `${address} answers ${response.status}` };
    if (!SIGN_IN_FORM.test(html)) return { why: `${address} is no sign-in page` };
    const version = VERSION_ASKED.exec(html)?.[1];
    return version === undefined ? { why: `${address} does not say its version` } : { version };
  } catch (error) {
    signal.throwIfAborted();
    return { why: `${address} does not answer here: ${messageOf(error).split("\n")[0]}` };
  }
}
