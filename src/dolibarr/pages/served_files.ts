/** Fetches files from the ERP's web server with the browser's session. No link on a page is clicked. */

import { limits } from "../../base/limits.ts";
import type { Erp } from "./visit/browser.ts";
import { disguiseOf, type ExpectedContent } from "./visit/disguises.ts";
import { PageFault, unreachable } from "./visit/page_fault.ts";

/** A file as the ERP serves it. */
interface ServedFile {
  url: string;
  bytes: Uint8Array;
  contentType: string;
}

/**
 * Fetches a document of a part of the ERP: `facture`, `FA2511-0003/FA2511-0003.pdf`. An account must be signed in.
 * A click on the page's link would add a line to the unalterable log; this asks for a preview, which does not.
 *
 * @throws PageFault where something else was served: an error, the sign-in form, no PDF.
 */
export function fetchDocument(erp: Erp, part: string, file: string): Promise<ServedFile> {
  const query = new URLSearchParams({ modulepart: part, attachment: "0", file });
  return fetchServedFile(erp, `/document.php?${query}`, file.toLowerCase().endsWith(".pdf") ? "pdf" : "file");
}

/**
 * Fetches a picture: `mycompany`, `logos/logo.png`. Those of the company are served without signing in.
 * @throws PageFault where something else was served, such as the placeholder for a missing picture.
 */
export function fetchPicture(erp: Erp, part: string, file: string): Promise<ServedFile> {
  const query = new URLSearchParams({ modulepart: part, file });
  return fetchServedFile(erp, `/viewimage.php?${query}`, "picture");
}

/** Fetches any file of the ERP: `/robots.txt`. @throws PageFault where something else was served. */
export async function fetchServedFile(
  erp: Erp,
  path: string,
  expected: Extract<ExpectedContent, "pdf" | "picture" | "file">,
): Promise<ServedFile> {
  const url = erp.base + path;
  const { userAgent, certificateAuthority = [] } = erp.options;
  const known = await erp.context.cookies(url).catch((error) => {
    throw unreachable(url, error);
  });
  const cookies = known.map(({ name, value }) => `${name}=${value}`).join("; ");
  // not by the browser context's own requests: they bypass its proxy, and do not trust a company's own authority
  using client = Deno.createHttpClient({ caCerts: [...certificateAuthority] });
  const { response, bytes } = await ask(url, {
    client,
    headers: { ...(cookies ? { cookie: cookies } : {}), ...(userAgent ? { "user-agent": userAgent } : {}) },
  });
  const { status, headers } = response;
  const contentType = headers.get("content-type") ?? "";
  const answer = { status, url, asked: url, contentType, fileName: fileNameIn(headers), body: bytes };
  const disguise = disguiseOf(answer, expected);
  if (disguise) throw new PageFault(url, disguise);
  return { url, bytes, contentType };
}

/** The whole answer. Redirects are not followed: they could lead to another address, and no file is behind one. */
async function ask(url: string, request: RequestInit & { client: Deno.HttpClient }) {
  try {
    const signal = AbortSignal.timeout(limits.pageAnswers);
    const response = await fetch(url, { ...request, redirect: "manual", signal });
    return { response, bytes: await response.bytes() };
  } catch (error) {
    throw unreachable(url, error);
  }
}

const fileNameIn = (headers: Headers): string | undefined =>
  headers.get("content-disposition")?.match(/filename="?([^";]+)/)?.[1];
