import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { MadeRegister } from "../../src/backup/register/register.ts";
import { startDrillLab } from "../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../support/lab/lab.ts";
import { busyDay, DEEDS, foundCompany } from "../support/lab/nights/busy_day.ts";
import { keepLogs, type Logs, startWorld } from "../support/lab/nights/world.ts";

const NIGHTS = 50;
const DEEDS_A_DAY = 25;
/** A machine that does something else beside needs ten minutes for each. */
const LIMIT_MS = 30 * 60_000;
const skip = await whyNoDolibarr();

describe("fifty nights of a busy company", { skip }, () => {
  for (const logs of ["both", "no agenda", "neither"] satisfies Logs[]) {
    it(`have no finding of the register, where it keeps ${logs}`, { timeout: LIMIT_MS }, async () => {
      await using lab = await startDrillLab("real");
      await using world = await startWorld(lab);
      await keepLogs(world, logs);
      const company = foundCompany(world, randomOf(NIGHTS));
      const { act, years: [year, next] } = world;
      await act("book", { date: "2025-11-20", ref: "FA-OLD", amount: 120 });
      let night: MadeRegister = await world.register();
      let notes = 0;
      for (let day = 0; day < NIGHTS; day++) {
        const date = new Date(Date.UTC(2026, 8, 1 + day)).toISOString().slice(0, 10);
        await busyDay(company, date, DEEDS_A_DAY);
        if (day % 7 === 6) await act("validateEntries", { from: "2026-01-01", to: date });
        if (day === NIGHTS / 2) {
          await act("validateEntries", { from: "2025-01-01", to: "2025-12-31" });
          await act("closeYear", { year, next });
        }
        night = await world.register(night);
        assertEquals(night.faults, [], `${date}: ${JSON.stringify(night.faults, undefined, 1)}`);
        notes += night.head.notes.length;
      }
      assert(notes > NIGHTS, `${notes} notes`); // what was done was seen
      assertEquals(Object.keys(company.counts).sort(), Object.keys(DEEDS).sort(), "each of them was done");
    });
  }
});

/** Numbers from 0 to 1 that are the same in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
