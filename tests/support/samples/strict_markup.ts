/** A strict reader of XML, and of HTML as we write it: for tests that a report is well-formed. */

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  /** The text directly in it. */
  text: string;
}

/** Elements of HTML that have no end. */
export const HTML_VOID = new Set(["meta", "img", "br", "hr", "link", "input"]);

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const ATTRIBUTE = /\s+([A-Za-z_:][\w:.-]*)="([^"<]*)"/y;
/** XML 1.0, production 2. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Reads a document with one root element.
 * @throws Error on what a strict parser refuses: a forbidden character, an open or crossed tag, a bare `&`
 *   or `<`, an attribute without quotes or given twice, text beside the root.
 */
export function readMarkup(source: string, voidElements: ReadonlySet<string> = new Set()): Element {
  const forbidden = FORBIDDEN.exec(source);
  if (forbidden) throw new Error(`character ${forbidden[0].charCodeAt(0)} at ${forbidden.index}`);
  const top: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [top];
  const token = /<(\/?)([A-Za-z][\w:.-]*)([^<>]*?)(\/?)>|<[!?][^<>]*>|([^<]+)|</gy;
  for (let match = token.exec(source); match; match = token.exec(source)) {
    const [whole, slash, name, attributes, selfEnd, text] = match;
    const inside = open.at(-1) ?? top;
    if (text !== undefined) inside.text += inside.name === "style" ? text : decoded(text);
    else if (whole === "<") throw new Error(`a bare < at ${match.index}`);
    else if (name === undefined) continue; // a declaration
    else if (slash) {
      if (inside.name !== name) throw new Error(`</${name}> ends <${inside.name}> at ${match.index}`);
      open.pop();
    } else {
      const element: Element = { name, attributes: attributesOf(attributes ?? ""), children: [], text: "" };
      inside.children.push(element);
      if (!selfEnd && !voidElements.has(name)) open.push(element);
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is never ended`);
  const [root, second] = top.children;
  if (!root || second || top.text.trim() !== "") throw new Error("not exactly one root element");
  return root;
}

/** All elements of that name, however deep, in their order. */
export function elementsOf(element: Element, name: string): Element[] {
  return element.children.flatMap((
    child,
  ) => [...(child.name === name ? [child] : []), ...elementsOf(child, name)]);
}

/** The text in an element and in all elements under it. */
export const textOf = (element: Element): string => element.text + element.children.map(textOf).join(" ");

function attributesOf(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  let at = 0;
  ATTRIBUTE.lastIndex = 0;
  for (let match = ATTRIBUTE.exec(source); match; match = ATTRIBUTE.exec(source)) {
    const [, name = "", value = ""] = match;
    if (Object.hasOwn(found, name)) throw new Error(`attribute ${name} twice`);
    found[name] = decoded(value);
    at = ATTRIBUTE.lastIndex;
  }
  if (source.slice(at).trim() !== "") throw new Error(`not an attribute: ${source.slice(at, at + 40)}`);
  return found;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+))?(;?)/g, (whole, code, name, end) => {
    const character = code === undefined ? ENTITIES[name] : String.fromCodePoint(Number(code));
    if (end === "" || character === undefined) throw new Error(`a bare & or an unknown entity: ${whole}`);
    return character;
  });
}
