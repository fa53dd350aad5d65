/** Some cases of the corpus on a lab with thousands of invoices: one loss among all of them is found, and named. */

import { join } from "node:path";
import { CORPUS } from "../fixtures/broken/corpus.ts";
import { backup } from "../src/backup/backup.ts";
import { silentReporter } from "../src/base/terminal/reporter.ts";
import { formatDuration } from "../src/base/numbers.ts";
import { openEnvironment, openStore, protectedOnes } from "../src/cli/command/clients.ts";
import { environmentOf } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import { type DataContext, readDataContext } from "../src/checks/data/context.ts";
import type { CheckResult } from "../src/checks/result.ts";
import { readDemoCompany, withInvoiceCount } from "../src/lab/demo_company.ts";
import { labDestroy, labUp } from "../src/lab/lab.ts";
import { fillStandIn } from "../src/lab/stand_in/stand_in.ts";
import type { OpenEnvironment } from "../src/platform/environment.ts";
import { connect } from "../src/postgres/connection/session.ts";
import { contentOf } from "../src/postgres/connection/snapshot.ts";
import { restore } from "../src/restore/restore.ts";
import { takeLease } from "../src/store/lease/lease.ts";
import { findSet } from "../tests/support/store/sets.ts";
import { judgeCase, judgeSandbox } from "../tests/support/lab/broken_cases.ts";
import { asProvisioner } from "../tests/support/lab/drill_lab.ts";

/** One of all PDFs, one cent of one total, one line of the log. */
const CASES = ["pdf-missing", "invoice-total-off", "log-line-gone"];

const signal = new AbortController().signal;
const quiet = { reporter: silentReporter, signal };

/**
 * Fills a stand-in in `folder` with so many invoices, backs it up, restores it, and breaks the sandbox in three ways, one
 * after the other. The lab is removed afterwards.
 * @returns the number of cases, with the untouched state, on which other checks failed than expected.
 */
export async function soakCorpus(
  folder: string,
  invoices: number,
  say: (line: string) => Promise<void>,
): Promise<number> {
  await using _gone = { [Symbol.asyncDispose]: async () => void await labDestroy(folder) };
  await using lab = await labUp({ folder, ...quiet, erp: "stand-in" });
  const config = await loadConfig(lab.configFile);
  const open = (name: string) => openEnvironment(environmentOf(config, name), silentReporter);
  const [prod, sandbox] = [await open("prod"), await open("sandbox")];
  const store = await openStore(config.store);
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    await say(`${what}: ${formatDuration(performance.now() - began)}`);
    return result;
  };

  await timed(`${invoices} invoices with their PDFs`, () => refill(prod, invoices));
  await timed("backup", () => backup(prod, store, quiet));
  const set = await findSet(store, "prod", "latest");
  await using lease = await takeLease(store, "sandbox", "drill", { signal });
  const others = protectedOnes(config, { from: "prod", into: "sandbox" }, silentReporter);
  const proof = await timed(
    "restore",
    () => restore(set, sandbox, store, { ...quiet, lease, protectedOnes: others }),
  );
  await using _workload = proof.workload;
  await using session = await connect(sandbox.database);
  const vanished = { listed: 1, missing: [], exchanged: [] };
  const known = {
    proof,
    newer: [],
    vanished,
    sandbox,
    session,
    maxAgeMs: 3_600_000,
    level: "standard" as const,
  };
  const whole: DataContext = await readDataContext(
    { ...known, choice: { count: 1, seed: "soak" } }, // as in the corpus: only the newest is opened
    () => contentOf(session),
  );
  const untouched = problemsOf(await timed("all checks on the untouched one", () => judgeSandbox(whole)));
  await say(untouched.length === 0 ? "  PASS" : `  ${untouched.join("\n  ")}`);
  await using provisioner = await connect(await asProvisioner(folder, sandbox));
  let wrong = untouched.length === 0 ? 0 : 1;
  for (const broken of CORPUS.filter(({ id }) => CASES.includes(id))) {
    const found = problemsOf(await timed(broken.what, () => judgeCase(broken, whole, provisioner)));
    await say(`  ${found.join("\n  ") || "no check failed"}`);
    const expected = broken.failedBy.map(({ check }) =>
      check
    ).join() === found.map((line) => line.split(":")[0]).join();
    if (!expected) wrong++;
  }
  return wrong;
}

/** Empties production's database and documents, and fills them with one invoice a day. */
async function refill({ database, documents }: OpenEnvironment, count: number): Promise<void> {
  {
    await using session = await connect(database);
    await session.query("DROP OWNED BY CURRENT_USER CASCADE");
  }
  for (const { name } of Deno.readDirSync(documents)) {
    Deno.removeSync(join(documents, name), { recursive: true });
  }
  const company = readDemoCompany(new URL("../fixtures/company.json", import.meta.url).pathname);
  await fillStandIn({ database, documents, company: withInvoiceCount(company, count), ...quiet });
}

const problemsOf = (results: readonly CheckResult[]): string[] =>
  results.filter(({ verdict, code }) => verdict !== "pass" && code !== "NOTHING_TO_CHECK").map((
    { id, message },
  ) => `${id}: ${message}`);
