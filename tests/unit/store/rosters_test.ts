import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { timestampOf } from "../../../src/base/time.ts";
import {
  besideUnreadable,
  nextRoster,
  type Roster,
  vanishedHint,
  vanishedInWords,
  vanishedSince,
} from "../../../src/store/records/rosters.ts";

const nameOf = (day: number): string => timestampOf(new Date(Date.UTC(2026, 0, 1 + day, 3)));
const hashOf = (text: string): string => text.padEnd(64, "0");
const NONE = { missing: [], exchanged: [] };

/** What happens to one of thirty sets between two looks. */
type Fate = "stays" | "pruned" | "removed" | "exchanged" | "unreadable";

describe("a roster of the sets", () => {
  it("names what is removed or exchanged behind our back, and nothing else", () => {
    const fates = fc.array(fc.constantFrom<Fate>("stays", "pruned", "removed", "exchanged", "unreadable"), {
      minLength: 30,
      maxLength: 30,
    });
    fc.assert(fc.property(fates, (fates) => {
      const names = fates.map((_, day) => nameOf(day));
      const there = new Map(names.map((name) => [name, hashOf("a")]));
      const roster = nextRoster({ environment: "prod", at: nameOf(29) }, there, undefined, NONE);
      assertEquals(roster.sets.length, 30);
      const of = (fate: Fate) => names.filter((_, at) => fates[at] === fate);
      const now = new Map<string, string | null>(
        names.flatMap((name, at) => {
          const fate = fates[at];
          if (fate === "pruned" || fate === "removed") return [];
          return [[name, fate === "unreadable" ? null : hashOf(fate === "exchanged" ? "b" : "a")] as const];
        }),
      );
      const dropped = of("pruned").map((set) => ({
        set,
        kind: "scheduled" as const,
        reasons: [],
        objects: [],
      }));
      const prunes = [{ at: nameOf(30), dropped }];
      const vanished = vanishedSince(roster, now, prunes);
      const exchanged = names.filter((_, at) => fates[at] === "exchanged" || fates[at] === "unreadable");
      const unreadable = of("unreadable");
      const without = unreadable.length > 0 ? { unreadable } : {};
      assertEquals(vanished, { missing: of("removed"), exchanged, ...without });
      assertEquals(besideUnreadable(vanished), { missing: of("removed"), exchanged: of("exchanged") });
      // prune refuses to delete anything beside it, so nothing else may be offered
      assertEquals(vanishedHint(vanished).includes("--accept-missing"), unreadable.length === 0);
      assertEquals(vanishedInWords(vanished).length, of("removed").length + exchanged.length);

      // it is told every night until a person accepts it
      const next = nextRoster({ environment: "prod", at: nameOf(31) }, now, roster, vanished);
      assertEquals(vanishedSince(next, now, []), vanished);
      const accepted = nextRoster({ environment: "prod", at: nameOf(32) }, now, next, vanished, {
        accepted: true,
      });
      // what cannot be read is told until it is put back or moved away: nothing is pruned until then
      assertEquals(vanishedSince(accepted, now, []), { missing: [], exchanged: unreadable, ...without });
      assertEquals(accepted.sets.map(({ set }) => set), [...now.keys()]);
    }));
  });

  it("names the register that is gone while its set is there, until a person accepts that", () => {
    const there = new Map([[nameOf(1), hashOf("a")], [nameOf(2), hashOf("a")]]);
    const about = { environment: "prod", at: nameOf(3) };
    const registers = new Set([nameOf(1), nameOf(2)]);
    const roster = nextRoster(about, there, undefined, NONE, { registers });
    assertEquals(vanishedSince(roster, there, [], registers), NONE);
    const left = new Set([nameOf(2)]);
    const vanished = vanishedSince(roster, there, [], left);
    assertEquals(vanished, { ...NONE, registers: [nameOf(1)] });
    assertEquals(vanishedInWords(vanished).length, 1);
    const next = nextRoster(about, there, roster, vanished, { registers: left });
    assertEquals(vanishedSince(next, there, [], left), vanished);
    const accepted = nextRoster(about, there, next, vanished, { registers: left, accepted: true });
    assertEquals(vanishedSince(accepted, there, [], left), NONE);
    assertEquals(vanishedSince(roster, new Map([[nameOf(2), hashOf("a")]]), [], left), {
      ...NONE,
      missing: [nameOf(1)],
    }); // its set is told, and its register not once more
  });

  it("does not take what a prune before it dropped for an explanation of what is gone now", () => {
    const roster: Roster = {
      environment: "prod",
      at: nameOf(5),
      sets: [{ set: nameOf(1), manifest: hashOf("a") }],
    };
    const dropped = [{ set: nameOf(1), kind: "scheduled" as const, reasons: [], objects: [] }];
    assertEquals(vanishedSince(roster, new Map(), [{ at: nameOf(4), dropped }]).missing, [nameOf(1)]);
    assertEquals(vanishedSince(roster, new Map(), [{ at: nameOf(5), dropped }]).missing, []);
    assertEquals(vanishedSince(undefined, new Map(), []), NONE);
  });
});
