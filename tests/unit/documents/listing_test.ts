import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { listFiles, sampleFiles } from "../../../src/documents/tree/listing.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { until } from "../../support/until.ts";
import { sh } from "../../support/shell.ts";

const listed = (root: string) => Array.fromAsync(listFiles(root));

describe("the files of a documents tree, listed", () => {
  it("have their inode, and their times to the nanosecond; links and folders are none", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/mycompany/logos`, { recursive: true });
    const path = "mycompany/logos/two words\nand a line é.png";
    await Deno.writeTextFile(`${folder.path}/${path}`, "four");
    await sh(`touch -d '2026-06-30 15:53:13.123456789 UTC' '${folder.path}/${path}'`);
    await Deno.symlink("/etc/passwd", `${folder.path}/link`);
    const [file, ...more] = await listed(folder.path);
    const ctime = (await sh(`stat -c %.9Z '${folder.path}/${path}'`)).trim();
    assertEquals(more, []);
    assertEquals(file, {
      path,
      bytes: 4,
      inode: String((await Deno.stat(`${folder.path}/${path}`)).ino),
      mtimeNs: "1782834793123456789",
      ctimeNs: ctime.replace(".", ""),
    });
  });

  it("are seen through a link to the folder itself, and by a bound mount as the same files", async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/tree`);
    await Deno.writeTextFile(`${folder.path}/tree/a`, "");
    await Deno.symlink(`${folder.path}/tree`, `${folder.path}/link`);
    assertEquals(await listed(`${folder.path}/link`), await listed(`${folder.path}/tree`));
  });

  it("have another ctime, and nothing else that is new, after a change of owner that changes none", async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/a`, "");
    const [before] = await listed(folder.path);
    let now = before;
    // the kernel's clock for it has steps of some ms
    await until("its ctime is another", async () => {
      await Deno.chown(`${folder.path}/a`, Deno.uid(), Deno.gid());
      [now] = await listed(folder.path);
      return now!.ctimeNs !== before!.ctimeNs;
    });
    assertEquals({ ...now, ctimeNs: before!.ctimeNs }, before);
  });

  it("are an error where one folder may not be looked into: nothing is said of a part", {
    skip: Deno.uid() !== 0 ? false : "root may look into every folder",
  }, async () => {
    await using folder = await temporaryFolder();
    await Deno.mkdir(`${folder.path}/closed`, { mode: 0o000 });
    const error = await assertRejects(() => listed(folder.path), DrillError);
    assertEquals(error.code, "DOCUMENTS_UNREADABLE");
    assertMatch(error.message, /closed.*Permission denied/);
  });

  it("are sampled from all parts, the same ones each time; what a restore leaves as it is does not count", async () => {
    const all = Array.from({ length: 500 }, (_, at) => ({
      ...{ path: `facture/${at}.pdf`, bytes: 1, inode: String(9_000 + at), mtimeNs: "1", ctimeNs: "2" },
    }));
    const of = async function* (files: typeof all) {
      yield* files;
      yield { ...all[0]!, path: "install.lock" };
      yield { ...all[0]!, path: ".dolibarr-drill/journal.json" };
    };
    const { files, sample } = await sampleFiles(of(all), 20);
    assertEquals([files, sample.length], [500, 20]);
    assertEquals(await sampleFiles(of(all.toReversed()), 20), { files, sample });
    const at = sample.map(({ inode }) => Number(inode) - 9_000);
    assert(at.some((one) => one < 100) && at.some((one) => one >= 400), `only of one part: ${at}`);
  });
});
