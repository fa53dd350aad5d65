/** A restore whose disk fills, the server's or the documents', at several points: one message, and the sandbox is what it was. */

import { assertEquals, assertMatch } from "@std/assert";
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { runTool } from "../../../src/base/process/processes.ts";
import { mountSmallDisk, whyNoDisk } from "../../support/platform/small_disk.ts";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

const skip = await whyNoDisk();
const MB = 1e6;

/** Fills the disk until only `left` bytes are free. */
async function fill(disk: string, left: number): Promise<void> {
  const { bavail, bsize } = statfsSync(disk);
  using file = await Deno.open(`${disk}/filler`, { write: true, create: true });
  const zeros = new Uint8Array(MB);
  for (let rest = bavail * bsize - left; rest > 0;) {
    rest -= await file.write(zeros.subarray(0, Math.min(MB, rest)));
  }
}

/** With so many MB left each: one message, the sandbox as it was, and up; with room again the restore goes through. */
async function isRefused(
  pair: SmallPair,
  disk: string,
  left: readonly number[],
  says: RegExp,
): Promise<void> {
  const before = await pair.state("sandbox");
  for (const megabytes of left) {
    await fill(disk, megabytes * MB);
    const end = await pair.cli("restore");
    await Deno.remove(`${disk}/filler`);
    assertEquals(
      [end.code, await pair.state("sandbox"), pair.isUp("sandbox")],
      [2, before, true],
      end.stderr,
    );
    assertMatch(end.stderr, says);
  }
  assertEquals((await pair.cli("restore")).code, 0);
}

describe("a restore without room", { skip: skip || undefined }, () => {
  it("on the database server's disk is rolled back, however much was loaded by then", async () => {
    await using disk = await mountSmallDisk("200m");
    await Deno.chmod(dirname(disk.path), 0o755); // PostgreSQL's system user must come by
    const tables = `${disk.path}/tables`;
    await runTool("install", { args: ["-d", "-o", "postgres", "-m", "700", tables] });
    await using pair = await startSmallPair({ tablesIn: tables });
    await pair.sql(
      "prod",
      "CREATE TABLE llx_big AS SELECT n AS rowid, repeat(md5(n::text), 8) AS t FROM generate_series(1, 60000) AS n",
    );
    assertEquals((await pair.cli("backup")).code, 0);
    await isRefused(pair, disk.path, [0, 1, 3, 6, 10, 12, 15], /Make room on the database server's disk/);
  });

  it("for the documents is refused before anything is touched, and undone where they turn out larger", async () => {
    await using disk = await mountSmallDisk("12m");
    await using pair = await startSmallPair({ documentsIn: disk.path });
    await Deno.writeFile(
      `${pair.folder}/prod/facture/large.pdf`,
      crypto.getRandomValues(new Uint8Array(60_000)),
    );
    for (let at = 0; at < 80; at++) {
      await Deno.copyFile(
        `${pair.folder}/prod/facture/large.pdf`,
        `${pair.folder}/prod/facture/large${at}.pdf`,
      );
    }
    assertEquals((await pair.cli("backup")).code, 0);
    await isRefused(pair, disk.path, [0.01, 1, 2, 3], /room|space/i);
  });
});
