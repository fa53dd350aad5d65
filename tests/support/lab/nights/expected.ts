/** What the register says of one night after another, and what a case expects of it. */

import { assert, assertEquals } from "@std/assert";
import type { MadeRegister } from "../../../../src/backup/register/register.ts";
import { keepLogs, type Logs, type World } from "./world.ts";

/** `quiet`: not a word; `told`: no finding, and a note that says it; `found`: findings of these kinds. */
export type Expected = "quiet" | { told: RegExp } | { found: string | readonly string[] };

/** One action between two nights. */
export interface Case<Given = unknown> {
  what: string;
  /** What is there the night before. */
  before?(world: World): Promise<Given>;
  does(world: World, given: Given): Promise<unknown>;
  /** With both logs; and with other logs where something else is expected of them. */
  expected: Expected;
  with?: Partial<Record<Logs, Expected>>;
}

/** A case whose `does` is given what its `before` made. */
export const aCase = <Given>(it: Case<Given>): Case => it as Case;

/** Does the case with these logs, and compares the night after with the night before. Everything is undone. */
export async function judgeCase(
  world: World,
  { before, does, expected, with: others }: Case,
  logs: Logs,
): Promise<void> {
  await world.undone(async () => {
    await keepLogs(world, logs);
    const given = await before?.(world);
    const night = await world.register();
    await does(world, given);
    assertSays(await world.register(night), others?.[logs] ?? expected);
  });
}

export function assertSays({ faults, head: { notes } }: MadeRegister, expected: Expected): void {
  const said = JSON.stringify({ faults, notes }, undefined, 1);
  const kinds = expected === "quiet" || "told" in expected ? [] : [expected.found].flat();
  assertEquals(faults.map(({ kind }) => kind), kinds, said);
  if (expected === "quiet") assertEquals(notes, [], said);
  else if ("told" in expected) assert(notes.some((note) => expected.told.test(note)), said);
}
