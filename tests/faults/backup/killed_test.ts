/** `kill -9` in a backup: what was there before is there after, nothing is half-visible, and the next run works. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readInventory } from "../../../src/store/sets/inventory.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { objectsOfSet } from "../../../src/store/sets/sets.ts";
import { resultOf, runCli, spawnCli } from "../../support/cli.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { configWithStore } from "../../support/lab/other_store.ts";

/** What the store's folder holds at a moment. */
interface Seen {
  /** Names by folder below `prod/`. */
  names(folder: string): string[];
  parts: number;
  /** Objects of the set that is being taken. */
  mine: string[];
  textAt: number;
}

/** In the order in which a backup comes past them. */
const POINTS: [name: string, isThere: (seen: Seen, before: Seen) => boolean][] = [
  ["it asks for the lease", ({ names }) => names("lease").length > 0],
  ["its run is written", ({ names }) => names("runs").length > 0],
  ["the first object begins", ({ names, parts }) => names("runs").length > 0 && parts > 0],
  ["both halves are under way", ({ parts }) => parts > 1],
  ["the archive is there", ({ mine }) => mine.some((name) => name.endsWith(".tar.gz"))],
  ["the index is there", ({ mine }) => mine.some((name) => name.endsWith(".index.json.gz"))],
  ["the first object is there", ({ mine }) => mine.length > 0],
  ["the dump is there", ({ mine }) => mine.some((name) => name.endsWith(".dump"))],
  ["every object is there", ({ mine }) => mine.length === 3],
  [
    "the manifest is there",
    ({ names }, before) => names("manifests").length > before.names("manifests").length,
  ],
  [
    "its run is removed",
    ({ names, mine }, before) =>
      mine.length === 3 && names("runs").length === 0 &&
      names("manifests").length > before.names("manifests").length,
  ],
  ["RESTORE.txt is renewed", ({ textAt }, before) => textAt > before.textAt],
];

describe("a backup that is killed", () => {
  let lab: DrillLab;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let config: string;
  let root: string;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    folder = await temporaryFolder();
    root = `${folder.path}/store`;
    config = await configWithStore(lab, folder.path, `file://${root}`);
    const { code, stderr } = await runCli(["backup", "--config", config]);
    assertEquals(code, 0, stderr);
  });
  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  const namesIn = (path: string): string[] => {
    try {
      return [...Deno.readDirSync(path)].map(({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return []; // not made yet
      throw error;
    }
  };
  const objects = () => [...namesIn(`${root}/prod/db`), ...namesIn(`${root}/prod/docs`)];
  const look = (known: readonly string[]): Seen => ({
    names: (name) => namesIn(`${root}/prod/${name}`),
    parts: namesIn(`${root}/.parts`).length,
    mine: objects().filter((name) => !known.includes(name)),
    textAt: Deno.statSync(`${root}/prod/RESTORE.txt`).mtime!.getTime(),
  });

  /** Starts a backup and kills it as soon as `isThere`. @returns false when it had ended before. */
  async function killAt(isThere: (typeof POINTS)[number][1]): Promise<boolean> {
    const known = objects();
    const at = look(known);
    const manifests = at.names("manifests");
    const before = { ...at, names: (name: string) => name === "manifests" ? manifests : [] };
    const child = spawnCli(["backup", "--force", "--config", config]);
    const output = child.output();
    const over = { yes: false };
    void output.then(() => over.yes = true);
    while (!over.yes) {
      if (isThere(look(known), before)) {
        child.kill("SIGKILL");
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return (await output).signal === "SIGKILL";
  }

  it("leaves nothing half-visible at any of twelve points, and loses nothing", async () => {
    assertEquals(POINTS.length, 12);
    let killed = 0;
    for (const [name, isThere] of POINTS) {
      const setsBefore = (await readInventory(await openFileStore(`file://${root}`), "prod")).sets;
      if (await killAt(isThere)) killed++;

      const listed = await runCli(["list", "--config", config, "--json"]);
      assertEquals(listed.code, 0, `${name}: ${listed.stderr}`);
      const sets = listed.stdout.trim().split("\n").map((line) => JSON.parse(line))
        .filter(({ event }) => event === "set");
      for (const set of sets) assertEquals([set.kind, set.flaws], ["scheduled", []], name);
      for (const old of setsBefore) assert(sets.some(({ set }) => set === old.name), `${name}: ${old.name}`);
      const verified = await runCli(["verify", "--all", "--config", config, "--json"]);
      assertEquals(verified.code, 0, `${name}: ${verified.stdout}`);

      const next = await runCli(["backup", "--config", config, "--json"]);
      assertEquals(next.code, 0, `${name}: ${next.stderr}`);
      assertMatch(String(resultOf(next.stdout).set), /^prod\/\d{8}T\d{6}Z$/);
      const store = await openFileStore(`file://${root}`);
      const inventory = await readInventory(store, "prod");
      const needed = new Set(inventory.sets.flatMap(objectsOfSet).map(({ key }) => key));
      assertEquals([...inventory.objects.keys()].filter((key) => !needed.has(key)), [], name);
      assertEquals([namesIn(`${root}/prod/runs`), namesIn(`${root}/prod/lease`), namesIn(`${root}/.parts`)], [
        [],
        [],
        [],
      ], name);
    }
    assert(killed >= 10, `only ${killed} of ${POINTS.length} were killed before their end`);
  });
});
