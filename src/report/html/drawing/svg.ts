/** A drawing of a library as markup of ours: only the names of the list get in, and every text and value is escaped. */

import { type Child, type Markup, markup, trusted } from "../markup.ts";

/** As much of a DOM as a drawing has. */
export interface DrawnNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<DrawnNode>;
  readonly attributes?: Iterable<{ name: string; value: string }>;
}

const ELEMENT = 1;
const TEXT = 3;
const ELEMENTS = new Set(["svg", "g", "path", "line", "rect", "circle", "text", "tspan", "title"]);
/** Neither `style`, which the page's policy forbids, nor anything that loads or acts. */
const ATTRIBUTES = new Set(
  ("class viewBox width height x y x1 x2 y1 y2 dx dy r cx cy d transform fill fill-opacity stroke " +
    "stroke-opacity stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit text-anchor " +
    "font-size font-variant font-weight").split(" "),
);

/** `node` and what is in it; what is not on the list is left out with all that it holds. */
export function svgMarkup(node: DrawnNode): Markup | undefined {
  if (node.nodeType === TEXT) return markup`${node.nodeValue ?? ""}`;
  const name = node.nodeName.toLowerCase();
  if (node.nodeType !== ELEMENT || !ELEMENTS.has(name)) return undefined;
  const attributes = [...node.attributes ?? []].filter((one) => ATTRIBUTES.has(one.name)).map((one) =>
    markup` ${trusted(one.name)}="${shortened(one.value)}"`
  );
  const children: Child[] = [...node.childNodes].map(svgMarkup);
  return markup`<${trusted(name)}${attributes}>${children}</${trusted(name)}>`;
}

/** No eye sees a hundredth of a pixel, and forty of them make a page large. */
const shortened = (value: string): string => value.replace(/\d+\.\d{3,}/g, (long) => Number(long).toFixed(2));
