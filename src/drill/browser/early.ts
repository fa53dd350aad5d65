/** The drill's browser, which starts while the sandbox is being restored. */

import { DrillError } from "../../base/errors.ts";
import { type BrowserOptions, openBrowser } from "../../dolibarr/pages/visit/browser.ts";

export interface EarlyBrowser extends AsyncDisposable {
  ready: ReturnType<typeof openBrowser>;
}

/** Starts the browser beside the restore, which does not wait for it; what it fails with is told when it is needed. */
export function startEarly(options: Pick<BrowserOptions, "signal" | "certificateAuthority">): EarlyBrowser {
  const ready = openBrowser(options);
  ready.catch(() => undefined); // told by whoever awaits `ready`
  return { ready, [Symbol.asyncDispose]: () => ready.then((browser) => browser.close(), () => undefined) };
}

/** None: whoever wants it is told so. */
export function noBrowser(): EarlyBrowser {
  const refused = Promise.reject(
    new DrillError(
      "CHECK_NOT_RUN",
      "No page was opened: this drill was told not to look",
      "Run it with the browser.",
    ),
  );
  refused.catch(() => undefined); // told by whoever awaits `ready`
  return { ready: refused, [Symbol.asyncDispose]: () => Promise.resolve() };
}
