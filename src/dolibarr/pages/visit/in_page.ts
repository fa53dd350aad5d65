/**
 * Reading a page inside the browser, with one question for all of it: each question of its own costs as long as a
 * tenth of the page (measured on 22.0.4). What is read may be the page that is shown, or one that the browser fetched
 * and took apart without showing it, which takes half as long.
 */

import type { Page } from "@playwright/test";
import { limits } from "../../../base/limits.ts";

/** What is used of the browser's elements and documents. */
export interface PagePart {
  readonly textContent: string | null;
  readonly firstChild: { readonly textContent: string | null } | null;
  readonly parentElement: PagePart | null;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PagePart | null;
  querySelectorAll(selector: string): ArrayLike<PagePart> & Iterable<PagePart>;
}

/** Runs in the browser, so it knows its arguments and nothing else of its module. What it returns is plain. */
export type Read<Found, Arg = undefined> = (root: PagePart, arg: Arg) => Found;

/** A page's own mark, and what is read of it. */
export interface PageReading<Found, Arg = undefined> {
  /** A selector that only this page has. */
  shows: string;
  read: Read<Found, Arg>;
  arg: Arg;
}

export interface PageContent<Found> {
  /** False: it is another page, and nothing was read. */
  shows: boolean;
  title: string;
  found: Found | undefined;
}

/** Reads the page that is shown. */
export async function readLoadedPage<Found, Arg>(
  page: Page,
  reading: PageReading<Found, Arg>,
): Promise<PageContent<Found>> {
  return await page.evaluate(`${ofDocument(reading)}(document)`) as PageContent<Found>;
}

/** An answer that the browser fetched, as it came, and what is in it. */
export interface FetchedPage<Found> extends PageContent<Found> {
  status: number;
  url: string;
  contentType: string;
  text: string;
}

/** A form that is sent: the one of the page at the address, with these fields filled in. */
export interface FilledForm {
  selector: string;
  fields: Record<string, string>;
}

/**
 * Lets the browser fetch a page of the origin at which it is, without showing it, and reads that; or send the form of
 * that page, and read what came of it.
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

/** The function as a text, which the browser is given. */
function ofDocument<Found, Arg>({ shows, read, arg }: PageReading<Found, Arg>): string {
  const question = JSON.stringify({ shows, arg });
  return `((root) => {
    const { shows, arg } = ${question};
    const isThere = root.querySelector(shows) !== null;
    const title = root.querySelector("title")?.textContent.trim() ?? "";
    return { shows: isThere, title, found: isThere ? (${read})(root, arg) : undefined };
  })`;
}
