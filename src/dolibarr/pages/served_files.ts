/** Files through the ERP's own web server, with the browser's session; a link on a page is never clicked. */

import { limits } from "../../base/limits.ts";
import type { Erp } from "./visit/browser.ts";
import { disguiseOf, type ExpectedContent } from "./visit/disguises.ts";
import { PageFault, unreachable } from "./visit/visit.ts";

/** A file as the ERP serves it. */
export interface ServedFile {
  url: string;
  bytes: Uint8Array;
  contentType: string;
}

/**
 * A document of one part of the ERP, `facture`, `FA2511-0003/FA2511-0003.pdf`. Somebody must be signed in.
 * A click on the page's link would add a line to the unalterable log; this asks for a preview, which does not.
 *
 * @throws PageFault when another thing came: no such file, the sign-in form, no right, not a PDF.
 */
export function fetchDocument(erp: Erp, part: string, file: string): Promise<ServedFile> {
  const query = new URLSearchParams({ modulepart: part, attachment: "0", file });
  return fetchServedFile(erp, `/document.php?${query}`, file.toLowerCase().endsWith(".pdf") ? "pdf" : "file");
}

/**
 * A picture, `mycompany`, `logos/logo.png`. The company's are to be had without signing in.
 * @throws PageFault when another thing came, as the placeholder for a lost picture.
 */
export function fetchPicture(erp: Erp, part: string, file: string): Promise<ServedFile> {
  const query = new URLSearchParams({ modulepart: part, file });
  return fetchServedFile(erp, `/viewimage.php?${query}`, "picture");
}

/** A file that the web server serves itself, or that a page of the ERP sends: `/robots.txt`. */
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
  // not the context's own requests: they know neither which host the guard lets through nor a company's authority
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

/** The whole answer. Redirects are not followed: they could leave the ERP, and no file is behind one. */
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
