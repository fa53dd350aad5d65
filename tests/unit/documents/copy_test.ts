import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import type { CopyOptions, CopyProof } from "../../../src/documents/copy/copy.ts";
import { unchangedSince } from "../../../src/documents/archive/unchanged.ts";
import { keptWithFolders } from "../../../src/documents/tree/walk.ts";
import { commitSwap, swapIn } from "../../../src/documents/swap/swap.ts";
import { copyTo, prepareAt } from "../../support/documents/by_path.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, placeOf, readTree } from "../../support/documents/swap_trees.ts";

const signal = new AbortController().signal;
const SOURCE = {
  "install.lock": "",
  "dolibarr.log": "noise",
  "facture/FA1/FA1.pdf": "%PDF a paper",
  "facture/temp/x": "noise",
  "mycompany/logos/logo été.png": "picture",
  "mycompany/logos/thumbs": null,
  "mycompany/newest": { link: "../facture/FA1/FA1.pdf" },
  "out": { link: "/etc/passwd" },
  ".mycompany.drill-old/logos/a": "of a restore",
  "lost+found/#1": "of the volume",
};

/** Copies a tree of its own into a new folder. */
async function copied(
  tree: Parameters<typeof makeTree>[1],
  options: Partial<CopyOptions>,
  change: (source: string, staged: string) => void = () => {},
) {
  await using folder = await temporaryFolder();
  const [source, staged] = [`${folder.path}/source`, `${folder.path}/staged`];
  makeTree(source, tree);
  Deno.mkdirSync(staged);
  change(source, staged);
  const proof = await copyTo({ documents: source }, staged, { signal, ...options });
  return { proof, tree: readTree(staged), info: (path: string) => Deno.lstatSync(`${staged}/${path}`) };
}

const paths = ({ index }: CopyProof) => index.files.map(({ path }) => path);

