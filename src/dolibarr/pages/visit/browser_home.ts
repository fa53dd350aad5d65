/** The home folder of a browser that trusts a company's own certificate authorities. */

import { DrillError } from "../../../base/errors.ts";
import { limits } from "../../../base/limits.ts";
import { findTool, runTool } from "../../../base/process/processes.ts";
import { waitUntil } from "../../../base/time.ts";
import { removeTree } from "../../../base/files.ts";

/**
 * Makes the folder. Chromium on Linux also trusts the authorities in the NSS database below its home (chromium:
 * docs/linux/cert_management.md), and checks certificates as always otherwise. Disposing removes the folder.
 *
 * @param authorities each certificate as PEM.
 * @throws DrillError `BROWSER_MISSING` where certutil, which writes such a database, is not installed or fails.
 */
export async function makeBrowserHome(
  authorities: readonly string[],
): Promise<{ path: string } & AsyncDisposable> {
  const certutil = findTool("certutil");
  if (!certutil) {
    throw new DrillError(
      "BROWSER_MISSING",
      "Cannot open a browser that trusts web.certificate_authority: certutil is not on the PATH",
      "Install it: apt-get install libnss3-tools. scripts/run does it on Debian.",
    );
  }
  await using made = new AsyncDisposableStack();
  const path = await Deno.makeTempDir({ prefix: "drill-home-" });
  made.defer(() => removeWhole(path));
  const database = `${path}/.pki/nssdb`;
  await Deno.mkdir(database, { recursive: true, mode: 0o700 });
  const commands = authorities.map((pem, at) => {
    Deno.writeTextFileSync(`${path}/${at}.pem`, pem);
    return `-A -a -t "C,," -n authority-${at} -i ../../${at}.pem\n`; // C: trusted to sign for servers, and for nothing else
  });
  await Deno.writeTextFile(`${path}/commands`, commands.join(""));
  for (const args of [["-N", "--empty-password"], ["-B", "-i", "../../commands"]]) {
    const { code, stderr } = await runTool(certutil, {
      args: ["-d", "sql:.", ...args],
      cwd: database,
      signal: AbortSignal.timeout(limits.browserStarts),
    });
    if (code === 0) continue;
    throw new DrillError(
      "BROWSER_MISSING",
      `Cannot open a browser that trusts web.certificate_authority: certutil exited with status ${code}`,
      "Check the certificates of that file: openssl x509 -noout -text -in FILE",
      { details: stderr.trim().split("\n").slice(-4) },
    );
  }
  const resources = made.move();
  return { path, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Removes the folder; processes of the browser may still write there for a moment after it has exited. */
async function removeWhole(path: string): Promise<void> {
  let failure: unknown;
  const isGone = async () => {
    try {
      await removeTree(path);
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  };
  if (!await waitUntil(isGone, limits.processEnds)) throw failure;
}
