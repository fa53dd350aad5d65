/** Production's own address against the database that is backed up: code of another version is of another database, or a fault. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";

const OTHER = "backup.in_use/other-version";

describe("the sign-in page of production, when it is backed up", () => {
  let lab: DrillLab;
  beforeAll(async () => void (lab = await startDrillLab("stand-in")));
  afterAll(() => lab[Symbol.asyncDispose]());

  /** A backup into a store of its own: what of the page it looked at, what it found, and what it noted. */
  async function backedUp(prod: OpenEnvironment) {
    await using folder = await temporaryFolder();
    const notes: string[] = [];
    const reporter = { ...silentReporter, note: (text: string) => void notes.push(text) };
    const store = await openFileStore(`file://${folder.path}/store`);
    const signal = AbortSignal.timeout(120_000);
    const { manifest: { findings } } = await backup(prod, store, { reporter, signal });
    return {
      looked: findings!.covers.includes(OTHER),
      found: findings!.findings.filter(({ id }) => id.startsWith("backup.in_use/")),
      note: notes.filter((text) => text.includes("was not compared")),
    };
  }

  it("shows the version of the database, and nothing is found", async () => {
    assertEquals(await backedUp(lab.prod), { looked: true, found: [], note: [] });
  });

  it("is a finding where it shows another version", async () => {
    await using provisioner = await lab.provisioner(lab.prod);
    const name = "MAIN_VERSION_LAST_UPGRADE";
    const [before] = await provisioner.query<{ value: string }>(
      "SELECT value FROM llx_const WHERE name = $1",
      [name],
    );
    await provisioner.query(
      before
        ? "UPDATE llx_const SET value = '23.0.0' WHERE name = $1"
        : "INSERT INTO llx_const (name, entity, value, type, visible) VALUES ($1, 0, '23.0.0', 'chaine', 0)",
      [name],
    );
    try {
      const { looked, found } = await backedUp(lab.prod);
      assertEquals([looked, found.map(({ id }) => id)], [true, ["backup.in_use/prod/other-version"]]);
      assertMatch(
        found[0]!.sentence,
        /^prod: \S+ shows Dolibarr 22\.0\.4, the database that is backed up is of 23\.0\.0/,
      );
    } finally {
      await (before
        ? provisioner.query("UPDATE llx_const SET value = $2 WHERE name = $1", [name, before.value])
        : provisioner.query("DELETE FROM llx_const WHERE name = $1", [name]));
    }
  });

  it("says nothing where it cannot be asked from here, or is another page: that is noted", async () => {
    const other = lab.prod.web.url.replace(/\/*$/, "/theme");
    for (
      const [url, says] of [["http://127.0.0.1:9", /does not answer here/], [other, /answers 404/]] as const
    ) {
      const { looked, found, note } = await backedUp({ ...lab.prod, web: { url } });
      assertEquals([looked, found, note.length], [false, [], 1]);
      assertMatch(note[0]!, says);
    }
  });
});
