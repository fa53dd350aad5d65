import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { whyNotTaken } from "../../../src/documents/tree/names.ts";
import { newSwap, settleDocuments } from "../../../src/documents/swap/swap.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { makeTree, placeOf, readTree, stateOf, type Tree } from "../../support/documents/swap_trees.ts";
import { stagedOf } from "../../support/documents/by_path.ts";

/** Few names, so that old and new trees meet; what stays is among them. */
const name = fc.constantFrom("a", "b", "c", "été", ".hidden", "new", "old", "install.lock");
const content = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constant(null),
  fc.record({ link: fc.constantFrom("a", "b/c", "nowhere") }),
);
const level = (below: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> =>
  fc.uniqueArray(fc.tuple(name, fc.oneof(content, below)), { maxLength: 5, selector: ([name]) => name })
    .map((entries) => Object.assign({}, ...entries.map(([name, what]) => flat(name, what))));
const tree = level(level(level(fc.constant({}))));

function flat(name: string, what: Tree | Tree[string]): Tree {
  if (what === null || typeof what === "string" || "link" in what && typeof what.link === "string") {
    return { [name]: what as Tree[string] };
  }
  const below = Object.entries(what as Tree);
  if (below.length === 0) return { [name]: null };
  return Object.fromEntries(below.map(([path, content]) => [`${name}/${path}`, content]));
}

/** What must lie there once `staged` is in the place of `old`. */
function swapped(old: Tree, staged: Tree): Tree {
  const top = (path: string) => path.split("/", 1)[0]!;
  const has = new Set(Object.keys(old).map(top));
  const stays = Object.entries(old).filter(([path]) => whyNotTaken(top(path), true) !== undefined);
  const comes = Object.entries(staged).filter(([path]) =>
    whyNotTaken(top(path), has.has(top(path))) === undefined
  );
  return Object.fromEntries([...stays, ...comes]);
}

class Killed extends Error {}

/** Runs `act` until its step number `last`, as a process does that is killed there. */
async function until(last: number, act: (onStep: () => void) => Promise<unknown>): Promise<boolean> {
  let steps = 0;
  try {
    await act(() => {
      if (steps++ === last) throw new Killed();
    });
    return true;
  } catch (error) {
    if (isKilled(error)) return false;
    throw error;
  }
}

const isKilled = (error: unknown): boolean =>
  error instanceof Killed || error instanceof Error && error.cause instanceof Killed;

describe("a swap that is cut off anywhere, and its settling too", () => {
  it("comes to the old documents or to the new ones, exactly", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("beside" as const, "inside" as const),
        tree,
        tree,
        fc.boolean(),
        fc.nat(30),
        fc.array(fc.nat(12), { maxLength: 3 }),
        async (method, old, staged, commits, cut, cutAgain) => {
          await using folder = await temporaryFolder();
          const root = `${folder.path}/documents`;
          makeTree(root, old);
          let committed = false;
          await until(cut, async (onStep) => {
            const swap = newSwap(method, placeOf(root), onStep);
            await swap.prepare({ id: "id" });
            makeTree(await stagedOf(swap), staged);
            await swap.swapIn();
            committed = commits;
            await (commits ? swap.commit() : swap.revert());
          });
          const id = committed ? "id" : undefined;
          for (const again of cutAgain) {
            await until(again, (onStep) => settleDocuments(stateOf(root), id, { onStep }));
          }
          await settleDocuments(stateOf(root), id);
          const expected = committed ? swapped(old, staged) : old;
          assertEquals(sorted(readTree(root)), sorted(expected));
          assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["documents"]);
        },
      ),
      { numRuns: 120 },
    );
  });
});

const sorted = (tree: Tree): [string, Tree[string]][] =>
  Object.entries(tree).sort(([a], [b]) => a < b ? -1 : 1);
