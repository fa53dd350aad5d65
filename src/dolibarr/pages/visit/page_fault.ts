/** The error for a page that is not what it should be, with the hint for its cause; and for an address without an answer. */

import { DrillError } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { requestReason, untrusted } from "../../../base/web_errors.ts";
import { formatDuration } from "../../../base/numbers.ts";
import type { Disguise, DisguiseKind } from "./disguises.ts";
import { pathOf } from "./page_errors.ts";

/** A page that is not what it should be. The message names the cause; `kind` is for programs. */
export class PageFault extends DrillError {
  readonly kind: DisguiseKind;
  readonly url: string;

  constructor(url: string, { kind, sentence }: Disguise, details: readonly string[] = []) {
    super(
      "CHECK_FAILED",
      `Cannot read ${pathOf(url)}: ${sentence}`,
      HINTS[kind] ?? `Open the page in a browser: ${url}`,
      { details },
    );
    this.kind = kind;
    this.url = url;
  }
}

/** What to do next, where the cause says more than the address does. */
const HINTS: Partial<Record<DisguiseKind, string>> = {
  another_address: "Check the ingress, and $dolibarr_main_url_root in conf.php.",
  install_page:
    "Compare llx_const.MAIN_VERSION_LAST_UPGRADE with the version of the program: the sandbox must run the version of the backup.",
  setup_page: "The constants of the company (MAIN_INFO_SOCIETE_NOM) are missing in the restored database.",
  technical_error:
    "A table, a column or a function is missing in the restored database, or its owner may not read it.",
  access_forbidden: "Give the account the right to read this part of the ERP (llx_user_rights).",
  record_not_found: "The row is missing in the restored database.",
  file_does_not_exist: "The database names a file that is missing in the restored documents.",
  no_photo: "The database names a picture that is missing in the restored documents.",
  fallback_logo: "Check mycompany/logos in the restored documents.",
  wrong_language:
    "Compare llx_const.MAIN_LANG_DEFAULT with the language of the page, and check the program's folder langs.",
  page_error:
    "Open the page in a browser and read its console. Check that the program is complete and of the version of the backup.",
  wrong_password: "Check that web.user is an account of this ERP, and web.password its password.",
};

/** The DrillError for a request that got no answer: `WEB_UNREACHABLE`, `TIME_LIMIT`, `BROWSER_MISSING`. */
export function unreachable(url: string, error: unknown): DrillError {
  const distrust = untrusted(url, error);
  if (distrust) return distrust;
  const reason = requestReason(error).replace(/^[\w.]+: /, "");
  if (/has been closed|[Tt]arget crashed|[Pp]age crashed|Connection closed/.test(reason)) {
    return new DrillError(
      "BROWSER_MISSING",
      `Cannot read ${url}: Chromium has exited`,
      "Run it again. If it happens again, check the free memory of this machine: Chromium needs about 300 MB.",
      { cause: error },
    );
  }
  if (/Timeout \d+ms exceeded|signal timed out/.test(reason) || isTimeout(error)) {
    return new DrillError(
      "TIME_LIMIT",
      `Cannot read ${url}: no complete answer within ${formatDuration(limits.pageAnswers)}`,
      "Read the ERP's own log, and check the load of its machine.",
      { cause: error },
    );
  }
  return new DrillError(
    "WEB_UNREACHABLE",
    `Cannot reach ${url}: ${reason}`,
    `Check that the ERP is started, and that web.url is its address: curl -sv ${url}`,
    { cause: error },
  );
}

const isTimeout = (error: unknown) => error instanceof DOMException && error.name === "TimeoutError";
