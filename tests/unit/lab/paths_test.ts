import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import {
  decideLocation,
  findLabPaths,
  findOrphanedLabs,
  type FolderMode,
  labTag,
} from "../../../src/lab/paths.ts";
import { choosePorts, findFreePort, isFreePort } from "../../../src/lab/servers/ports.ts";
import { temporaryFolder } from "../../support/folder.ts";

const POSTGRES = { uid: 101, gid: 102 };
const TAG = "dolibarr-drill-0123456789ab";

describe("where a lab's data lie", () => {
  const parents = (mode: number, uid = 0, gid = 0): FolderMode[] => [
    { path: "/srv/anne", mode, uid, gid },
    { path: "/srv", mode: 0o755, uid: 0, gid: 0 },
  ];
  const at = (folder: string, above: FolderMode[], server?: typeof POSTGRES) =>
    decideLocation(folder, TAG, above, server).at;

  it("is the folder itself where PostgreSQL's user can enter all above it", () => {
    assertEquals(at("/srv/anne/.lab", parents(0o755), POSTGRES), "folder");
    assertEquals(at("/srv/anne/.lab", parents(0o710, 0, 102), POSTGRES), "folder");
    assertEquals(at("/srv/anne/.lab", parents(0o700, 101), POSTGRES), "folder");
  });

  it("is aside where it cannot, and says which folder", () => {
    assertEquals(decideLocation("/srv/anne/.lab", TAG, parents(0o700), POSTGRES), {
      at: "aside",
      root: `/var/tmp/${TAG}`,
      reason: "PostgreSQL's system user cannot enter /srv/anne",
    });
    assertEquals(at("/srv/anne/.lab", parents(0o771, 101), POSTGRES), "folder");
    assertEquals(at("/srv/anne/.lab", parents(0o601, 101), POSTGRES), "aside");
  });

  it("is the folder itself when everything runs as one user, who is there already", () => {
    assertEquals(at("/srv/anne/.lab", parents(0o700)), "folder");
  });

  for (const folder of ["/srv/my lab/.lab", "/srv/café/.lab", "/srv/a;b/.lab", "/srv/a--b/.lab"]) {
    it(`is aside for ${folder}, which Dolibarr or PHP would change`, () => {
      assertEquals(at(folder, parents(0o755), POSTGRES), "aside");
    });
  }
});

describe("the folder of a lab", () => {
  it("has a name of its own for each path", async () => {
    const tag = await labTag("/srv/anne/.lab");
    assertEquals(tag.length, TAG.length);
    assertNotEquals(tag, await labTag("/srv/bert/.lab"));
  });

  it("is made only when it is asked for, and is then found again", async () => {
    await using folder = await temporaryFolder();
    const lab = `${folder.path}/.lab`;
    assertEquals(await findLabPaths(lab), undefined);
    const paths = await findLabPaths(lab, { make: {} });
    assertEquals(paths?.root, lab);
    Deno.writeTextFileSync(`${lab}/lab.json`, "{}");
    assertEquals(await findLabPaths(lab), paths);
  });

  it("aside is linked, and made again when somebody emptied /var/tmp", async () => {
    await using folder = await temporaryFolder();
    const lab = `${folder.path}/my lab`;
    const paths = await findLabPaths(lab, { make: {} });
    const root = `/var/tmp/${await labTag(lab)}`;
    assertEquals([paths?.root, Deno.readLinkSync(lab)], [root, root]);
    Deno.removeSync(root, { recursive: true });
    await assertRejects(() => Deno.stat(lab), Deno.errors.NotFound);
    assertEquals((await findLabPaths(lab, { make: {} }))?.root, root);
    Deno.removeSync(root, { recursive: true });
  });

  it("aside is an orphan when its link is gone, and only then", async () => {
    await using folder = await temporaryFolder();
    const lab = `${folder.path}/my lab`;
    const root = (await findLabPaths(lab, { make: {} }))!.root;
    const orphans = () => findOrphanedLabs().map((paths) => paths.root).filter((one) => one === root);
    assertEquals(orphans(), []);
    Deno.removeSync(lab);
    assertEquals(orphans(), [root]);
    Deno.removeSync(`${root}/link`);
    assertEquals(orphans(), [], "a folder that does not say whose it is stays");
    Deno.removeSync(root, { recursive: true });
  });

  it("is refused when it is a file, or when nothing is above it", async () => {
    await using folder = await temporaryFolder();
    Deno.writeTextFileSync(`${folder.path}/file`, "");
    await assertRejects(() => findLabPaths(`${folder.path}/file`, { make: {} }), DrillError, "it is a file");
    await assertRejects(
      () => findLabPaths(`${folder.path}/no/.lab`, { make: {} }),
      DrillError,
      "its parent folder does not exist",
    );
  });
});

describe("the ports of a lab", () => {
  const last = { postgres: 5001, pooler: 5002, prod: 5003, sandbox: 5004 };
  const counting = (port: number) => () => port++;

  it("stay as they were while nobody else has them", () => {
    assertEquals(choosePorts(last, () => true, counting(6000)), last);
  });

  it("are new where somebody has taken one, and no two are the same", () => {
    assertEquals(choosePorts(last, (port) => port !== 5002, counting(5003)), {
      postgres: 5001,
      pooler: 5003,
      prod: 5004,
      sandbox: 5005,
    });
    assertEquals(new Set(Object.values(choosePorts({}, () => true, counting(6000)))).size, 4);
  });

  it("are free when nobody listens, and not when somebody does", () => {
    const port = findFreePort();
    assertEquals(isFreePort(port), true);
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    assertEquals(isFreePort(port), false);
  });
});
