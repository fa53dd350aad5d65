/** `verify`: every byte of one set, or of all, read back and compared with what was recorded. */

import type { Verification } from "../backup/verify.ts";
import { messageOf } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import { PROGRAM } from "../base/program_name.ts";
import { environmentOf } from "../config/config.ts";
import type { UnreadableRecord } from "../store/records/stored_record.ts";
import type { Inventory } from "../store/sets/inventory.ts";
import type { AnySet } from "../store/sets/sets.ts";
import type { Store } from "../store/store.ts";
import { chooseFrom } from "./command/chosen_set.ts";
import { type Context, needsStore, withContext } from "./command/context.ts";
import {
  argument,
  configOptions,
  envOption,
  flag,
  SET_FORMS,
  usage,
  type ValuesOf,
} from "./command/options.ts";
import { unreadableResult } from "./command/unreadable.ts";
import { verb } from "./command/verb.ts";

const options = {
  set: argument("SET", `${SET_FORMS} (default: latest)`),
  env: envOption("the environment that the set is of", "drill.from"),
  all: flag("verify every set; an object that several sets share is read once"),
  ...configOptions,
};
type VerifyOptions = ValuesOf<typeof options>;

export const verifyVerb = verb({
  name: "verify",
  summary: "Read back every byte of a set, and compare the hashes.",
  options,
  help: {
    about: `
Prints what this proves of the set, and what only a drill can prove. The result is stored with the set. A set that was
found damaged is not used as latest.`,
    examples: [
      [`${PROGRAM} verify`, "verify the newest good set"],
      [`${PROGRAM} verify 20260630T155313Z --env prod`, "verify one set by name"],
      [`${PROGRAM} verify --all`, "verify every set in the store; exit status 1 if one of them is bad"],
    ],
  },
  run(options, shell) {
    if (options.all && options.set !== undefined) {
      throw usage(`--all asks for every set, and ${options.set} is one`, "Give one of the two.");
    }
    return withContext(options, shell, needsStore, (context) => verifySets(options, context));
  },
});

async function verifySets(options: VerifyOptions, context: Context) {
  const [{ makeVerifier }, { readInventory }, { suspectOf }] = await Promise.all([
    import("../backup/verify.ts"),
    import("../store/sets/inventory.ts"),
    import("../store/sets/sets.ts"),
  ]);
  const { config, reporter, signal } = context;
  const { name } = environmentOf(config, options.env ?? config.drill.from);
  const store = await context.openStore();
  const inventory = await readInventory(store, name);
  const sets = options.all && inventory.sets.length > 0
    ? inventory.sets
    : [(await chooseFrom(inventory, options.set ?? "latest", store.url, context)).set];

  const before = await readEarlierHashes(store, sets, inventory);
  const verifier = makeVerifier(store, { reporter, signal, readBefore: (key) => before.get(key) });
  const bad: Verification[] = [];
  const withoutRegister: Verification[] = [];
  const told = new Map<string, string>();
  const suspect: AnySet[] = [];
  for (const set of sets) {
    signal.throwIfAborted();
    const found = await verifier.verify(set);
    if (found.verdict === "fail" && await isDropped(store, set)) {
      reporter.note(`${name}/${set.name} was dropped by a prune while it was being read`);
      continue;
    }
    print(found, suspectOf(set), told, context);
    if (found.verdict === "fail") bad.push(found);
    else if (found.register !== undefined) withoutRegister.push(found);
    else if (suspectOf(set).length > 0) suspect.push(set);
    await storeProof(store, found, context);
  }
  const unreadable = options.all ? inventory.unreadable : [];
  for (const { error } of unreadable) context.say(error.message);
  const about = { environment: name, sets: sets.length, bad: bad.map(({ set }) => set) };
  const sharing = await setsSharing(bad, inventory.sets.filter((set) => !sets.includes(set)));
  const problem = worstProblem(name, sets.length, {
    bad,
    sharing,
    unreadable,
    withoutRegister,
    suspect: options.all ? [] : suspect.map((set) => ({ name: set.name, reasons: suspectOf(set) })),
  });
  if (!problem) return context.finish({ verdict: "pass", ...about });
  context.say(problem.message);
  context.say(problem.hint);
  return context.finish({ ...problem, ...about });
}

/**
 * The worst of what is wrong. With `--all` a suspect set is printed and no failure: its bytes are those that were backed
 * up.
 */
