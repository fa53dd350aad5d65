/** `verify` and `drill` on a set whose objects are not what was backed up: each names the object, and ends in 1. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../../src/backup/backup.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { problemsOf, readInventory } from "../../../src/store/sets/inventory.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { objectsOfSet } from "../../../src/store/sets/sets.ts";
import { resultOf, runCli } from "../../support/cli.ts";
import { type DrillLab, type SetCopy, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { configWithStore } from "../../support/lab/other_store.ts";

const signal = new AbortController().signal;

interface Damage {
  what: string;
  do(copy: SetCopy): Promise<void>;
  /** What `verify` says is bad. */
  says: RegExp;
}

const flip = async (path: string, at = 0.7) => {
  const bytes = await Deno.readFile(path);
  bytes[Math.floor(bytes.length * at)]! ^= 4;
  await Deno.writeFile(path, bytes);
};
const cut = async (path: string) => await Deno.truncate(path, Math.floor((await Deno.stat(path)).size * 0.6));
const dump = (copy: SetCopy) => copy.path(copy.manifest.db.objects[0]!.key);
const archive = (copy: SetCopy) => copy.path(copy.manifest.docs.objects[0]!.key);
const index = (copy: SetCopy) => copy.path(copy.manifest.docs.index.key);

const DAMAGES: Damage[] = [
  {
    what: "a dump with one flipped bit",
    do: (copy) => flip(dump(copy)),
    says: /\.dump has other bytes than were backed up/,
  },
  {
    what: "an archive with one flipped bit",
    do: (copy) => flip(archive(copy)),
    says: /\.tar\.gz has other bytes/,
  },
  {
    what: "an index with one flipped bit",
    do: (copy) => flip(index(copy)),
    says: /\.index\.json\.gz has other bytes/,
  },
  {
    what: "a truncated dump",
    do: (copy) => cut(dump(copy)),
    says: /\.dump has [\d,]+ bytes, recorded were [\d,]+/,
  },
  {
    what: "a truncated archive",
    do: (copy) => cut(archive(copy)),
    says: /\.tar\.gz has [\d,]+ bytes, recorded were [\d,]+/,
  },
  {
    what: "a dump that is another set's",
    do: (copy) => Deno.copyFile(`${dump(copy)}.other`, dump(copy)),
    says: /\.dump has /,
  },
  { what: "a missing dump", do: (copy) => Deno.remove(dump(copy)), says: /\.dump is missing/ },
  { what: "a missing index", do: (copy) => Deno.remove(index(copy)), says: /\.index\.json\.gz is missing/ },
  {
    what: "a dump that was recorded with other rows",
    async do(copy) {
      copy.manifest.db.content.tables[0]!.rows += 1;
      await copy.write();
    },
    says: /\.dump: public\.\w+ has [\d,]+ rows?, recorded were [\d,]+/,
  },
  {
    what: "a dump that was damaged before it was recorded",
    async do(copy) {
      await cut(dump(copy));
      await copy.record("db");
    },
    says: /Cannot read prod\/db\/\S*\.dump: the dump is truncated after \d/,
  },
  {
    what: "an archive that was cut before it was recorded",
    async do(copy) {
      await cut(archive(copy));
      await copy.record("docs");
    },
    says: /\.tar\.gz: the archive is truncated after [\d.]+ kB/,
  },
];

