/** `verify`: every byte of one set, or of all, read back and compared with what was recorded. */

import { makeVerifier, type Verification } from "../backup/verify.ts";
import { type ErrorCode, EXIT, type ExitStatus, messageOf } from "../base/errors.ts";
import type { Reporter } from "../base/terminal/reporter.ts";
import { formatCount } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import { findInInventory, type Inventory, readInventory } from "../store/sets/inventory.ts";
import { manifestKey } from "../store/records/manifest.ts";
import { putProof, readProof } from "../store/records/proofs.ts";
import { type AnySet, isLegacy, suspectOf } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { openStore } from "./command/clients.ts";
import { type Context, withContext } from "./command/context.ts";
import { type Options, usage } from "./command/options.ts";
import type { Shell } from "./command/shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  if (options.all && options.set !== undefined) {
    throw usage(`--all asks for every set, and ${options.set} is one`, "Give one of the two.");
  }
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, reporter, signal } = context;
    const { name } = environmentOf(config, options.env ?? config.drill.from);
    const store = await openStore(config.store, signal);
    const inventory = await readInventory(store, name);
    const sets = options.all && inventory.sets.length > 0
      ? inventory.sets
      : [findInInventory(inventory, options.set ?? "latest", store.url)];

    const before = await readBefore(store, sets, inventory);
    const verifier = makeVerifier(store, { reporter, signal, readBefore: (key) => before.get(key) });
    const bad: Verification[] = [];
    const suspect: AnySet[] = [];
    for (const set of sets) {
      signal.throwIfAborted();
      const found = await verifier.verify(set);
      if (found.verdict === "fail" && await isGone(store, set)) {
        reporter.note(`${name}/${set.name} was dropped by a prune while it was being read`);
        continue;
      }
      print(found, suspectOf(set), context);
      if (found.verdict === "fail") bad.push(found);
      else if (suspectOf(set).length > 0) suspect.push(set);
      await keepProof(store, found, reporter);
    }
    const unreadable = options.all ? inventory.unreadable : [];
    for (const what of unreadable) context.say(what);
    const about = { environment: name, sets: sets.length, bad: bad.map(({ set }) => set) };
    const trouble = troubleOf(name, { bad, suspect: options.all ? [] : suspect, unreadable }, sets.length);
    if (!trouble) return context.finish({ verdict: "pass", exit: EXIT.ok, ...about });
    context.say(trouble.message);
    context.say(trouble.hint);
    return context.finish({ verdict: "fail", exit: EXIT.bad, ...trouble, ...about });
  });
}

/** What is wrong, the worst first. Of all sets a suspect one is told and no failure: its bytes are what was backed up. */
function troubleOf(
  environment: string,
  { bad, suspect, unreadable }: { bad: Verification[]; suspect: AnySet[]; unreadable: readonly string[] },
  count: number,
): { code: ErrorCode; message: string; hint: string } | undefined {
  if (bad[0]) {
    const first = `${environment}/${bad[0].set}: ${bad[0].problems[0]}`;
    return {
      code: "OBJECT_CORRUPT",
      message: `${formatCount(bad.length, "set")} of ${count} cannot be trusted: ${first}`,
      hint:
        `It is never chosen over a good one. Look at the store, and take a new set: dolibarr-drill backup --env ${environment}`,
    };
  }
  if (unreadable[0] !== undefined) {
    const hint =
      "Nothing is deleted while it is there. Put it back from a copy of the store, or move it away.";
    return { code: "STORE_FORMAT", message: unreadable[0], hint };
  }
  if (suspect[0]) {
    return {
      code: "SET_SUSPECT",
      message: `${environment}/${suspect[0].name} is whole, and was taken of a state that looks lost: ${
        suspectOf(suspect[0]).join("; ")
      }`,
      hint: "Take another set: dolibarr-drill list",
    };
  }
  return undefined;
}

/** Whether somebody dropped the set since it was listed: then what was found missing says nothing. */
async function isGone(store: Store, set: AnySet): Promise<boolean> {
  return !isLegacy(set) && await store.head(manifestKey(set.environment, set.name)) === undefined;
}

/** What was found stands in the store from now on; where it cannot be written, it was told all the same. */
async function keepProof(store: Store, found: Verification, reporter: Reporter): Promise<void> {
  try {
    await putProof(store, { ...found, verb: "verify", at: new Date() });
  } catch (error) {
    reporter.warn(`What was found could not be written into the store: ${messageOf(error)}`);
  }
}

function print(
  { environment, set, verdict, proved, notProved, problems }: Verification,
  suspect: readonly string[],
  context: Context,
): void {
  const { colours, out, event } = context;
  event({ event: "verified", environment, set, verdict, suspect, proved, notProved, problems });
  out(`${environment}/${set}: ${verdict === "pass" ? colours.green("PASS") : colours.red("FAIL")}`);
  for (const line of suspect) out(`  ${colours.red("suspect")}  ${line}`);
  for (const line of problems) out(`  ${colours.red("bad")}      ${line}`);
  for (const line of proved) out(`  ${colours.green("proved")}   ${line}`);
  for (const line of notProved) out(`  ${colours.yellow("NOT RUN")}  ${line}`);
}

/** With which hash the objects of legacy sets were read first: what makes a change since then be seen. */
async function readBefore(store: Store, sets: readonly AnySet[], { proofs }: Inventory) {
  const known = new Map<string, { sha256: string; at: Date }>();
  for (const set of sets.filter(isLegacy)) {
    for (const { key, verdict } of proofs.get(set.name) ?? []) {
      if (verdict !== "pass") continue;
      const { at, objects } = await readProof(store, key);
      for (const object of objects) if (object.sha256) known.set(object.key, { sha256: object.sha256, at });
    }
  }
  return known;
}
