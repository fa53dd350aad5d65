/** The pictures that the browser took of the restored ERP. Each is in the file, and opens large without a script. */

import type { CheckResult, DrillResult, Screenshot } from "../../checks/result.ts";
import { badge, section } from "./parts.ts";
import { type Markup, markup } from "./markup.ts";

export interface GalleryPicture {
  /** Where it stands in the page. */
  anchor: string;
  check: CheckResult;
  screenshot: Screenshot;
}

/** All pictures with something in them: those of failed checks, the leading one, then the first of each check, then the others. */
export function picturesOf(checks: readonly CheckResult[]): GalleryPicture[] {
  return checks
    .flatMap((check) => check.screenshots.map((screenshot, turn) => ({ check, screenshot, turn })))
    .filter(({ screenshot }) => screenshot.bytes.byteLength > 0)
    .sort((a, b) => rank(a) - rank(b) || a.turn - b.turn)
    .map(({ check, screenshot }, index) => ({ check, screenshot, anchor: `picture-${index + 1}` }));
}

const rank = ({ check, screenshot }: Pick<GalleryPicture, "check" | "screenshot">): number =>
  check.verdict === "fail" ? 0 : screenshot.lead ? 1 : 2;

export function gallery(result: DrillResult, pictures: readonly GalleryPicture[]): Markup | undefined {
  if (pictures.length === 0) return undefined;
  const shape = pictures.length < 3 ? `gallery-${pictures.length}` : "gallery-many";
  const intro = result.marks.every(({ seen }) => seen)
    ? `Taken in a browser from the ERP in ${result.into}, after the backup had been restored into it.`
    : `What answered in a browser at the address of ${result.into}. Nothing proves that it is the restored ERP.`;
  const figures = pictures.map(figure);
  return section(
    "evidence",
    "What the browser saw",
    intro,
    markup`<div class="gallery ${shape}">${figures}</div>`,
  );
}

function figure({ anchor, check, screenshot }: GalleryPicture): Markup {
  const { title, url } = screenshot;
  return markup`<figure id="${anchor}">
<a class="open" href="#${anchor}" aria-label="Show large: ${title}">${image(screenshot)}</a>
<a class="close" href="#evidence">Close</a>
<figcaption><span class="picture-title">${title}</span>
${badge(check.verdict)} <code class="picture-check">${check.id}</code>
<span class="picture-url">${url}</span></figcaption>
</figure>
`;
}

function image({ title, mediaType, bytes }: Screenshot): Markup {
  const size = pictureSize(bytes);
  const room = size && markup` width="${size.width}" height="${size.height}"`;
  const address = `data:${mediaType};base64,${bytes.toBase64()}`;
  return markup`<img class="${shapeOf(size)}" alt="${title}"${room} src="${address}">`;
}

/** A page fills its frame from the top; a strip, such as a logo, is shown whole. */
function shapeOf(size: ReturnType<typeof pictureSize>): string {
  return size && size.width > size.height * 2 ? "strip" : "page";
}

interface PictureSize {
  width: number;
  height: number;
}

/** The size in pixels, or undefined where `bytes` are neither a PNG nor a JPEG. */
export function pictureSize(bytes: Uint8Array): PictureSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = pngSize(view) ?? jpegSize(view);
  return size && size.width > 0 && size.height > 0 ? size : undefined;
}

/** PNG: signature, then the chunk IHDR with width and height (RFC 2083, 4.1.1). */
function pngSize(view: DataView): PictureSize | undefined {
  if (view.byteLength < 24 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) {
    return undefined;
  }
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** JPEG: segments of marker and length; a start of frame (C0 to CF, less C4, C8, CC) holds height and width (T.81, B.2.2). */
function jpegSize(view: DataView): PictureSize | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}
