/** A folder of the documents that lies on another volume, behind a link: in no backup, and told each night. */

import { assertEquals, assertMatch, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { findingHash } from "../../../src/store/records/finding_schema.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import type { Store } from "../../../src/store/store.ts";
import { runCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { savedFolder } from "../../support/lab/put_back.ts";

const signal = new AbortController().signal;
const ID = "documents.links/produit/not-in-backup";

describe("a folder of the documents behind a link", () => {
  let lab: DrillLab;
  let files: AsyncDisposable;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let volume: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  let config: string;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    files = await savedFolder(lab.prod.documents);
    folder = await temporaryFolder();
    volume = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}`);
    config = `${lab.configFile}.links.yaml`;
    const text = await Deno.readTextFile(lab.configFile);
    await Deno.writeTextFile(config, text.replace(/file:\/\/[^"'\s,}]+/, `file://${folder.path}`));
    await Deno.mkdir(`${volume.path}/P1`);
    for (const name of ["P1/a.jpg", "P1/b.jpg", "c.pdf"]) {
      await Deno.writeTextFile(`${volume.path}/${name}`, name);
    }
    await Deno.remove(`${lab.prod.documents}/produit`, { recursive: true }).catch(() => {});
    await Deno.symlink(volume.path, `${lab.prod.documents}/produit`);
  });
  afterAll(async () => {
    await files[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    await volume[Symbol.asyncDispose]();
  });

  const take = async () => {
    const { findings, manifest } = await backup(lab.prod, store, { reporter: silentReporter, signal });
    return { findings: findings.filter(({ id }) => id === ID), manifest };
  };

  it("is a finding of every night, with the number of files, and the same one where that grows", async () => {
    const first = await take();
    assertEquals(first.findings.map(({ sentence, facts }) => ({ sentence, facts })), [{
      sentence: `produit is a link to ${volume.path}: 3 files behind it are in no backup`,
      facts: { target: volume.path },
    }]);
    await Deno.writeTextFile(`${volume.path}/d.pdf`, "d");
    const second = await take();
    assertEquals(
      second.manifest.docs.objects,
      first.manifest.docs.objects,
      "nothing that is archived changed",
    );
    assertMatch(second.findings[0]!.sentence, /: 4 files behind it are in no backup$/);
    assertEquals(second.findings.map(findingHash), first.findings.map(findingHash));
  });

  it("is told by the drill as by the backup, which fails until somebody accepts it", async () => {
    const { findings: [told] } = await take();
    const { checks, verdict } = await lab.drill({ store });
    const found = checks.find(({ id }) => id === "documents.links")!;
    assertEquals([verdict, found.verdict, found.findings?.map(({ id, sentence }) => ({ id, sentence }))], [
      "fail",
      "fail",
      [{ id: ID, sentence: told!.sentence }],
    ]);
  });

  it("is told by backup, list, status and findings", async () => {
    for (const verb of [["backup"], ["list", "latest"], ["status"], ["findings"]]) {
      const { stdout } = await runCli([...verb, "--config", config]);
      assertStringIncludes(stdout, "4 files behind it are in no backup", verb[0]);
    }
  });

  it("is archived and restored where it is followed, and is then no finding", async () => {
    const source = { ...lab.prod, follow: { produit: volume.path } };
    const { findings, manifest } = await backup(source, store, { reporter: silentReporter, signal });
    assertEquals(findings.filter(({ id }) => id === ID), []);
    const again = await backup(source, store, { reporter: silentReporter, signal });
    assertEquals(again.manifest.docs.objects, manifest.docs.objects, "the night after nothing changed");
    await Deno.writeTextFile(`${volume.path}/P1/a.jpg`, "other");
    const changed = await backup(source, store, { reporter: silentReporter, signal });
    assertNotEquals(changed.manifest.docs.objects, manifest.docs.objects, "behind the link it did");
    const { checks, verdict } = await lab.drill({ store });
    assertEquals([verdict, checks.find(({ id }) => id === "documents.links")!.verdict], ["pass", "pass"]);
    assertEquals(await Deno.readTextFile(`${lab.sandbox.documents}/produit/P1/a.jpg`), "other");
  });

  it("is not followed to another place, nor where it is no link", async () => {
    const source = { ...lab.prod, follow: { produit: "/srv/volume2/produit" } };
    const refused = () =>
      assertRejects(() => backup(source, store, { reporter: silentReporter, signal }), DrillError);
    const elsewhere = await refused();
    assertEquals(elsewhere.code, "CONFIG_INVALID");
    assertStringIncludes(
      elsewhere.message,
      `/produit to /srv/volume2/produit: it is a link to ${volume.path}`,
    );
    await Deno.remove(`${lab.prod.documents}/produit`);
    assertStringIncludes((await refused()).message, "it is not there");
    await Deno.mkdir(`${lab.prod.documents}/produit`);
    assertStringIncludes((await refused()).message, "it is a directory");
  });

  it("is none where nothing lies behind it", async () => {
    await Deno.remove(`${lab.prod.documents}/produit`, { recursive: true });
    await Deno.symlink(`${volume.path}/gone`, `${lab.prod.documents}/produit`);
    assertEquals((await take()).findings, []);
    const { checks } = await lab.drill({ store });
    assertEquals(checks.find(({ id }) => id === "documents.links")!.verdict, "pass");
  });
});
