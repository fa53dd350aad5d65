/** Files through the ERP's own web server, with the browser's session; a link on a page is never clicked. */

import type { APIRequestContext } from "@playwright/test";
import { limits } from "../../base/limits.ts";
import type { Erp } from "./browser.ts";
import { disguiseOf, type Expected } from "./disguises.ts";
import { PageFault, unreachable } from "./visit.ts";

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
  return fetchFile(erp, `/document.php?${query}`, file.toLowerCase().endsWith(".pdf") ? "pdf" : "file");
}

/**
 * A picture, `mycompany`, `logos/logo.png`. The company's are to be had without signing in.
 * @throws PageFault when another thing came, as the placeholder for a lost picture.
 */
export function fetchPicture(erp: Erp, part: string, file: string): Promise<ServedFile> {
  const query = new URLSearchParams({ modulepart: part, file });
  return fetchFile(erp, `/viewimage.php?${query}`, "picture");
}

/** A file that the web server serves itself, or that a page of the ERP sends: `/robots.txt`. */
export async function fetchFile(
  erp: Erp,
  path: string,
  expected: Extract<Expected, "pdf" | "picture" | "file">,
): Promise<ServedFile> {
  const url = erp.base + path;
  const { request } = await import("@playwright/test");
  const { userAgent, ignoreCertificate } = erp.options;
  const cookies = (await erp.context.cookies(url)).map(({ name, value }) => `${name}=${value}`).join("; ");
  // not the context's own requests: they do not know which host the guard lets through
  const asker = await request.newContext({
    userAgent,
    ignoreHTTPSErrors: ignoreCertificate,
    extraHTTPHeaders: cookies ? { cookie: cookies } : {},
  });
  try {
    return await ask(asker, url, expected);
  } finally {
    await asker.dispose();
  }
}

async function ask(
  asker: APIRequestContext,
  url: string,
  expected: Extract<Expected, "pdf" | "picture" | "file">,
): Promise<ServedFile> {
  // redirects are not followed: they could leave the ERP, and no file is behind one
  const options = { maxRedirects: 0, failOnStatusCode: false, timeout: limits.pageAnswers };
  const response = await asker.get(url, options).catch((error) => {
    throw unreachable(url, error);
  });
  const headers = response.headers();
  const contentType = headers["content-type"] ?? "";
  const bytes = new Uint8Array(await response.body());
  const answer = {
    status: response.status(),
    url: response.url(),
    asked: url,
    contentType,
    fileName: fileNameIn(headers),
    body: bytes,
  };
  const disguise = disguiseOf(answer, expected);
  if (disguise) throw new PageFault(url, disguise);
  return { url, bytes, contentType };
}

const fileNameIn = (headers: Record<string, string>): string | undefined =>
  headers["content-disposition"]?.match(/filename="?([^";]+)/)?.[1];
