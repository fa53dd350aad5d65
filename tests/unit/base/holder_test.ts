import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Holder, isGone, isHolder, thisProcess } from "../../../src/base/process/holder.ts";
import { findTool, runTool } from "../../../src/base/process/processes.ts";
import { makeScratch } from "../../../src/base/process/scratch.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { temporaryFolder } from "../../support/folder.ts";

const MACHINE = "0123456789abcdef0123456789abcdef";
const here: Required<Holder> = { ...thisProcess(), machine: MACHINE, namespace: "4026531836" };
/** No process has that number: it is above what Linux allows. */
const GONE = 2 ** 22 + 7;

describe("who holds something", () => {
  it("is told with machine and namespace", () => {
    const { machine, namespace, start } = thisProcess();
    assert(/^([0-9a-f]{32})?$/.test(machine) && /^\d*$/.test(namespace) && /^\d+$/.test(start));
    assert(isHolder(thisProcess()));
  });

  it("may be of an earlier version, which told less", () => {
    const old = { host: "anna", boot: "x", pid: 1, start: "1" };
    assert(isHolder(old));
    for (const wrong of [{ machine: 1 }, { namespace: null }, { pid: "1" }, { host: undefined }]) {
      assertEquals([wrong, isHolder({ ...old, ...wrong })], [wrong, false]);
    }
  });

  const { machine: _, namespace: __, ...old } = here;
  const unknown = { ...here, machine: "", namespace: "" };
  const cases: [title: string, holder: Holder, here: Required<Holder>, gone: boolean][] = [
    ["our own process", here, here, false],
    ["a process that is not there", { ...here, pid: GONE }, here, true],
    ["a number that another process has now", { ...here, start: "1" }, here, true],
    ["one of an earlier boot", { ...here, boot: "earlier" }, here, true],
    ["one that was not allowed to know its boot", { ...here, pid: GONE, boot: "" }, here, false],
    ["one of a run here that may not know the boot", { ...here, pid: GONE }, { ...here, boot: "" }, false],
    ["one of another host", { ...here, pid: GONE, host: "elsewhere" }, here, false],
    ["one of another machine of that name", { ...here, pid: GONE, machine: "f".repeat(32) }, here, false],
    ["the same in another boot", { ...here, boot: "theirs", machine: "f".repeat(32) }, here, false],
    ["one of another container of that name", { ...here, pid: GONE, namespace: "4026530000" }, here, false],
    ["one of no known machine", { ...here, pid: GONE, machine: "" }, here, false],
    ["one of an earlier version", { ...old, pid: GONE }, here, false],
    ["one of an earlier version in another boot", { ...old, boot: "earlier" }, here, false],
    ["one where no machine is known, here neither", { ...here, pid: GONE, machine: "" }, {
      ...here,
      machine: "",
    }, true],
    ["the same in another boot, as of another machine", { ...here, boot: "theirs", machine: "" }, {
      ...here,
      machine: "",
    }, false],
    ["one of an earlier version where nothing more is known here", { ...old, pid: GONE }, unknown, true],
  ];
  for (const [title, holder, from, gone] of cases) {
    it(`${gone ? "is" : "is not"} surely gone: ${title}`, () => assertEquals(isGone(holder, from), gone));
  }
});

describe("a run in a container of the same name of host", () => {
  /** Runs a module's text in a PID namespace of its own; undefined where that cannot be made. */
  async function inNamespace(text: string): Promise<string | undefined> {
    const unshare = findTool("unshare");
    const own = ["--pid", "--fork", "--mount-proc"];
    if (!unshare || (await runTool(unshare, { args: [...own, "true"] })).code !== 0) return undefined;
    const { code, stdout, stderr } = await runTool(unshare, {
      args: [...own, Deno.execPath(), "eval", "--no-check", `--config=${ROOT}deno.json`, text],
    });
    assertEquals([code, stderr], [0, stderr]);
    return stdout.trim();
  }
  const ROOT = new URL("../../../", import.meta.url).pathname;
  const NO_NAMESPACE = "no PID namespace can be made here: that takes root";

  it("does not take our lease while we are at work", async (t) => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}`);
    await using lease = await takeLease(store, "prod", "backup");
    const said = await inNamespace(`
      import { takeLease } from "${ROOT}src/store/lease/lease.ts";
      import { openFileStore } from "${ROOT}src/store/drivers/file.ts";
      const store = await openFileStore("file://${folder.path}");
      await takeLease(store, "prod", "prune", { tries: 1 }).then(
        () => console.log("taken"), (error) => console.log(error.code));
      Deno.exit(0);
    `);
    if (said === undefined) return t.skip(NO_NAMESPACE);
    assertEquals(said, "LEASE_HELD");
    await lease.confirm();
  });

  it("does not sweep our folder, and one of ours that was killed is swept", async (t) => {
    await using folder = await temporaryFolder();
    using ours = makeScratch(folder.path);
    const killed = ours.path.replace(`~${Deno.pid}~`, `~${GONE}~`);
    await Deno.mkdir(killed);
    const said = await inNamespace(`
      import { makeScratch } from "${ROOT}src/base/process/scratch.ts";
      makeScratch(${JSON.stringify(folder.path)});
      console.log([...Deno.readDirSync(${JSON.stringify(folder.path)})].length);
    `);
    if (said === undefined) return t.skip(NO_NAMESPACE);
    assertEquals(said, "3");
    await using other = await temporaryFolder(); // our own name is taken there already
    await Deno.rename(killed, `${other.path}/${killed.slice(killed.lastIndexOf("/") + 1)}`);
    using _swept = makeScratch(other.path);
    const left = [...Deno.readDirSync(other.path)].map(({ name }) => name);
    assertEquals(left, [ours.path.slice(ours.path.lastIndexOf("/") + 1)]);
  });
});
