/** The faults of the stand-in, for tests: pages that look fine and are not (docs/facts.md, What looks fine and is not). */

/** One mode for each answer of Dolibarr that looks fine and is not, and some more. */
export const FAULT_MODES = {
  "picture-missing": "viewimage.php answers 200 with a placeholder",
  "document-missing": "document.php answers 200 with ErrorFileDoesNotExists",
  "signed-out": "every page answers 200 with the sign-in form",
  "sql-error": "every page answers 200 with Dolibarr's technical error",
  "sql-error-202": "the same with status 202",
  "logo-fallback": "the sign-in page shows Dolibarr's own logo",
  "thumbnail-missing":
    "the logo's thumbnails are missing, until the company's page creates them again and so hides the loss",
  "slow": "every answer takes `ms` ms",
  "other-company": "the pages are those of another company",
  "other-message": "the sign-in page shows another message than the database has",
  "empty-list": "each list is empty",
  "short-list": "each list shows one row less",
  "wrong-total": "each card shows a total that is a cent higher",
  "wrong-status": "each card shows the status of a draft",
  "other-invoice": "the tabs beside a card show the reference of another invoice",
  "blank-picture": "the statistics draw no chart",
  "altered-pdf": "each PDF has one byte changed",
  "forbidden": "every page denies access",
  "elsewhere": "every page redirects to another address",
  "setup": "the home page redirects to the setup page",
  "install": "every page redirects to the installation page",
  "server-error": "every page answers 500",
  "blank": "every page is blank",
  "php-error": "every page ends in a fatal error of PHP",
  "offline": "Dolibarr says that it is offline",
  "wrong-language": "every page is in another language",
  "script-error": "a script of every page fails",
  "script-elsewhere": "every page has a script of another address, without which its own script fails",
  "console-error": "a script of every page writes an error to the console",
  "asset-missing": "every page refers to a script that does not exist",
} as const;

export type FaultMode = keyof typeof FAULT_MODES;

export interface Fault {
  mode?: FaultMode;
  /** For `slow`. Default 3000. */
  ms: number;
}

const NO_FAULT: Fault = { ms: 0 };

/** The fault in the file; none where there is no file. @throws Error for a mode that does not exist. */
export function readFault(file: string | undefined): Fault {
  if (!file) return NO_FAULT;
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_FAULT;
    throw error;
  }
  const { mode, ms = 3000 } = JSON.parse(text) as { mode?: string; ms?: number };
  if (mode !== undefined && !Object.hasOwn(FAULT_MODES, mode)) {
    throw new Error(`${file}: the fault "${mode}" does not exist`);
  }
  return { mode: mode as FaultMode | undefined, ms };
}

/** What is inserted before the end of each page. */
const INSERTED: Partial<Record<FaultMode, string>> = {
  "script-error": "<script>undefinedFunction();</script>",
  "script-elsewhere": '<script src="http://localhost:9/map.js"></script><script>drawMap();</script>',
  "console-error": '<script>console.error("the chart could not be drawn");</script>',
  "asset-missing": '<script src="/includes/gone.js"></script>',
};

/** The answer with the faults that leave the page what it is. */
export function withFault<Answer extends { body: unknown }>(answer: Answer, { mode }: Fault): Answer {
  const { body } = answer;
  const inserted = mode && INSERTED[mode];
  if (typeof body !== "string") return answer;
  if (mode === "wrong-language") {
    return { ...answer, body: body.replace('<html lang="en">', '<html lang="de">') };
  }
  return inserted ? { ...answer, body: body.replace("</body>", `${inserted}</body>`) } : answer;
}
