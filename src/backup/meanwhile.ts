/** Papers that were written, moved or deleted while the backup ran, so that the rows of its instant name what the archive lacks. */

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { paperOf, readInvoicePapers, usualPaper } from "../dolibarr/papers/invoice_paper.ts";
import { isLogo } from "../dolibarr/papers/lost_papers.ts";
import { readNamedPapers } from "../dolibarr/papers/named_papers.ts";
import { type OpenEnvironment, readingLogin } from "../platform/environment.ts";
import { connect, type Session } from "../postgres/connection/session.ts";
import type { SeenFindings } from "./findings.ts";

/**
 * `seen` without the papers that are missing for the moment alone: such a one is there by now, written since the backup
 * began, or no row names it any more. They are listed, so that a drill of this set misses none of them either; the next
 * backup looks for all that is named then. Where production cannot be asked again all of them stay findings.
 */
export async function withoutMeanwhile(
  seen: SeenFindings,
  source: OpenEnvironment,
  started: Date,
  reporter: Reporter,
): Promise<SeenFindings> {
  const missing = seen.findings.flatMap(({ id, document }) =>
    id.startsWith("documents.") && id.endsWith("/missing") && document ? [document.path] : []
  );
  if (missing.length === 0) return seen;
  let named: ReadonlySet<string>;
  try {
    await using session = await connect(readingLogin(source));
    named = await namedNow(session);
  } catch (error) {
    reporter.note(`What is missing was not looked for again: ${messageOf(error)}`);
    return seen;
  }
  const meanwhile = missing.filter((path) =>
    isWrittenSince(join(source.documents, path), started) || !named.has(path) && !isLogo(path) // which nothing names at all
  );
  if (meanwhile.length === 0) return seen;
  reporter.note(
    `${formatCount(meanwhile.length, "paper")} written, moved or deleted while the backup ran, first ${
      meanwhile[0]
    }: the next backup looks for them`,
  );
  const passed = new Set(meanwhile);
  return {
    ...seen,
    findings: seen.findings.filter(({ document }) => !document || !passed.has(document.path)),
    meanwhile,
  };
}

/** Every path that rows name now. */
async function namedNow(session: Session): Promise<Set<string>> {
  const { invoices, recorded } = await readInvoicePapers(session);
  const { papers } = await readNamedPapers(session);
  return new Set([
    ...invoices.flatMap((row) => [usualPaper(row.ref), paperOf(row, recorded, () => false) ?? ""]),
    ...papers.map(({ path }) => path),
  ]);
}

/** Deno tells when an entry changed in whole seconds. In ms. */
const WHOLE_SECOND = 999;

/** Also one that was moved there: its own times stay, but not when its entry changed. */
function isWrittenSince(file: string, started: Date): boolean {
  if (!existsSync(file)) return false; // also where a file stands in the place of its folder
  const found = statSync(file);
  return found.isFile() && Math.max(found.mtimeMs, found.ctimeMs + WHOLE_SECOND) >= started.getTime();
}
