/** A process that swaps documents and is killed at one step: `swap_child.ts METHOD ROOT STATE STEP`. It prints what it came to. */

import { OwnFolder } from "../../../src/base/own_folder.ts";
import { newSwap } from "../../../src/documents/swap/swap.ts";
import { makeTree, NEW } from "./swap_trees.ts";
import { stagedOf } from "./by_path.ts";

const [method, root, state, at] = Deno.args;
if (!root || method !== "beside" && method !== "inside") {
  throw new TypeError("usage: swap_child.ts METHOD ROOT STATE STEP");
}
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
let steps = 0;
const swap = newSwap(method, { root, state: new OwnFolder(state) }, (step) => {
  say(step);
  if (++steps === Number(at)) Deno.kill(Deno.pid, "SIGKILL");
});
await swap.prepare({ id: "id-1" });
makeTree(await stagedOf(swap), NEW);
await swap.swapIn();
say("COMMIT");
await swap.commit();
say("END");
