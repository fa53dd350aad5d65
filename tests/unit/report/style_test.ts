import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SCREEN_STYLE } from "../../../src/report/html/style.ts";

/** Which colour is written on which ground; `white` is text on the band of the verdict. */
const PAIRS: [text: string, ground: string][] = [
  ...["ground", "surface", "sunken"].flatMap((
    ground,
  ): [string, string][] => [["ink", ground], ["soft", ground]]),
  ["accent", "surface"],
  ...["pass", "fail", "findings", "not-run"].flatMap((verdict): [string, string][] => [
    [verdict, "surface"],
    [verdict, `${verdict}-tint`],
    ["ink", `${verdict}-tint`],
    ["soft", `${verdict}-tint`],
    ["white", `band-${verdict}`],
  ]),
];

describe("the colours of the HTML report", () => {
  it("are far enough from their ground to be read (WCAG AA), in light and in dark", () => {
    const schemes = [...SCREEN_STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => coloursIn(body!));
    assertEquals(schemes.length, 2);
    for (const scheme of schemes) {
      for (const [text, ground] of PAIRS) {
        const ratio = contrast(scheme.get(text)!, scheme.get(ground)!);
        assert(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });

  it("would not pass with grey on grey", () => {
    assertEquals(Math.round(contrast("#ffffff", "#000000")), 21);
    assert(contrast("#888888", "#aaaaaa") < 4.5);
  });
});

function coloursIn(body: string): Map<string, string> {
  const found = [...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) =>
    [name!, colour!] as const
  );
  return new Map([...found, ["white", "#ffffff"]]);
}

/** WCAG 2.1, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
