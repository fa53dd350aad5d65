/**
 * A process that swaps two folders for one restore that no database decides, the first as a whole and the second entry by
 * entry, and is killed at one step: `together_child.ts FOLDER STATE STEP`.
 */

import { OwnFolder } from "../../../src/base/own_folder.ts";
import { commitTogether, swapInTogether } from "../../../src/documents/swap/together.ts";
import { newSwap } from "../../../src/documents/swap/swap.ts";
import { FURTHER_NEW, makeTree, NEW } from "./swap_trees.ts";
import { stagedOf } from "./by_path.ts";

const [folder, kept, at] = Deno.args;
const state = new OwnFolder(kept);
const places = [`${folder}/documents`, `${folder}/custom`].map((root) => ({ root, state }));
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
let steps = 0;
const onStep = (step: string) => {
  say(step);
  if (++steps === Number(at)) Deno.kill(Deno.pid, "SIGKILL");
};
for (const [at, place] of places.entries()) {
  const swap = newSwap(at === 0 ? "beside" : "inside", place, onStep);
  await swap.prepare({ id: "id-1", alone: true });
  makeTree(await stagedOf(swap), at === 0 ? NEW : FURTHER_NEW);
}
await swapInTogether(places, "id-1", { alone: true, onStep });
say("SWAPPED");
await commitTogether(places, { onStep });
say("END");
