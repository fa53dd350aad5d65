/** A backup whose store fails at any of its calls: the last good set is whole, and no set claims more than it holds. */

import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { makeVerifier } from "../../../src/backup/verify.ts";
import { OwnFolder } from "../../../src/base/own_folder.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { bytesOf } from "../../../src/base/streams.ts";
import type { OpenEnvironment } from "../../../src/platform/environment.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { isLegacy, objectsOfSet } from "../../../src/store/sets/sets.ts";
import type { Store } from "../../../src/store/store.ts";
import { type Fault, faultyStore } from "../../support/store/faulty_store.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { type PostgresServer, startPostgresServer } from "../../support/platform/postgres_server.ts";

const signal = new AbortController().signal;
const quiet = { reporter: silentReporter, signal };

describe("a backup into a store that fails", () => {
  let server: PostgresServer;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let source: OpenEnvironment;
  let first: string;

  beforeAll(async () => {
    server = await startPostgresServer();
    folder = await temporaryFolder();
    const documents = `${folder.path}/documents`;
    await Deno.mkdir(`${documents}/facture`, { recursive: true });
    await Deno.writeTextFile(`${documents}/facture/FA1.pdf`, "%PDF-1.7");
    await using session = await connect(server.database);
    await session.query("CREATE TABLE llx_facture AS SELECT n AS rowid FROM generate_series(1, 50) AS n");
    const never = () => Promise.reject(new Error("a backup neither stops a workload nor asks one"));
    const workload = { stop: never, state: never, left: never, start: never, forget: never };
    const web = { url: "https://erp.example" };
    const state = new OwnFolder(undefined); // a backup needs none
    source = { name: "prod", disposable: false, database: server.database, documents, web, workload, state };
    first = (await backup(source, await openFileStore(`file://${folder.path}/first`), quiet)).name;
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** A store of its own with one good set. */
  async function withSet(body: (store: Store) => Promise<void>) {
    await using place = await temporaryFolder();
    const url = `file://${place.path}/store`;
    const [from, to] = [await openFileStore(`file://${folder.path}/first`), await openFileStore(url)];
    for await (const { key } of from.list("")) await to.put(key, from.get(key));
    await body(to);
  }

  /** As if the process had ended: its lease and its run are then those of one that is gone. */
  async function bury(store: Store) {
    for (const { key } of await Array.fromAsync(store.list("prod/"))) {
      if (!/^prod\/(lease|runs)\//.test(key)) continue;
      const body = JSON.parse(await new Response(ReadableStream.from(store.get(key))).text());
      body.holder.pid = 2 ** 22 + 7;
      await store.put(key, bytesOf(JSON.stringify(body)));
    }
  }

  /** Every set is whole to the byte; the first one is among them; then a new run leaves nothing over. */
  async function assertSound(store: Store, where: string) {
    const inventory = await readInventory(store, "prod");
    assertEquals(inventory.sets.filter(isLegacy), [], where);
    assert(inventory.sets.some(({ name }) => name === first), where);
    const verifier = makeVerifier(store, quiet);
    for (const set of inventory.sets) assertEquals((await verifier.verify(set)).problems, [], where);

    await bury(store);
    await backup(source, store, quiet);
    const after = await readInventory(store, "prod");
    const needed = new Set(after.sets.flatMap(objectsOfSet).map(({ key }) => key));
    assertEquals([...after.objects.keys()].filter((key) => !needed.has(key)), [], where);
    assertEquals(after.runs, [], where);
    assert(after.sets.length > inventory.sets.length, where);
  }

  for (const fault of ["dies", "fails", "answer lost"] as const satisfies Fault[]) {
    it(`(${fault}) at any call keeps the set before, and makes a whole one or none`, async () => {
      let calls = Infinity;
      let refused = 0;
      for (let at = 1; at <= calls; at++) {
        await withSet(async (store) => {
          const faulty = faultyStore(store, at, fault);
          const taken = await backup(source, faulty, { ...quiet, force: true }).catch(() => undefined);
          calls = Math.min(calls, Math.max(faulty.calls(), at));
          if (!taken) refused++;
          else assertNotEquals(taken.name, first);
          await assertSound(store, `${fault} at call ${at}`);
        });
        if (at === 1) calls = await callsOfOne();
      }
      assert(refused > calls / 2, `${refused} of ${calls} were noticed`);
    });
  }

  async function callsOfOne(): Promise<number> {
    let calls = 0;
    await withSet(async (store) => {
      const counting = faultyStore(store, 0, "fails");
      await backup(source, counting, { ...quiet, force: true });
      calls = counting.calls();
    });
    return calls;
  }

  it("without the right to delete makes its set, and leaves only what it could not remove", async () => {
    await withSet(async (store) => {
      const warnings: string[] = [];
      const keeper = {
        ...store,
        delete: () => Promise.reject(new DrillError("STORE_FORBIDDEN", "no", "no")),
      };
      const reporter = { ...silentReporter, warn: (line: string) => void warnings.push(line) };
      const error = await backup(source, keeper, { reporter, signal }).catch((error) => error);
      // the set is there and whole; that the lease could not be given back ends the run with what it is
      assertEquals(error instanceof DrillError ? error.code : "none", "STORE_FORBIDDEN");
      await assertSound(store, "no right to delete");
    });
  });

  it("is refused where the documents are not there", async () => {
    await withSet(async (store) => {
      const gone = { ...source, documents: `${folder.path}/not-mounted` };
      const error = await assertRejects(() => backup(gone, store, quiet), DrillError);
      assertEquals(error.code, "DOCUMENTS_UNREADABLE");
      await assertSound(store, "documents");
    });
  });

  it("takes both halves where something among the documents is no file, and says that it is in no backup", async () => {
    await withSet(async (store) => {
      using _socket = Deno.listen({ transport: "unix", path: `${folder.path}/documents/socket` });
      const { manifest: { docs, warnings } } = await backup(source, store, quiet);
      assertEquals(docs.files, 1);
      assertEquals(warnings.filter((line) => line.startsWith("socket ")).length, 1, warnings.join("\n"));
      await assertSound(store, "documents");
    });
  });

  it("takes no half alone where there is no set to join it with", async () => {
    await using place = await temporaryFolder();
    const store = await openFileStore(`file://${place.path}/store`);
    for (const half of ["db", "docs"] as const) {
      const error = await assertRejects(() => backup(source, store, { ...quiet, half }), DrillError);
      assertEquals(error.code, "NO_SET");
    }
  });

  it("says of a half that it did not look at that it did not, and counts its age from when it did", async () => {
    await withSet(async (store) => {
      const { manifest, uploaded } = await backup(source, store, { ...quiet, half: "docs", force: true });
      assertEquals(manifest.db.objects[0]!.key, `prod/db/${first}.dump`);
      assertEquals([manifest.db.fingerprint, manifest.warnings.length], [undefined, 1]);
      assertEquals([...uploaded].map((key) => key.split("/")[1]), ["docs", "docs"]);
    });
  });
});
