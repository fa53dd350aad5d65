/** A document that production lost, as the backup tells it: with the drill's own id, and over a set that is good. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, afterEach, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { backupFindingsOf } from "../../../src/checks/findings/ledger.ts";
import { findingsOf } from "../../../src/checks/findings/judge.ts";
import type { Finding } from "../../../src/checks/result.ts";
import { breakRows } from "../../../src/dolibarr/sandbox/breakages.ts";
import { connect, type Session } from "../../../src/postgres/connection/session.ts";
import { putAcceptance } from "../../../src/store/records/acceptances.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { findSet } from "../../support/store/sets.ts";

const signal = new AbortController().signal;

describe("a document that production lost", () => {
  let lab: DrillLab;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  let config: string;
  /** Of a validated invoice, with its reference. */
  let ref: string;
  let path: string;
  let bytes: Uint8Array;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}`);
    config = await configFor(lab, folder.path);
    await using session = await connect(lab.prod.database);
    const [invoice] = await session.query<{ ref: string; path: string }>(
      "SELECT ref, last_main_doc AS path FROM llx_facture WHERE fk_statut > 0 AND last_main_doc <> '' ORDER BY rowid LIMIT 1",
    );
    ({ ref, path } = invoice!);
    bytes = await Deno.readFile(`${lab.prod.documents}/${path}`);
  });
  afterEach(() => Deno.writeFile(`${lab.prod.documents}/${path}`, bytes));
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const lose = () => Deno.remove(`${lab.prod.documents}/${path}`);
  const take = () => backup(lab.prod, store, { reporter: silentReporter, signal });
  const cli = (...args: string[]) => runCli(["backup", "--config", config, ...args]);
  const bare = ({ id, subject, sentence, facts, document }: Finding) => ({
    id,
    subject,
    sentence,
    facts,
    document,
  });

  /** The folder of the PDF of another validated invoice. */
  async function otherInvoiceFolder(session: Session): Promise<string> {
    const [other] = await session.query<{ path: string }>(
      "SELECT last_main_doc AS path FROM llx_facture WHERE fk_statut > 0 AND last_main_doc <> '' AND ref <> $1 ORDER BY rowid LIMIT 1",
      [ref],
    );
    return other!.path.slice(0, other!.path.lastIndexOf("/"));
  }

  it("is not there on a healthy night, which says what it looked at", async () => {
    const { findings, manifest } = await take();
    assertEquals(findings, []);
    assertEquals(manifest.findings, {
      covers: [
        ...["missing", "empty", "never-made"].map((kind) => `documents.invoices/${kind}`),
        ...["missing", "empty"].map((kind) => `documents.papers/${kind}`),
        "documents.links/not-in-backup",
        ...["quiet", "other-version"].map((kind) => `backup.in_use/${kind}`),
      ],
      findings: [],
    });
    const { code, stdout } = await cli("--strict");
    assertEquals(code, 0);
    assertMatch(stdout, /files?\nprod\/\w+: last change in this database: .* before the backup\n$/);
  });

  it("is told in the last lines, over a good set and exit status 0", async () => {
    await lose();
    const { code, stdout, stderr } = await cli();
    assertEquals(code, 0, stderr);
    const [state, line, back, accept, end] = stdout.split("\n").slice(-5);
    assertEquals(state, "The backup is good. prod has 1 fault that is not accepted:");
    assertMatch(line!, new RegExp(`^- ${ref}: ${path} is missing, since \\d+ \\w+, 1 night$`));
    assertMatch(back!, new RegExp(`^dolibarr-drill extract prod/\\d{8}T\\d{6}Z --document ${path} --to `));
    assertMatch(accept!, new RegExp(`^dolibarr-drill findings accept documents.invoices/${ref}/missing `));
    assertEquals(end, "");
  });

  it("is told in JSON and in metrics, and is exit status 1 with --strict", async () => {
    await lose();
    const metrics = `${folder.path}/backup.prom`;
    const { code, stdout } = await cli("--json", "--strict", "--metrics", metrics);
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const result = resultOf(stdout);
    assertEquals([code, result.exit, result.verdict, result.code], [1, 1, "fail", "CHECK_FAILED"]);
    assertEquals([result.findings, result.accepted], [1, 0]);
    assertStringIncludes(
      String(result.message),
      `is good, but prod has 1 fault that is not accepted: ${ref}: `,
    );
    const [finding, ...others] = events.filter(({ event }) => event === "finding");
    assertEquals([finding.id, finding.state, others], [`documents.invoices/${ref}/missing`, "open", []]);
    const text = await Deno.readTextFile(metrics);
    assertMatch(text, /^dolibarr_backup_findings\{state="open",environment="prod",lab="true"\} 1$/m);
    assertMatch(text, /^dolibarr_backup_exit_status\{environment="prod",lab="true"\} 1$/m);
    assertMatch(text, /^dolibarr_backup_suspect\{environment="prod",lab="true"\} 0$/m);
  });

  it("is in the manifest as the drill's own checks find it in the restored copy", async () => {
    await lose();
    await using session = await connect(lab.prod.database);
    await breakRows(session, "a paper that is not there");
    const folder = `${lab.prod.documents}/${await otherInvoiceFolder(session)}`;
    await Deno.rename(folder, `${folder}-away`);
    await Deno.writeTextFile(folder, "a file where a folder was");
    const { name } = await take().finally(async () => {
      await Deno.remove(folder);
      await Deno.rename(`${folder}-away`, folder);
      await session.query("DELETE FROM llx_ecm_files WHERE filename = 'drill-twin.pdf'");
    });
    const seen = backupFindingsOf(await findSet(store, "prod", name));
    const result = await lab.drill({ store, level: "fast" });
    assertEquals([result.culprit, result.set?.name], ["erp", `prod/${name}`]);
    const found = findingsOf(result.checks).filter(({ id }) => id.startsWith("documents."));
    assert(seen);
    assertEquals(found.length, 3);
    assertEquals(seen.findings.map(bare), found.map(bare));
    assertEquals(seen.findings.map(findingHash), found.map(findingHash));
  });

  it("is told as accepted once a person accepted it, and passes --strict", async () => {
    await lose();
    const { findings: [finding] } = await take();
    const { history: _, ...about } = finding!;
    await putAcceptance(store, {
      environment: "prod",
      finding: about,
      until: "never",
      reason: "burnt",
      by: "anne",
      at: new Date().toISOString(),
    }, crypto.randomUUID());
    const end = await cli("--strict");
    assertEquals(end.code, 0, end.stderr);
    assertEquals(end.stdout.split("\n").slice(-2), ["1 accepted: dolibarr-drill findings", ""]);
    const json = resultOf((await cli("--json")).stdout);
    assertEquals([json.findings, json.accepted], [0, 1]);
  });

  /** A night during whose archiving this is done, and that when it is done. */
  const nightWith = (begins: () => void, ends: () => void = () => {}) =>
    backup(lab.prod, store, {
      signal,
      reporter: {
        ...silentReporter,
        step(title: string) {
          const isArchive = title.startsWith("Archiving the documents");
          if (isArchive) begins();
          const end = () => isArchive ? ends() : undefined;
          return { progress() {}, end, [Symbol.dispose]() {} };
        },
      },
    });

  it("is no finding where it was written while the backup ran, and a drill of that set does not miss it either", async () => {
    const file = `${lab.prod.documents}/${path}`;
    const { findings, manifest, name } = await nightWith(
      () => Deno.removeSync(file),
      () => Deno.writeFileSync(file, bytes),
    );
    assertEquals([findings, manifest.findings?.meanwhile], [[], [path]]);
    const { checks, set } = await lab.drill({ store, level: "fast", opensPages: false });
    const check = checks.find(({ id }) => id === "documents.invoices");
    assertEquals([set?.name, check?.verdict], [`prod/${name}`, "pass"], check?.message);
    const next = await take();
    assertEquals([next.findings, next.manifest.findings?.meanwhile], [[], undefined]);
    await lose();
    assertEquals((await take()).findings.map(({ id }) => id), [`documents.invoices/${ref}/missing`]);
  });

  it("is no finding where nothing names it any more once the documents were read", async () => {
    await using session = await connect(lab.prod.database);
    await breakRows(session, "a paper that is not there");
    let gone: Promise<unknown> = Promise.resolve();
    const unname = () =>
      void (gone = session.query("DELETE FROM llx_ecm_files WHERE filename = 'drill-twin.pdf'"));
    await Deno.writeTextFile(`${lab.prod.documents}/facture/new.txt`, "so that there is an archive to make");
    const { findings, manifest } = await nightWith(unname);
    await gone;
    await Deno.remove(`${lab.prod.documents}/facture/new.txt`);
    assertEquals(findings, []);
    assertMatch(manifest.findings?.meanwhile?.join() ?? "", /drill-twin\.pdf$/);
  });

  it("is another finding where the document is there and empty", async () => {
    await Deno.truncate(`${lab.prod.documents}/${path}`);
    const { findings } = await take();
    assertEquals(findings.map(({ id }) => id), [`documents.invoices/${ref}/empty`]);
  });

  it("is gone once it is put back", async () => assertEquals((await take()).findings, []));

  it("is no fault of the ERP where the backup itself leaves it out", async () => {
    const source = { ...lab.prod, excludes: [path] };
    const { findings } = await backup(source, store, { reporter: silentReporter, signal });
    assertEquals(findings, []);
  });

  it("is not looked for where a half is not read", async () => {
    await lose();
    for (const half of ["db", "docs"] as const) {
      const { findings, manifest } = await backup(lab.prod, store, {
        half,
        reporter: silentReporter,
        signal,
      });
      const covers = (manifest.findings?.covers ?? []).filter((one) => one.startsWith("documents."));
      assertEquals([findings, covers], [[], []], half);
    }
  });

  it("is not looked for in a database that has no such column, which is backed up all the same", async () => {
    await using chief = await lab.provisioner(lab.prod);
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (line: string) => void notes.push(line) };
    await chief.query("ALTER TABLE llx_facture RENAME last_main_doc TO last_doc");
    try {
      const { findings, manifest } = await backup(lab.prod, store, { reporter, signal });
      assertEquals(findings, []);
      const covers = (manifest.findings?.covers ?? []).filter((one) => one.startsWith("documents."));
      assertEquals(covers, [
        "documents.papers/missing",
        "documents.papers/empty",
        "documents.links/not-in-backup",
      ]);
    } finally {
      await chief.query("ALTER TABLE llx_facture RENAME last_doc TO last_main_doc");
    }
    assert(notes.some((line) => /^The PDFs of invoices are not checked: /.test(line)), notes.join("\n"));
  });
});

/** The lab's configuration with another store. */
async function configFor({ configFile }: DrillLab, store: string): Promise<string> {
  const text = await Deno.readTextFile(configFile);
  const file = `${configFile}.findings.yaml`;
  await Deno.writeTextFile(file, text.replace(/file:\/\/[^"'\s,}]+/, `file://${store}`));
  return file;
}
