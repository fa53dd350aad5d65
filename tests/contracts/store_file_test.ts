import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../src/base/errors.ts";
import { thisProcess } from "../../src/base/process/holder.ts";
import { requireTool, runTool } from "../../src/base/process/processes.ts";
import { bytesOf } from "../../src/base/streams.ts";
import { openFileStore } from "../../src/store/drivers/file.ts";
import { temporaryFolder } from "../support/folder.ts";
import { mountSmallDisk, whyNoDisk } from "../support/platform/small_disk.ts";
import { describeLeases } from "./leases.ts";
import { describeStore, type StartedStore } from "./store.ts";

async function startStore(): Promise<StartedStore> {
  const folder = await temporaryFolder();
  return {
    store: await openFileStore(`file://${folder.path}/store with blank`.replaceAll(" ", "%20")),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describeStore("file", startStore);
describeLeases("file", startStore);

describe("a folder as the store", () => {
  it("leaves no part behind, neither of a put that broke off nor of a process that is gone", async () => {
    await using folder = await temporaryFolder();
    const url = `file://${folder.path}`;
    const store = await openFileStore(url);
    await store.put("prod/db/a.dump", bytesOf("x"));
    const { host, boot, machine, namespace } = thisProcess();
    const gone = [host, boot, 4194311, 1, "dead"].join("~");
    const alive = [
      "elsewhere~x~1~1~alive",
      `elsewhere~x~1~1~alive~${machine}~${namespace}`,
      `${gone}~${machine}~4026530000`, // a container's, with the same name of host
      `${gone}~0123456789abcdef0123456789abcdef~${namespace}`,
    ];
    const forgotten = `${gone}~old`; // of an earlier version, which told less of whose it is
    for (const name of [...alive, gone, forgotten, `${gone}~${machine}~${namespace}`]) {
      await Deno.writeTextFile(`${folder.path}/.parts/${name}`, "half");
    }
    await Deno.utime(`${folder.path}/.parts/${forgotten}`, 0, 0);
    await openFileStore(url);
    assertEquals(
      [...Deno.readDirSync(`${folder.path}/.parts`)].map(({ name }) => name).toSorted(),
      [...alive, gone].toSorted(),
    );
  });

  it("is opened while another run puts objects, whose parts come and go", async () => {
    await using folder = await temporaryFolder();
    const url = `file://${folder.path}`;
    const store = await openFileStore(url);
    const puts = Array.from({ length: 200 }, (_, at) => `prod/db/${at}.dump`);
    const putting = (async () => {
      for (const key of puts) await store.put(key, bytesOf("x"));
    })();
    let done = false;
    putting.finally(() => done = true);
    while (!done) await openFileStore(url);
    await putting;
    assertEquals((await Array.fromAsync(store.list(""))).length, puts.length);
  });

  it("names its parts so that a later one knows whose they are", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    const names: string[] = [];
    await store.put(
      "prod/db/a.dump",
      (async function* () {
        names.push(...[...Deno.readDirSync(`${folder.path}/.parts`)].map(({ name }) => name));
        yield* bytesOf("x");
      })(),
    );
    const { host, boot, pid, start, machine, namespace } = thisProcess();
    const [theirs] = names.map((name) => name.split("~").toSpliced(4, 1));
    assertEquals(theirs, [host, boot, String(pid), start, machine, namespace]);
  });

  it("says what to look at when it cannot be opened", async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/file`, "");
    const error = await assertRejects(() => openFileStore(`file://${folder.path}/file/store`), DrillError);
    assertEquals([error.code, error.hint.includes("store.url")], ["STORE_UNREACHABLE", true]);
  });
});

const noDisk = await whyNoDisk();

describe("a folder that refuses", () => {
  it(
    "says that it is full, leaves nothing of the object, and what there was as it is",
    { skip: noDisk },
    async () => {
      await using disk = await mountSmallDisk("4m");
      const store = await openFileStore(`file://${disk.path}/store`);
      await store.put("prod/db/there.dump", bytesOf("there"));
      const error = await assertRejects(
        () => store.put("prod/db/large.dump", bytesOf(new Uint8Array(8 * 1024 * 1024))),
        DrillError,
      );
      assertEquals([error.code, error.message], [
        "DISK_FULL",
        "Cannot write prod/db/large.dump: the disk is full",
      ]);
      assertMatch(error.hint, /^Make room on the store's disk/);
      assertEquals(await Array.fromAsync(store.list(""), ({ key }) => key), ["prod/db/there.dump"]);
      assertEquals([...Deno.readDirSync(`${disk.path}/store/.parts`)], []);
      await store.put("prod/db/fits.dump", bytesOf(new Uint8Array(1024 * 1024)));
    },
  );

  it("says that it may not be written or deleted in, and loses nothing", { skip: noDisk }, async () => {
    await using disk = await mountSmallDisk("4m");
    const store = await openFileStore(`file://${disk.path}/store`);
    await store.put("prod/db/there.dump", bytesOf("there"));
    const mode = (how: string) =>
      runTool(requireTool("mount", "mount"), { args: ["-o", `remount,${how}`, disk.path] });
    await mode("ro");
    try {
      for (const action of [() => store.delete("prod/db/there.dump"), () => store.put("a", bytesOf("b"))]) {
        assertEquals((await assertRejects(action, DrillError)).code, "STORE_FAILED");
      }
      assertEquals((await store.head("prod/db/there.dump"))?.bytes, 5);
      const error = await assertRejects(() => openFileStore(`file://${disk.path}/other`), DrillError);
      assertEquals(error.code, "STORE_UNREACHABLE");
    } finally {
      await mode("rw");
    }
  });

  it("is not made where the folder above it is not there: a volume that is not mounted", async () => {
    await using folder = await temporaryFolder();
    const error = await assertRejects(() => openFileStore(`file://${folder.path}/volume/store`), DrillError);
    assertEquals(error.code, "STORE_UNREACHABLE");
  });
});
