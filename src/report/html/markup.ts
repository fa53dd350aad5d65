/** Markup that is safe by its type: whatever is put into a `markup` template is escaped, unless it is markup itself. */

import { withoutControls } from "../../base/text.ts";

const MARKUP: unique symbol = Symbol("markup");

/** A piece of a page. Only `markup` and `trusted` make one, so no text of a result can pass for it. */
export interface Markup {
  readonly [MARKUP]: string;
}

/** What may stand in a template. `undefined` and `false` are nothing; a list is its items one after the other. */
export type Child = Markup | string | number | undefined | false | readonly Child[];

/** `markup\`<p>${text}</p>\``: everything between `${}` is text, fit for an element and for a quoted attribute. */
export function markup(strings: TemplateStringsArray, ...children: Child[]): Markup {
  return {
    [MARKUP]: strings.map((string, index) =>
      string + (index < children.length ? childText(children[index]) : "")
    ).join(""),
  };
}

/** Markup from a constant of ours: the style sheet, a drawing. Never from a result. */
export const trusted = (markup: string): Markup => ({ [MARKUP]: markup });

/** The page as text. */
export const markupText = (markup: Markup): string => markup[MARKUP];

function childText(child: Child): string {
  if (child === undefined || child === false) return "";
  if (typeof child === "string" || typeof child === "number") return escapeHtml(String(child));
  if (isList(child)) return child.map(childText).join("");
  return child[MARKUP];
}

const isList = (child: Child): child is readonly Child[] => Array.isArray(child);

function escapeHtml(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
