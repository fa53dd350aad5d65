/** The page in Chromium, as a person gets it: whether everybody can read it, and whether it fits. */

import axe from "axe-core";
import type { Page } from "@playwright/test";
import { assert, assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { findChromium, openBrowser } from "../../../src/dolibarr/pages/visit/browser.ts";
import { historyOf } from "../../../src/report/history.ts";
import { storedOf } from "../../../src/report/json.ts";
import { renderReports } from "../../../src/report/write.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { nights } from "../../support/samples/history.ts";
import { culprits } from "../../support/samples/culprits.ts";
import { sampleCheck } from "../../support/samples/checks.ts";
import { sampleFail, sampleNotRun, samplePass } from "../../support/samples/results.ts";

const skip = findChromium() ? undefined : "there is no Chromium";
const bad = { verdict: "fail", exit: 1 } as const;
const before = nights(6, (night) => night === 4 ? bad : {}).slice(1);
/** With what a night adds: older sets that were proved, or not, and a negative control that was seen, or missed. */
const withNight = (result: DrillResult): DrillResult => ({
  ...result,
  rota: [
    {
      set: "prod/20251231T030000Z",
      verdict: "pass",
      ms: 4200,
      message: "restored, and equal to what was backed up",
    },
    { set: "prod/20241231T030000Z", verdict: "fail", ms: 900, message: "llx_facture: 3 rows are missing" },
    { set: "prod/20231231T030000Z", verdict: "not_run", ms: 0, message: "the store did not answer" },
  ],
  control: {
    check: "documents.logo",
    by: "another picture in the place of the logo",
    verdict: result.verdict === "pass" ? "seen" : "missed",
    message: result.verdict === "pass"
      ? "logo.png has other bytes than the backup"
      : "the check passed all the same",
    ms: 830,
    ...(result.verdict === "pass" ? { lastTried: "2026-05-30T03:00:00.000Z" } : {}),
  },
});
/** Every part and every colour of the page is in one of them; axe takes seconds for each. */
const SHOWN = [
  ["a FAIL", sampleFail, "light"],
  ["a FAIL", sampleFail, "dark"],
  ["a NOT RUN", sampleNotRun, "light"],
  ["a PASS", samplePass, "dark"],
  ["findings of the ERP", culprits.mixed, "light"],
  ["findings of the ERP", culprits.mixed, "dark"],
] as const;
const pageOf = async (result: DrillResult) =>
  (await renderReports(result, historyOf([storedOf(result), ...before]))).html;

describe("the page in a browser", { skip }, () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => browser = await openBrowser());
  afterAll(() => browser.close());

  /** Opens `html` with scripts of ours alone: the page has none, and its policy forbids any. */
  async function shown<T>(
    html: string,
    look: (page: Page) => Promise<T>,
    options: { colorScheme?: "light" | "dark"; width?: number } = {},
  ): Promise<T> {
    const context = await browser.newContext({
      colorScheme: options.colorScheme,
      viewport: { width: options.width ?? 1280, height: 900 },
    });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => void complaints.push(message.text()));
      await page.setContent(html);
      assertEquals(complaints, []);
      return await look(page);
    } finally {
      await context.close();
    }
  }

  /** What axe-core finds that keeps somebody from reading it. */
  async function faultsOf(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ["violations"], iframes: false })
    );
    return found.violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" ")}`);
  }

  for (const [name, sample, colorScheme] of SHOWN) {
    it(`can be read by everybody: ${name}, ${colorScheme}`, async () => {
      assertEquals(await shown(await pageOf(withNight(sample())), faultsOf, { colorScheme }), []);
    });
  }

  it("is seen to be unreadable where it is", async () => {
    const grey = (await pageOf(samplePass())).replace("--ink: #17212b", "--ink: #dddddd")
      .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "").replace('<html lang="en">', "<html>");
    const faults = (await shown(grey, faultsOf)).join("\n");
    assert(/color-contrast/.test(faults) && /html-has-lang/.test(faults), faults);
  });

  it("is no wider than a telephone, a screen or a sheet of A4", async () => {
    const overflow = (page: Page) =>
      page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    const onPaper = async (page: Page) => {
      await page.emulateMedia({ media: "print" });
      return await overflow(page);
    };
    for (const result of [sampleFail(), culprits.mixed()]) {
      const html = (await pageOf(withNight(result))).replaceAll("<details", "<details open");
      for (const width of [390, 800, 1280]) {
        assertEquals(await shown(html, overflow, { width }), 0, `${width}`);
      }
      assertEquals(await shown(html, onPaper, { width: 688 }), 0); // 182 mm between the margins
    }
  });

  it("is one file under 3 MB with pictures of twenty samples, as large as Dolibarr's pages make them", async () => {
    const page = await pageOf(samplePass());
    const picture = await shown(page, (shot) => shot.screenshot({ type: "jpeg", quality: 60 }));
    const shot = (title: string) => ({ title, url: "", mediaType: "image/jpeg" as const, bytes: picture });
    const screenshots = Array.from({ length: 26 }, (_, at) => shot(`Invoice ${at}`));
    const result = { ...samplePass(), checks: [sampleCheck({ screenshots })] };
    const whole = await pageOf(result);
    assert(whole.length > 26 * picture.length, "the pictures are in it");
    assert(whole.length < 3_000_000, `${whole.length} bytes, of which ${picture.length} a picture`);
  });
});
