/** `verify`: every byte of one set, or of all, read back and compared with what was recorded. */

import { makeVerifier, type Verification } from "../backup/verify.ts";
import { EXIT, type ExitStatus } from "../base/errors.ts";
import { formatCount } from "../base/text.ts";
import { environmentOf } from "../config/config.ts";
import { type Catalogue, readCatalogue } from "../store/catalogue.ts";
import { putProof, readProof } from "../store/proofs.ts";
import { type AnySet, chooseSet, isLegacy } from "../store/sets.ts";
import type { Store } from "../store/store.ts";
import { openStore } from "./clients.ts";
import { type Context, withContext } from "./context.ts";
import { type Options, usage } from "./options.ts";
import type { Shell } from "./shell.ts";

export function run(options: Options, shell: Shell): Promise<ExitStatus> {
  if (options.all && options.set !== undefined) {
    throw usage(`--all asks for every set, and ${options.set} is one`, "Give one of the two.");
  }
  return withContext(options, shell, () => ({ databases: [] }), async (context) => {
    const { config, reporter, signal } = context;
    const { name } = environmentOf(config, options.env ?? config.drill.from);
    const store = await openStore(config.store, signal);
    const catalogue = await readCatalogue(store, name);
    const wanted = { environment: name, wanted: options.set ?? "latest", url: store.url };
    const sets = options.all && catalogue.sets.length > 0
      ? catalogue.sets
      : [chooseSet(catalogue.sets, wanted)];

    const before = await readBefore(store, sets, catalogue);
    const verifier = makeVerifier(store, { reporter, signal, readBefore: (key) => before.get(key) });
    const bad: Verification[] = [];
    for (const set of sets) {
      signal.throwIfAborted();
      const found = await verifier.verify(set);
      print(found, context);
      if (found.verdict === "fail") bad.push(found);
      await putProof(store, { ...found, verb: "verify", at: new Date() });
    }
    const [first] = bad;
    const counts = { environment: name, sets: sets.length, bad: bad.map(({ set }) => set) };
    if (!first) return context.finish({ verdict: "pass", exit: EXIT.ok, ...counts });
    const message = `${
      formatCount(bad.length, "set")
    } of ${sets.length} cannot be trusted: ${name}/${first.set}: ${first.problems[0]}`;
    const hint =
      `It is never chosen over a good one. Look at the store, and take a new set: dolibarr-drill backup --env ${name}`;
    context.say(message);
    context.say(hint);
    return context.finish({
      verdict: "fail",
      exit: EXIT.bad,
      code: "OBJECT_CORRUPT",
      message,
      hint,
      ...counts,
    });
  });
}

function print(
  { environment, set, verdict, proved, notProved, problems }: Verification,
  context: Context,
): void {
  const { colours, out, event } = context;
  event({ event: "verified", environment, set, verdict, proved, notProved, problems });
  out(`${environment}/${set}: ${verdict === "pass" ? colours.green("PASS") : colours.red("FAIL")}`);
  for (const line of problems) out(`  ${colours.red("bad")}      ${line}`);
  for (const line of proved) out(`  ${colours.green("proved")}   ${line}`);
  for (const line of notProved) out(`  ${colours.yellow("NOT RUN")}  ${line}`);
}

/** With which hash the objects of legacy sets were read first: what makes a change since then be seen. */
async function readBefore(store: Store, sets: readonly AnySet[], { proofs }: Catalogue) {
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