describe("a set that is not what was backed up", () => {
  let lab: DrillLab;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  it("is told from a good one, of which every byte is proved", async () => {
    await using copy = await lab.copyOfSet();
    const config = await configWithStore(lab, folder.path, copy.url);
    const { code, stdout, stderr } = await runCli(["verify", "--config", config, "--json"]);
    assertEquals(code, 0, stderr);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const verified = lines.find(({ event }) => event === "verified");
    assertEquals([verified.verdict, verified.problems, verified.notProved], ["pass", [], []]);
    assertEquals([verified.proved.length, verified.register], [6, undefined]);
    assertMatch(
      verified.proved.at(-1),
      /^prod\/registers\/\S+: .*the SHA-256 of the backup; [\d,]+ rows, read to/,
    );
    assertEquals(resultOf(stdout).exit, 0);
    const { proofs } = await readInventory(copy.store, "prod");
    assertEquals(proofs.get(copy.manifest.set)?.map(({ verb, verdict }) => [verb, verdict]), [[
      "verify",
      "pass",
    ]]);
  });

  for (const { what, do: damage, says } of DAMAGES) {
    it(`is named by verify: ${what}`, async () => {
      await using copy = await lab.copyOfSet();
      await backup(lab.prod, copy.store, { force: true, reporter: silentReporter, signal });
      const { sets: [other] } = await readInventory(copy.store, "prod");
      await Deno.copyFile(copy.path(objectsOfSet(other!)[0]!.key), `${dump(copy)}.other`);
      await damage(copy);
      const config = await configWithStore(lab, folder.path, copy.url);
      const set = copy.manifest.set;
      const { code, stdout, stderr } = await runCli(["verify", set, "--config", config]);
      assertEquals(code, 1, stdout + stderr);
      assertMatch(stdout, new RegExp(`prod/${set}: FAIL\n  bad +.*${says.source}`));
      assertMatch(stderr, says);

      // it is known from now on: the list says so, and nothing is built on that object again
      const inventory = await readInventory(copy.store, "prod");
      assert(problemsOf(inventory.sets.find(({ name }) => name === set)!, inventory).length > 0);
      assertMatch(
        (await runCli(["list", "--config", config])).stdout,
        new RegExp(`${set} .* bad .*FAILED, verify`),
      );
      // and the other set is still good
      assertEquals((await runCli(["verify", "--config", config])).code, 0);
      assertEquals((await runCli(["verify", "--all", "--config", config])).code, 1);
    });
  }

  it("can be brought back where only its register is damaged: verify says both, and ends in 1", async () => {
    await using copy = await lab.copyOfSet();
    const { set, register } = copy.manifest;
    await flip(copy.path(register!.key));
    const config = await configWithStore(lab, folder.path, copy.url);
    const { code, stdout, stderr } = await runCli(["verify", set, "--config", config]);
    assertEquals(code, 1, stdout + stderr);
    assertMatch(stdout, new RegExp(`prod/${set}: PASS`));
    assertMatch(stdout, new RegExp(`NOT RUN +${register!.key}, which no restore needs: Cannot`));
    assertMatch(stderr, /can be brought back, but its register is lost or damaged/);
    const inventory = await readInventory(copy.store, "prod");
    assertEquals(problemsOf(inventory.sets.find(({ name }) => name === set)!, inventory), []);
    const listed = (await runCli(["list", set, "--config", config])).stdout;
    assertMatch(listed, new RegExp(`Object +${register!.key}, `));
  });

  it("is refused by a drill too, which names the object and leaves the sandbox alone", async () => {
    await using copy = await lab.copyOfSet();
    await flip(archive(copy));
    const before = await lab.sandboxState();
    const result = await lab.drill({ store: copy.store, opensPages: false });
    assertEquals([result.exit, result.error?.code], [1, "OBJECT_CORRUPT"]);
    assertMatch(result.error!.message, /docs\/.*\.tar\.gz/);
    assertEquals(await lab.sandboxState(), before);
    const inventory = await readInventory(copy.store, "prod");
    assertMatch(problemsOf(inventory.sets[0]!, inventory).join(), /\.tar\.gz was found damaged by drill/);
    // the next backup does not name that archive again, although nothing changed
    const next = await backup(lab.prod, copy.store, { reporter: silentReporter, signal });
    assertEquals(
      [...next.uploaded].filter((key) => key.endsWith(".tar.gz")),
      [`prod/docs/${next.name}.tar.gz`],
    );
  });

  it("is passed over where its manifest cannot be read, and nothing is deleted while that lies there", async () => {
    await using copy = await lab.copyOfSet();
    const next = await backup(lab.prod, copy.store, { force: true, reporter: silentReporter, signal });
    const path = copy.path(manifestKey("prod", next.name));
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).slice(0, -20));
    const config = await configWithStore(lab, folder.path, copy.url);
    const said = /Cannot read prod\/manifests\/\d{8}T\d{6}Z\.json: it is not JSON/;
    for (
      const [code, ...args] of [[1, "list"], [1, "verify", "--all"], [0, "verify"], [2, "prune"]] as const
    ) {
      const end = await runCli([...args as string[], "--config", config]);
      assertEquals([args, end.code], [args, code], end.stdout + end.stderr);
      if (code > 0) assertMatch(end.stderr, said);
    }
    const restored = await runCli(["restore", "--config", config]);
    assertEquals(restored.code, 0, restored.stderr);
    assertMatch(restored.stderr, new RegExp(`older than the newest set, prod/${next.name}, which is bad`));
    const result = await lab.drill({ store: copy.store, opensPages: false });
    const check = result.checks.find(({ id }) => id === "backup.suspect");
    assertEquals(check?.verdict, "fail");
    assertMatch(check?.message ?? "", said);
    const after = await runCli(["backup", "--config", config]);
    assertEquals(after.code, 1, after.stderr); // that manifest is not the one that was written
    assertMatch(after.stderr, said);
  });

  it("is not `latest` once it is known to be bad, while there is a good one", async () => {
    await using copy = await lab.copyOfSet();
    const newer = await backup(lab.prod, copy.store, { force: true, reporter: silentReporter, signal });
    await Deno.remove(copy.path(newer.manifest.db.objects[0]!.key));
    const config = await configWithStore(lab, folder.path, copy.url);
    const restored = await runCli(["restore", "--config", config]);
    assertEquals(restored.code, 0, restored.stderr);
    assertMatch(restored.stdout, new RegExp(`prod/${copy.manifest.set} is restored`));
    assertMatch(
      restored.stderr,
      new RegExp(`older than the newest set, prod/${newer.name}, which is bad: .* is missing`),
    );
    const warned: string[] = [];
    const reporter = { ...silentReporter, warn: (line: string) => void warned.push(line) };
    const result = await lab.drill({ store: copy.store, opensPages: false, reporter });
    assertEquals([result.exit, result.set?.name], [1, `prod/${copy.manifest.set}`]);
    assertMatch(warned[0]!, new RegExp(`^latest is prod/${copy.manifest.set}: .* older than the newest set`));
  });
});