describe("a copy of documents in use", () => {
  it("has what a row names whatever the defaults say, and what lies behind a link that is followed", async () => {
    await using folder = await temporaryFolder();
    const [source, staged, volume] = ["source", "staged", "volume"].map((name) =>
      `${folder.path}/${name}`
    ) as [
      string,
      string,
      string,
    ];
    makeTree(source, { "ecm/temp/plan.pdf": "plan", "ecm/temp/other": "noise", "produit": { link: volume } });
    makeTree(volume, { "P1/a.jpg": "a" });
    Deno.mkdirSync(staged);
    const from = {
      documents: source,
      follow: { produit: volume },
      kept: keptWithFolders(["ecm/temp/plan.pdf"]),
    };
    const { index } = await copyTo(from, staged, { signal });
    assertEquals(readTree(staged), { "ecm/temp/plan.pdf": "plan", "produit/P1/a.jpg": "a" });
    assertEquals([index.keepsNamed, index.leftOut], [true, undefined]);
  });

  it("is what a backup would take, with bytes, times, rights and links", async () => {
    await using folder = await temporaryFolder();
    const [source, staged] = [`${folder.path}/source`, `${folder.path}/staged`];
    makeTree(source, SOURCE);
    Deno.chmodSync(`${source}/facture/FA1/FA1.pdf`, 0o4750);
    Deno.utimeSync(`${source}/facture/FA1/FA1.pdf`, 1_700_000_000.123, 1_700_000_000.123);
    Deno.utimeSync(`${source}/facture`, 1_600_000_000, 1_600_000_000);
    Deno.mkdirSync(staged);
    const owner = Deno.uid() === 0 ? { uid: 33, gid: 34 } : undefined;
    const takenAt = new Date();
    const proof = await copyTo({ documents: source }, staged, { signal, owner });
    const { "mycompany/newest": newest } = SOURCE;
    assertEquals(readTree(staged), {
      "install.lock": "",
      "facture/FA1/FA1.pdf": "%PDF a paper",
      "facture/temp": null,
      "mycompany/logos/logo été.png": "picture",
      "mycompany/logos/thumbs": null,
      "mycompany/newest": newest,
    });
    const { mode, mtime, uid, gid } = Deno.lstatSync(`${staged}/facture/FA1/FA1.pdf`);
    assertEquals([mode! & 0o7777, mtime?.getTime()], [0o750, 1_700_000_000_123]);
    assertEquals([uid, gid], owner ? [33, 34] : [Deno.uid(), Deno.gid()]);
    assertEquals(Deno.lstatSync(`${staged}/facture`).mtime?.getTime(), 1_600_000_000_000);
    assertEquals(proof.proof, { files: 3, bytes: 19 });
    assertEquals(proof.warnings, []);
    assertEquals(proof.leftOut.map(({ what }) => what), ["out"]);
    assertEquals(proof.index.files[0]!.sha256, sha256Of("%PDF a paper"));
    assert(
      (await unchangedSince({ documents: source }, { index: proof.index, takenAt }, { signal })).unchanged,
    );
    assert(
      (await unchangedSince({ documents: staged }, { index: { ...proof.index, leftOut: [] }, takenAt }, {
        signal,
        paranoid: true,
      })).unchanged,
    );
  });

  it("of one folder goes in the place of that folder alone, also where there is none", async () => {
    for (const there of [true, false]) {
      await using folder = await temporaryFolder();
      const [source, target] = [`${folder.path}/source`, `${folder.path}/target`];
      makeTree(source, SOURCE);
      makeTree(target, { "facture/a": "the sandbox's", ...(there ? { "mycompany/old": "old" } : {}) });
      const root = `${target}/mycompany`;
      const staged = await prepareAt(placeOf(root), "id", { alone: true });
      const proof = await copyTo({ documents: source }, staged, { signal, folder: "mycompany" });
      await swapIn(placeOf(root), "id");
      await commitSwap(placeOf(root));
      assertEquals(readTree(target), {
        "facture/a": "the sandbox's",
        "mycompany/logos/logo été.png": "picture",
        "mycompany/logos/thumbs": null,
        "mycompany/newest": { link: "../facture/FA1/FA1.pdf" },
      });
      assertEquals(paths(proof), ["mycompany/logos/logo été.png"]);
      assertEquals(proof.index.links, [{ path: "mycompany/newest", target: "../facture/FA1/FA1.pdf" }]);
    }
  });

  // deno-fmt-ignore: a line each
  const refused: [what: string, tree: Parameters<typeof makeTree>[1], folder: string | undefined, says: RegExp][] = [
    ["a folder that is not there", { a: "a" }, "mycompany", /mycompany: it is not there/],
    ["a folder that is a file", { mycompany: "a" }, "mycompany", /it is a file, not a folder/],
    ["a folder that is a link", { mycompany: { link: "elsewhere" }, "elsewhere/a": "a" }, "mycompany", /it is a link, not a folder/],
    ["a folder without a file, as a volume that is not mounted", { "mycompany/logos": null }, "mycompany", /not one file/],
    ["documents without a file", { mycompany: null }, undefined, /not one file/],
    ["a folder elsewhere", { a: "a" }, "../x", /leaves the tree/],
  ];
  for (const [what, tree, folder, says] of refused) {
    it(`is refused of ${what}`, async () => {
      const error = await assertRejects(() => copied(tree, { folder }), DrillError);
      assertMatch(error.message, says);
    });
  }

  const LARGE = 80_000_000;
  /** A large file that is first in line, and small ones behind it, which are not read yet when it begins. */
  const inUse = (change: (source: string) => void) =>
    copied(
      Object.fromEntries(["b", "c", "d"].map((name) => [name, name.repeat(9)])),
      {},
      (source, staged) => {
        Deno.writeTextFileSync(`${source}/a`, "a"); // the copy has a size as soon as this is written
        Deno.truncateSync(`${source}/a`, LARGE); // all else is zeros, which take no room
        const look = setInterval(() => {
          try {
            if (Deno.lstatSync(`${staged}/a`).size === 0) return; // nothing of it was read yet
          } catch {
            return; // not yet
          }
          clearInterval(look);
          change(source);
        }, 1);
      },
    );
  type InUse = Awaited<ReturnType<typeof inUse>>;
  /** Again, where the change came too late: a busy machine may let the whole copy go first. */
  async function inUseUntil(
    cameInTime: (found: InUse) => boolean,
    change: (source: string) => void,
  ): Promise<InUse> {
    while (true) {
      const found = await inUse(change);
      if (cameInTime(found)) return found;
    }
  }

  it("reads again what changes while it is read, and says so", async () => {
    const { proof, tree } = await inUseUntil(
      ({ proof }) => proof.index.files[0]!.changed === true,
      (source) => Deno.writeTextFileSync(`${source}/a`, "now small"),
    );
    assertEquals(tree.a, "now small");
    assertEquals(proof.warnings, ["a changed while it was copied, and was copied again"]);
    assertEquals(proof.index.files[0], {
      ...proof.index.files[0]!,
      path: "a",
      bytes: 9,
      sha256: sha256Of("now small"),
      changed: true,
    });
  });

  it("leaves out what vanishes, and says so", async () => {
    const { proof, tree } = await inUseUntil(
      ({ proof }) => proof.warnings.length > 0,
      (source) => Deno.removeSync(`${source}/c`),
    );
    assertEquals(Object.keys(tree).sort(), ["a", "b", "d"]);
    assertEquals(proof.warnings, ["c vanished while the documents were copied: it is not in the copy"]);
  });

  it("is refused when most of it vanishes", async () => {
    const error = await assertRejects(
      () =>
        inUseUntil(
          () => false,
          (source) => ["b", "c", "d"].forEach((name) => Deno.removeSync(`${source}/${name}`)),
        ),
      DrillError,
    );
    assertMatch(error.message, /3 of 4 files vanished/);
  });

  it("ends at once when it is interrupted", async () => {
    const stop = new AbortController();
    const error = await assertRejects(() =>
      copied({ a: "a" }, { signal: stop.signal }, (source) => {
        Deno.writeTextFileSync(`${source}/large`, "");
        Deno.truncateSync(`${source}/large`, 4_000_000_000);
        setTimeout(() => stop.abort(new DOMException("Interrupted", "AbortError")), 50);
      }), DOMException);
    assertEquals(error.name, "AbortError");
  });
});
