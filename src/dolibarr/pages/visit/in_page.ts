/**
 * Reads a page by a function that runs inside the browser. All of it is read in one call, because each call takes a tenth
 * of the time of the page (measured on 22.0.4). The page is either loaded, or only fetched and parsed by the browser, which
 * takes half as long.
 */

import type { Page } from "@playwright/test";
import { limits } from "../../../base/limits.ts";

/** What is used of the browser's elements and of its document. */
export interface PagePart {
  readonly textContent: string | null;
  readonly firstChild: { readonly textContent: string | null } | null;
  readonly parentElement: PagePart | null;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PagePart | null;
  querySelectorAll(selector: string): ArrayLike<PagePart> & Iterable<PagePart>;
}

/** A function that runs in the browser: it may use its arguments only, and returns plain data. */
type ReadInBrowser<Found, Arg = undefined> = (root: PagePart, arg: Arg) => Found;

/** How a page is recognised, and what is read of it. */
export interface PageReading<Found, Arg = undefined> {
  /** A selector that only this page has. */
  shows: string;
  read: ReadInBrowser<Found, Arg>;
  arg: Arg;
}

export interface PageContent<Found> {
  /** False where it is another page, of which nothing was read. */
  shows: boolean;
  title: string;
  found: Found | undefined;
}

/** Reads the page that is loaded. */
export async function readLoadedPage<Found, Arg>(
  page: Page,
  reading: PageReading<Found, Arg>,
): Promise<PageContent<Found>> {
  return await page.evaluate(`${ofDocument(reading)}(document)`) as PageContent<Found>;
}

/** An answer that the browser fetched, and what was read of it. */
interface FetchedPage<Found> extends PageContent<Found> {
  status: number;
  url: string;
  contentType: string;
  text: string;
}

/** A form of the page at the address, and the fields to fill in. */
export interface FilledForm {
  selector: string;
  fields: Record<string, string>;
}

/**
 * Lets the browser fetch a page of the origin that it has open, without loading it, and reads it; with `form`, fills in and
 * sends the form of that page, and reads the page that follows.
 */
export async function readFetchedPage<Found, Arg>(
  page: Page,
  url: string,
  reading: PageReading<Found, Arg>,
  form?: FilledForm,
): Promise<FetchedPage<Found>> {
  const question = JSON.stringify({ url, form, within: limits.pageAnswers });
  return await page.evaluate(
    `(async ({ url, form, within }) => {
      const signal = AbortSignal.timeout(within);
      const parse = (text) => new DOMParser().parseFromString(text, "text/html");
      let response = await fetch(url, { signal });
      let text = await response.text();
      const sent = form && parse(text).querySelector(form.selector);
      if (sent) {
        const body = new URLSearchParams(new FormData(sent));
        for (const [name, value] of Object.entries(form.fields)) body.set(name, value);
        const action = new URL(sent.getAttribute("action") || "", response.url);
        response = await fetch(action, { method: "POST", body, signal });
        text = await response.text();
      }
      const contentType = response.headers.get("content-type") || "";
      const there = ${ofDocument(reading)}(parse(text));
      return { ...there, status: response.status, url: response.url, contentType, text };
    })(${question})`,
  ) as FetchedPage<Found>;
}

/** The source of the function that the browser runs. */
function ofDocument<Found, Arg>({ shows, read, arg }: PageReading<Found, Arg>): string {
  const question = JSON.stringify({ shows, arg });
  return `((root) => {
    const { shows, arg } = ${question};
    const isThere = root.querySelector(shows) !== null;
    const title = root.querySelector("title")?.textContent.trim() ?? "";
    return { shows: isThere, title, found: isThere ? (${read})(root, arg) : undefined };
  })`;
}