function worstProblem(
  environment: string,
  count: number,
  { bad, sharing, unreadable, withoutRegister, suspect }: {
    bad: readonly Verification[];
    /** Sets that were not verified, and name an object that is bad. */
    sharing: readonly string[];
    unreadable: readonly UnreadableRecord[];
    withoutRegister: readonly Verification[];
    suspect: readonly { name: string; reasons: readonly string[] }[];
  },
) {
  if (bad[0]) {
    return {
      verdict: "fail" as const,
      code: "OBJECT_CORRUPT" as const,
      message: `${bad.length} of ${formatCount(count, "set")} cannot be trusted: ${
        damageInWords(environment, bad)
      }${sharing.length === 0 ? "" : `. No better, for they share it: ${someOf(sharing)}`}`,
      hint:
        `A bad set is never chosen over a good one. Check the store, and take a new set: ${PROGRAM} backup --env ${environment}`,
    };
  }
  const notUnderstood = unreadableResult(unreadable);
  if (notUnderstood) return notUnderstood;
  if (withoutRegister[0]) {
    const { set, register } = withoutRegister[0];
    return {
      verdict: "fail" as const,
      code: "OBJECT_CORRUPT" as const,
      message: `${environment}/${set} can be brought back, but its register is lost or damaged: ${register}`,
      hint:
        "Put the register back from a copy of the store. The next backup compares with that of an older set.",
    };
  }
  if (suspect[0]) {
    const { name, reasons } = suspect[0];
    return {
      verdict: "fail" as const,
      code: "SET_SUSPECT" as const,
      message: `${environment}/${name} is whole, but suspect: its state looks lost: ${reasons.join("; ")}`,
      hint: `Choose another set: ${PROGRAM} list --env ${environment}`,
    };
  }
  return undefined;
}

/** The damage that most sets share, once and with these sets: quiet nights name the objects of one before. Pure. */
export function damageInWords(
  environment: string,
  bad: readonly Pick<Verification, "set" | "problems">[],
): string {
  const groups = Map.groupBy(
    bad.flatMap(({ set, problems }) => problems.map((problem) => ({ set, problem }))),
    ({ problem }) => problem,
  );
  const [worst = []] = [...groups.values()].sort((a, b) => b.length - a.length);
  const [{ set = "", problem = "" } = {}, ...others] = worst;
  const more = groups.size === 1 ? "" : `; and ${formatCount(groups.size - 1, "other problem")}`;
  return others.length === 0
    ? `${environment}/${set}: ${problem}${more}`
    : `${problem}, shared by ${formatCount(worst.length, "set")}, from ${
      others.at(-1)!.set
    } to ${set}${more}`;
}

/** So many names are written out. */
const SHOWN = 10;

const someOf = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(", ")
    : `${names.slice(0, SHOWN).join(", ")} and ${formatCount(names.length - SHOWN, "set")} more`;

/** The names of those among `others` that share an object which is bad. */
async function setsSharing(bad: readonly Verification[], others: readonly AnySet[]): Promise<string[]> {
  const { objectsOfSet } = await import("../store/sets/sets.ts");
  const keys = new Set(bad.flatMap(({ problems }) => problems.map((problem) => problem.split(" ", 1)[0])));
  return others.filter((set) => objectsOfSet(set).some(({ key }) => keys.has(key))).map(({ name }) => name);
}

/** Whether a prune dropped the set since it was listed: what was found missing is then no damage. */
async function isDropped(store: Store, set: AnySet): Promise<boolean> {
  const [{ manifestKey }, { isLegacy }] = await Promise.all([
    import("../store/keys.ts"),
    import("../store/sets/sets.ts"),
  ]);
  return !isLegacy(set) && await store.head(manifestKey(set.environment, set.name)) === undefined;
}

/** Where the result cannot be stored, it was printed all the same. */
async function storeProof(
  store: Store,
  { register: _, ...found }: Verification,
  { reporter }: Context,
): Promise<void> {
  const { putProof } = await import("../store/records/proofs.ts");
  try {
    await putProof(store, { ...found, verb: "verify", at: new Date() });
  } catch (error) {
    const set = `${found.environment}/${found.set}`;
    reporter.warn(`Cannot store the result of verifying ${set}: ${messageOf(error)}`);
  }
}

function print(
  { environment, set, verdict, proved, notProved, problems, register }: Verification,
  suspect: readonly string[],
  told: Map<string, string>,
  { colours, out, event }: Context,
): void {
  event({ event: "verified", environment, set, verdict, suspect, proved, notProved, problems, register });
  out(`${environment}/${set}: ${verdict === "pass" ? colours.green("PASS") : colours.red("FAIL")}`);
  for (const line of suspect) out(`  ${colours.red("suspect")}  ${line}`);
  for (const line of problems) {
    const before = told.get(line); // an object that several sets share is told once
    out(
      `  ${colours.red("bad")}      ${
        before === undefined ? line : `${line.split(" ", 1)[0]}, as in ${before}`
      }`,
    );
    if (before === undefined) told.set(line, set);
  }
  for (const line of proved) out(`  ${colours.green("proved")}   ${line}`);
  for (const line of notProved) out(`  ${colours.yellow("NOT RUN")}  ${line}`);
}

/** The hashes with which the objects of legacy sets were read first: no manifest has them, and a change must be seen. */
async function readEarlierHashes(store: Store, sets: readonly AnySet[], { proofs }: Inventory) {
  const [{ readProof }, { isLegacy }] = await Promise.all([
    import("../store/records/proofs.ts"),
    import("../store/sets/sets.ts"),
  ]);
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
