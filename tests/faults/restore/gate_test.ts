/** The gate on a real platform: by mounts, by words in the configuration and by addresses, nothing protected is hit. */

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { parse, stringify } from "yaml";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { protectedOnes } from "../../../src/cli/command/clients.ts";
import { identify } from "../../../src/postgres/connection/identity.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { passGate, type ProtectedEnvironment } from "../../../src/restore/gate/gate.ts";
import type { BackupSet } from "../../../src/store/sets/sets.ts";
import { runCli } from "../../support/cli.ts";
import { type DrillLab, startDrillLab, stateOf } from "../../support/lab/drill_lab.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { findSet } from "../../support/store/sets.ts";

/** The lab's own configuration file, for changing one thing in it. */
interface File {
  environments: Record<"prod" | "sandbox", {
    disposable?: boolean;
    database: { host: string; port: number; name: string; owner: string; user: string; password: string };
    documents: string;
  }>;
}

describe("the gate of a restore", () => {
  let lab: DrillLab;
  let scratch: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    lab = await startDrillLab("stand-in");
    scratch = await temporaryFolder();
  });
  afterAll(async () => {
    await scratch[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  /** Restores by the command line with a changed configuration: it is refused, and both environments are what they were. */
  async function refused(change: (file: File) => void, says: RegExp, ...options: string[]) {
    const file = parse(await Deno.readTextFile(lab.configFile)) as File;
    change(file);
    const config = `${scratch.path}/${crypto.randomUUID()}.yaml`;
    await Deno.writeTextFile(config, stringify(file));
    const before = [await stateOf(lab.prod), await stateOf(lab.sandbox)];
    const end = await runCli(["restore", `--config=${config}`, ...options]);
    assertEquals([await stateOf(lab.prod), await stateOf(lab.sandbox)], before);
    assertEquals(end.code, 2, end.stderr);
    assertMatch(end.stderr, says);
  }

  const gate = ({ name, manifest }: BackupSet, protectedOnes: readonly ProtectedEnvironment[]) => ({
    protectedOnes,
    store: lab.store,
    origin: { set: `prod/${name}`, database: manifest.identity },
  });

  /** A port of the same server that no configuration knows: the database behind another address. */
  const directPort = async (): Promise<number> =>
    JSON.parse(await Deno.readTextFile(`${lab.folder}/lab.json`)).ports.postgres;

  it("refuses production behind another address, though production says that it is disposable", async () => {
    const port = await directPort();
    await refused(({ environments: { prod, sandbox } }) => {
      prod.disposable = true;
      sandbox.database = { ...prod.database, port };
    }, /sandbox is the database of prod, whatever it is called/);
  });

  it("refuses to restore an environment into itself", async () => {
    await refused(
      ({ environments: { prod } }) => prod.disposable = true,
      /Cannot restore prod into prod/,
      "--from=prod",
      "--into=prod",
    );
  });

  it("refuses the database that production was at its last backup, where production is another by now", async () => {
    await refused(({ environments: { prod, sandbox } }) => {
      [prod.database, sandbox.database] = [sandbox.database, prod.database];
    }, /sandbox is the database of prod, whatever it is called/);
  });

  it("refuses the database that the set was taken from, whatever is configured", async () => {
    await using session = await connect(lab.sandbox.database);
    const set = structuredClone(await findSet(lab.store, "prod", "latest"));
    const others = protectedOnes(lab.config, { from: "prod", into: "sandbox" }, silentReporter);
    await passGate(session, lab.sandbox, gate(set, others));
    const { systemIdentifier, databaseOid } = await identify(session);
    Object.assign(set.manifest.identity, { systemIdentifier, databaseOid });
    const error = await assertRejects(
      () => passGate(session, lab.sandbox, gate(set, others)),
      DrillError,
    );
    assertEquals([error.code, error.details], ["TARGET_REFUSED", [
      `sandbox is the database that prod/${set.name} was taken from`,
    ]]);
  });

  it("refuses where there is nothing to tell the target from", async () => {
    await using session = await connect(lab.sandbox.database);
    const set = await findSet(lab.store, "prod", "latest");
    const error = await assertRejects(
      () => passGate(session, lab.sandbox, gate(set, [])),
      DrillError,
    );
    assertEquals(error.code, "TARGET_REFUSED");
    assertStringIncludes(error.details.join(), "nothing to compare sandbox with");
  });

  it("protects the source of a set whatever it says, and every other that is not disposable", () => {
    const prod = { ...lab.config.environments.prod!, disposable: true };
    const names = (from: string, into: string, environments = lab.config.environments) =>
      protectedOnes({ ...lab.config, environments }, { from, into }, silentReporter).map(({ name }) => name);
    const both = { ...lab.config.environments, prod };
    assertEquals(names("prod", "sandbox"), ["prod"]);
    assertEquals(names("prod", "sandbox", both), ["prod"]);
    assertEquals(names("prod", "other", { ...both, third: { ...prod, name: "third", disposable: false } }), [
      "prod",
      "third",
    ]);
    assertEquals(names("sandbox", "sandbox"), ["prod", "sandbox"]);
    const asked = protectedOnes(lab.config, { from: "prod", into: "prod", itself: true }, silentReporter);
    assertEquals(asked, []);
  });

  const MOUNTS: [string, { from: string; to: string; prod: string }, RegExp][] = [
    [
      "a folder above production's documents is the target's, bound elsewhere",
      { from: "sandbox", to: "bound", prod: "bound/prod" },
      /the same folder, or one lies inside the other/,
    ],
    [
      "production's documents are a part of the target's, bound elsewhere",
      { from: "sandbox/deep", to: "bound", prod: "bound/prod" },
      /the same folder, or one lies inside the other/,
    ],
    [
      "something is mounted inside the target's documents",
      { from: "elsewhere", to: "sandbox/with space", prod: "production" },
      /with space is mounted inside the documents of sandbox/,
    ],
  ];
  for (const [what, { from, to, prod }, says] of MOUNTS) {
    it(`refuses where ${what}`, {
      skip: Deno.uid() === 0 ? false : "only root may mount",
    }, async () => {
      const root = `${scratch.path}/${crypto.randomUUID()}`;
      const path = (name: string) => `${root}/${name}`;
      for (const name of ["sandbox", from, to]) await Deno.mkdir(path(name), { recursive: true });
      await using _mount = await bind(path(from), path(to));
      await Deno.mkdir(path(prod), { recursive: true });
      await Deno.writeTextFile(`${path(prod)}/invoice.pdf`, "production's only copy");
      await refused(({ environments }) => {
        environments.prod.documents = path(prod);
        environments.sandbox.documents = path("sandbox");
      }, says);
      assertEquals(await Deno.readTextFile(`${path(prod)}/invoice.pdf`), "production's only copy");
    });
  }
});

/** The folder `from`, at `to` as well, until it is disposed of. */
async function bind(from: string, to: string): Promise<AsyncDisposable> {
  await run("mount", "--bind", from, to);
  return { [Symbol.asyncDispose]: () => run("umount", to) };
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
