/** The checks of a drill as they may come, for the sample results. */

import type { CheckResult, Screenshot } from "../../../src/checks/result.ts";
import { paintInvoice, paintList, paintLogo } from "./pictures.ts";

export interface SamplePictures {
  invoice: Uint8Array;
  list: Uint8Array;
  logo: Uint8Array;
  mediaType: Screenshot["mediaType"];
}

export const DB_SHA = "9f2c6b1e0a7d4358c1f09e6ab2d47f3158e0c97ad6b4421f83e5a90c7d16f2be";
export const DOCS_SHA = "41d80be7c92f5a3666e1b07f94c8d2a5037e9bf1d4a6c8820f5b3e97a1dc6047";
export const COMPANY = "Ateliers Morvan & Fils";

/** A check with sensible defaults. */
export function sampleCheck(check: Partial<CheckResult> = {}): CheckResult {
  return {
    id: "data.tables",
    title: "the sandbox holds as many tables as the backup",
    part: "data",
    required: true,
    verdict: "pass",
    compared: { expected: 277, found: 277, with: "the manifest's llx_ tables against the restored database" },
    details: [],
    ms: 41,
    screenshots: [],
    ...check,
  };
}

/** All checks of a drill on which nothing is wrong; one optional one did not run. */
export function passingChecks(pictures: SamplePictures): CheckResult[] {
  const seen = (
    title: string,
    path: string,
    bytes: Uint8Array,
    mediaType = pictures.mediaType,
  ): Screenshot => ({
    title,
    url: `https://erp-sandbox.example.org${path}`,
    bytes,
    mediaType,
  });
  const same = (value: string | number, against: string) => ({
    expected: value,
    found: value,
    with: against,
  });
  const check = sampleCheck;
  return [
    check({
      id: "backup.age",
      part: "backup",
      title: "the newest set is young enough",
      compared: {
        expected: "at most 26 h",
        found: "4 h 14 min",
        with: "drill.max_age against the set's moment",
      },
      ms: 2,
    }),
    check({
      id: "backup.objects",
      part: "backup",
      title: "both objects are the ones that were written",
      compared: same(
        "2 hashes",
        "the SHA-256 in the manifest against every byte that was read from the store",
      ),
      details: [`db ${DB_SHA}`, `docs ${DOCS_SHA}`],
      ms: 3_120,
    }),
    check({
      id: "backup.readable",
      part: "backup",
      title: "the dump can be read through to its end",
      compared: same("277 tables", "the dump's list of contents against the manifest"),
      ms: 640,
    }),
    check({ ms: 41 }),
    check({
      id: "data.minimum",
      title: "the database is no empty one",
      compared: {
        expected: "at least 250",
        found: 277,
        with: "llx_ tables against the smallest number that a real ERP has",
      },
      ms: 3,
    }),
    check({
      id: "data.rows",
      title: "every table has the rows and the content of the backup",
      compared: same(
        23_104,
        "rows and content hashes of each table in the manifest against the restored database",
      ),
      ms: 153,
    }),
    check({
      id: "data.user_lookup",
      title: "user_lookup is still there and the provisioner's",
      compared: same("provisioner", "the function's owner against the one before the restore"),
      ms: 4,
    }),
    check({
      id: "data.owner",
      title: "every object belongs to the sandbox's role",
      compared: same("erp_sandbox_role", "owners in pg_class and pg_proc against the sandbox's role"),
      ms: 22,
    }),
    check({
      id: "data.amcheck",
      title: "every index agrees with its table",
      required: false,
      verdict: "not_run",
      compared: undefined,
      code: "CHECK_NOT_RUN",
      message: "The extension amcheck is not installed, and only a superuser may do so",
      ms: 1,
    }),
    check({
      id: "documents.files",
      part: "documents",
      title: "every file came back, and none besides",
      compared: same(1204, "the backup's index of files against the folder"),
      ms: 640,
    }),
    check({
      id: "documents.hashes",
      part: "documents",
      title: "every file has the bytes of the backup",
      compared: same("51,930,112 bytes", "the SHA-256 of each file in the index against the folder"),
      ms: 812,
    }),
    check({
      id: "browser.sign_in",
      part: "browser",
      title: "one can sign in, and the sign-in page shows the drill's mark",
      compared: same("mark a81f-33", "the mark written into MAIN_HOME against the page's text"),
      ms: 2_410,
    }),
    check({
      id: "browser.company",
      part: "browser",
      title: "the company's name is the restored one",
      compared: same(COMPANY, "MAIN_INFO_SOCIETE_NOM against the page of the company"),
      ms: 910,
    }),
    check({
      id: "browser.invoices",
      part: "browser",
      title: "invoices show their reference, status and total",
      compared: same(
        "22 invoices",
        "llx_facture against the invoice's page: the newest, the oldest and 20 by the seed",
      ),
      details: [
        "FA2511-0001, paid, 768.00 €, Brasserie du Port",
        "FA2611-0012, unpaid, 5,256.00 €, Hôtel des Salines",
        "… 20 more",
      ],
      screenshots: [
        seen(
          "Invoice FA2611-0012 of Hôtel des Salines, 5,256.00 €",
          "/compta/facture/card.php?id=46",
          pictures.invoice,
        ),
      ],
      ms: 9_870,
    }),
    check({
      id: "browser.pdfs",
      part: "browser",
      title: "each invoice's PDF is the file, byte for byte",
      compared: same(
        "22 PDFs",
        "the bytes that the browser got against the restored files and llx_ecm_files.label",
      ),
      ms: 1_730,
    }),
    check({
      id: "browser.logo",
      part: "browser",
      title: "the company's logo is there and can be seen",
      compared: same("3,712 bytes", "the picture that viewimage.php sends against mycompany/logos/logo.png"),
      screenshots: [
        seen(
          "The company's logo",
          "/viewimage.php?modulepart=mycompany&file=logos%2Flogo.png",
          pictures.logo,
          "image/png",
        ),
      ],
      ms: 620,
    }),
    check({
      id: "browser.list",
      part: "browser",
      title: "the list of invoices is as long as the table",
      compared: same(48, "rows of llx_facture against the list's count"),
      screenshots: [seen("The list of customer invoices", "/compta/facture/list.php", pictures.list)],
      ms: 1_980,
    }),
    check({
      id: "browser.mark_file",
      part: "browser",
      title: "the drill's file under mycompany/ is the one that the browser gets",
      compared: same("mark 5c07-e2", "the file that the drill wrote against what the browser got"),
      ms: 180,
    }),
  ];
}

/** Small pictures, painted in memory, once. */
export function paintedPictures(): SamplePictures {
  return painted ??= {
    invoice: paintInvoice(),
    list: paintList(),
    logo: paintLogo(),
    mediaType: "image/png",
  };
}

let painted: SamplePictures | undefined;
