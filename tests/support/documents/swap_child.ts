/** A process that swaps documents and is killed at one step: `swap_child.ts WAY ROOT STEP`. It prints what it came to. */

import { makeTree, NEW, swapOf } from "./swap_trees.ts";

const [way, root, at] = Deno.args;
if (!root || way !== "beside" && way !== "inside") throw new TypeError("usage: swap_child.ts WAY ROOT STEP");
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
let steps = 0;
const swap = swapOf(way, root, (step) => {
  say(step);
  if (++steps === Number(at)) Deno.kill(Deno.pid, "SIGKILL");
});
await swap.stage({ id: "id-1" });
makeTree(swap.staged, NEW);
await swap.swapIn();
say("COMMIT");
await swap.finish();
say("END");
