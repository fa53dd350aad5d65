/** Finds the Dolibarr of the lab, or downloads it (docs/design.md, Which Dolibarr). */

import { DrillError, messageOf } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { requireTool, startTool } from "../../base/process/processes.ts";
import type { Reporter } from "../../base/terminal/reporter.ts";
import { formatDuration } from "../../base/numbers.ts";
import { fileExists } from "../files.ts";

/** The version that this tool is written for. */
export const DOLIBARR_VERSION = "22.0.4";

const RELEASE = `https://github.com/Dolibarr/dolibarr/archive/refs/tags/${DOLIBARR_VERSION}.tar.gz`;

/** A folder that may be an htdocs, and what it is. */
export type FoundDolibarr = { home: string; usable: true; version: string } | {
  home: string;
  usable: false;
  why: string;
};

/** `ours`: it is in our own cache, so that its files may be shared by hard links; any other is copied. */
export type DolibarrChoice =
  | { erp: "real"; home: string; version: string; ours: boolean }
  | { erp: "download" }
  | { erp: "stand-in"; reason: string };

/**
 * Chooses the Dolibarr that DOLIBARR_HOME names, else the one in the cache, else the download, else the stand-in. Pure.
 *
 * @param found `failed` says why the download failed, and is absent before it was tried; `php` says why PHP cannot run it.
 * @throws DrillError `LAB_FAILED` where DOLIBARR_HOME names a folder that is not a Dolibarr.
 */
export function chooseDolibarr(
  found: { named?: FoundDolibarr; cached: FoundDolibarr; php?: string; failed?: string },
): DolibarrChoice {
  const { named, cached, php, failed } = found;
  if (named && !named.usable) {
    throw new DrillError(
      "LAB_FAILED",
      `Cannot use DOLIBARR_HOME=${named.home}: it ${named.why}`,
      `Set it to the htdocs folder of a Dolibarr ${DOLIBARR_VERSION}, or unset it.`,
    );
  }
  if (php !== undefined) return { erp: "stand-in", reason: php };
  if (named) return { erp: "real", home: named.home, version: named.version, ours: false };
  if (cached.usable) return { erp: "real", home: cached.home, version: cached.version, ours: true };
  if (failed === undefined) return { erp: "download" };
  return {
    erp: "stand-in",
    reason: `DOLIBARR_HOME is not set, ${cached.home} ${cached.why}, and the release ${failed}`,
  };
}

/** Whether a folder is an htdocs that the lab can install. Its `conf` is not read. */
export function inspectHtdocs(home: string): FoundDolibarr {
  const no = (why: string): FoundDolibarr => ({ home, usable: false, why });
  if (!fileExists(home)) return no("does not exist");
  const missing = NEEDED.find((file) => !fileExists(`${home}/${file}`));
  if (missing) return no(`has no ${missing}`);
  const code = Deno.readTextFileSync(`${home}/filefunc.inc.php`);
  // patched by distributions: such a copy would read the configuration of the installed ERP, and so reach its database
  const fixed = /^[ \t]*\$conffile\s*=\s*["'](\/[^"']*)/m.exec(
    code + Deno.readTextFileSync(`${home}/install/inc.php`),
  );
  if (fixed) return no(`always reads the configuration ${fixed[1]}`);
  const version = /define\(\s*['"]DOL_VERSION['"]\s*,\s*['"]([^'"]+)['"]/.exec(code)?.[1];
  return version === undefined ? no("does not say which version it is") : { home, usable: true, version };
}

const NEEDED = [
  "filefunc.inc.php",
  "master.inc.php",
  "install/inc.php",
  "install/step1.php",
  "install/step2.php",
  "install/step5.php",
];

/** The htdocs in our own cache. */
function cachedHome(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? "/root"}/.cache`;
  return `${cache}/dolibarr-drill/dolibarr-${DOLIBARR_VERSION}/htdocs`;
}

/** The Dolibarr that is available without the network. */
export function findLocalDolibarr(): { named?: FoundDolibarr; cached: FoundDolibarr } {
  const named = Deno.env.get("DOLIBARR_HOME");
  return {
    ...(named ? { named: inspectHtdocs(named.replace(/\/+$/, "")) } : {}),
    cached: inspectHtdocs(cachedHome()),
  };
}

/**
 * Downloads the release into the cache, completely or not at all.
 * @returns undefined where it succeeded; else the reason, as the end of a sentence that begins with "the release".
 */
export async function downloadRelease(
  reporter: Reporter,
  signal: AbortSignal,
  from = { url: RELEASE, home: cachedHome() },
): Promise<string | undefined> {
  const release = from.home.replace(/\/htdocs$/, ""); // .../dolibarr-22.0.4
  const cache = release.slice(0, release.lastIndexOf("/"));
  const partial = `${cache}/partial-${crypto.randomUUID()}`;
  const name = release.slice(cache.length + 1);
  using step = reporter.step(`Downloading Dolibarr ${DOLIBARR_VERSION}`, "bytes");
  try {
    Deno.mkdirSync(partial, { recursive: true });
    await unpack(from.url, partial, `${name}/htdocs`, step.progress, signal);
    const unpacked = inspectHtdocs(`${partial}/${name}/htdocs`);
    if (!unpacked.usable) return `contains no Dolibarr: it ${unpacked.why}`;
    if (fileExists(release)) Deno.removeSync(release, { recursive: true }); // an unusable one
    Deno.renameSync(`${partial}/${name}`, release);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return `could not be downloaded: ${innermost(error)}`;
  } finally {
    if (fileExists(partial)) Deno.removeSync(partial, { recursive: true });
  }
}

/** The reason of a failed request, which is at the end of the cause's message, after the address. */
function innermost(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause).replace(/^error sending request for url \(.*?\): /, "");
}

async function unpack(
  url: string,
  folder: string,
  member: string,
  progress: (done: number, total?: number) => void,
  signal: AbortSignal,
) {
  using patience = startPatience(limits.dolibarrAnswers, limits.dolibarrDownloads);
  const response = await fetch(url, { signal: AbortSignal.any([signal, patience.signal]) });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`the server answers ${response.status}`);
  }
  const total = Number(response.headers.get("content-length")) || undefined;
  await using tar = startTool(requireTool("tar", "tar"), {
    args: ["-xzf", "-", "-C", folder, member],
    stdin: "piped",
    signal,
  });
  let done = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      patience.again();
      done += chunk.length;
      progress(done, total);
      controller.enqueue(chunk);
    },
  });
  const [, end] = await Promise.all([response.body.pipeThrough(counted).pipeTo(tar.stdin), tar.ended]);
  if (end.code !== 0) throw new Error(`tar cannot unpack it: ${end.stderr.trim().split("\n")[0]}`);
}

/** Aborts where nothing was received for `silent` ms, or where all of it took more than `total` ms. */
function startPatience(silent: number, total: number): Disposable & { signal: AbortSignal; again(): void } {
  const controller = new AbortController();
  const end = (ms: number) =>
    setTimeout(() => controller.abort(new Error(`it took longer than ${formatDuration(ms)}`)), ms);
  let silence = end(silent);
  const whole = end(total);
  return {
    signal: controller.signal,
    again() {
      clearTimeout(silence);
      silence = end(silent);
    },
    [Symbol.dispose]() {
      clearTimeout(silence);
      clearTimeout(whole);
    },
  };
}
