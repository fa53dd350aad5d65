/** Small PDFs: text files of objects, with the offsets that a reader looks for. */

/** A PDF of one empty page, as a scanner's would be without its picture. */
export const blankPdf = (): string => pdfOf(OBJECTS, "");

/** The same behind a password that nobody has. */
export const encryptedPdf = (): string =>
  pdfOf(
    [...OBJECTS, `<</Filter/Standard/V 1/R 2/P -64/O<${"11".repeat(32)}>/U<${"22".repeat(32)}>>>`],
    "/Encrypt 4 0 R/ID[<00><00>]",
  );

/** One page that says one line of plain letters. */
export function textPdf(line: string): Uint8Array<ArrayBuffer> {
  const shown = `BT /F1 9 Tf 40 800 Td (${line.replace(/[()\\\\]/g, "\\\\$&")}) Tj ET`;
  const page =
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>";
  const objects = [
    ...OBJECTS.slice(0, 2),
    page,
    `<</Length ${shown.length}>>stream\n${shown}\nendstream\n`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  return new TextEncoder().encode(pdfOf(objects, ""));
}

/** One page in Chinese, as TCPDF writes it: by a font that no reader has without data of its own, and a line beside it that all read. */
export function chinesePdf(): string {
  const shown = "BT /F2 20 Tf 40 800 Td <53D17968> Tj /F1 6 Tf 0 -700 Td (Powered by a library) Tj ET";
  const font = "/BaseFont/STSongStd-Light";
  return pdfOf([
    ...OBJECTS.slice(0, 2),
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>>",
    `<</Length ${shown.length}>>stream\n${shown}\nendstream\n`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    `<</Type/Font/Subtype/Type0${font}/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]>>`,
    `<</Type/Font/Subtype/CIDFontType0${font}/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 8 0 R/DW 1000>>`,
    `<</Type/FontDescriptor/FontName/STSongStd-Light/Flags 6/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 90>>`,
  ], "");
}

const OBJECTS = [
  "<</Type/Catalog/Pages 2 0 R>>",
  "<</Type/Pages/Kids[3 0 R]/Count 1>>",
  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
];

function pdfOf(objects: readonly string[], inTrailer: string): string {
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, at) => {
    const offset = text.length;
    text += `${at + 1} 0 obj${object}endobj\n`;
    return offset;
  });
  const table = text.length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  return `${text}xref\n0 ${size}\n0000000000 65535 f \n${entries}trailer<</Size ${size}/Root 1 0 R${inTrailer}>>
startxref\n${table}\n%%EOF\n`;
}
