import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { sha256Of } from "../../../src/base/streams.ts";
import { beforeTheLog, lineFitOf, verifyChain } from "../../../src/dolibarr/books/unalterable_log/chain.ts";
import {
  beforeTheZones,
  movedLines,
  noteLine,
  type Zones,
  zonesText,
} from "../../../src/dolibarr/books/unalterable_log/zones.ts";
import type { LogLine } from "../../../src/dolibarr/books/unalterable_log/lines.ts";

const roots = { salt: "salt", fingerprints: new Map([[1, "first"], [2, "second"]]) };

/** A chain as Dolibarr signs it: lines of two entities, one after the other. */
function chainOf(count: number): LogLine[] {
  const previous = new Map(roots.fingerprints);
  return Array.from({ length: count }, (_, at) => {
    const [id, entity] = [at + 1, at % 3 === 2 ? 2 : 1];
    const line = {
      ...{ id, entity, created: [`${1762160400 + at}`], about: [], dates: `2025-11-03 09:00:0${at}` },
      ...{ action: "BILL_VALIDATE", amount: `${at}.5`, ref: `FA2511-000${id}`, user: "SuperAdmin" },
      ...{ data: `{"id":${id}}`, version: "22.0.4" },
    };
    const key = `${line.created}|${line.action}|${line.amount}|${line.ref}||${line.user}|${line.data}`;
    const signature = sha256Of(roots.salt + previous.get(entity) + key);
    previous.set(entity, signature);
    return { ...line, signature, lineSignature: sha256Of(roots.salt + key) };
  });
}

const faultsOf = (lines: readonly LogLine[]) => verifyChain(lines, roots, beforeTheLog()).faults;
const without = (id: number) => chainOf(7).filter((line) => line.id !== id);
const withAmount = (id: number, amount: string) =>
  chainOf(7).map((line) => line.id === id ? { ...line, amount } : line);

describe("a line of the unalterable log", () => {
  const line = chainOf(1)[0]!;
  it("that fits neither signature was altered", () =>
    assertEquals(lineFitOf({ ...line, signature: "8b2d", lineSignature: "77" }, "first", "salt"), "altered"));
});

describe("a finding about the unalterable log", () => {
  it("is one of a line that says an earlier version wrote it, after one that can be judged", () => {
    const withVersion = (version: string, ...ids: number[]) =>
      faultsOf(chainOf(7).map((line) => ids.includes(line.id) ? { ...line, version } : line))
        .map(({ subject, kind }) => [subject, kind]);
    assertEquals(withVersion("17.0.4", 4), [["line 4", "earlier-version"]]);
    assertEquals(withVersion("", 4), [["line 4", "earlier-version"]]);
    assertEquals(withVersion("23.0.0", 7), []); // an upgrade
    assertEquals(withVersion("17.0.4", 1, 2, 3), []); // an upgrade to 18
  });

  it("is none of a whole chain, also of two entities", () => assertEquals(faultsOf(chainOf(7)), []));

  it("names the line that was altered, and is another where it is altered anew", () => {
    const [one, again, other, date] = [
      faultsOf(withAmount(4, "99")),
      faultsOf(withAmount(4, "99")),
      faultsOf(withAmount(4, "98")),
      faultsOf(withAmount(4, "99").map((line) => ({ ...line, dates: `${line.dates}.1` }))),
    ];
    assertEquals(one.map(({ subject, kind }) => [subject, kind]), [["line 4", "altered"]]);
    assertEquals(again, one);
    assertNotEquals(other[0]!.facts, one[0]!.facts);
    assertNotEquals(date[0]!.facts, one[0]!.facts);
    assertEquals(other[0]!.sentence, one[0]!.sentence);
  });

  it("names the line that does not follow where one before it is missing", () => {
    const [one] = faultsOf(without(4));
    const { signature } = chainOf(7)[4]!;
    assertEquals(one, {
      subject: "line 5",
      kind: "not-following",
      sentence: "line 4 is missing: line 5 (BILL_VALIDATE FA2511-0005) does not follow line 2",
      facts: { after: 2, signature, previous: chainOf(7)[1]!.signature },
    });
  });

  it("says of no line of another entity that it is missing", () => {
    const replaced = chainOf(7).map((line) =>
      line.id === 2 ? { ...line, version: "23.0.0", signature: "of another chain" } : line
    );
    assertEquals(faultsOf(replaced).map(({ sentence }) => sentence), [
      "line 4 (BILL_VALIDATE FA2511-0004) does not follow line 2: one of them was altered or replaced",
    ]);
    assertEquals(
      faultsOf(chainOf(9).filter(({ id }) => ![4, 5, 7].includes(id))).map(({ sentence }) => sentence),
      ["lines 4 to 5, 7 are missing: line 8 (BILL_VALIDATE FA2511-0008) does not follow line 2"],
    );
  });

  it("is one for each of two wounds", () => {
    const both = withAmount(2, "99").filter(({ id }) => id !== 4);
    assertEquals(faultsOf(both).map(({ subject, kind }) => `${subject} ${kind}`), [
      "line 2 altered",
      "line 5 not-following",
    ]);
    assertEquals(faultsOf(without(1)).map(({ subject, facts }) => [subject, facts!.after]), [["line 2", 0]]);
  });
});

describe("an attempt to switch the unalterable log off", () => {
  /** Seven lines of one entity, of which the fourth is such an attempt: the next one is signed over what it bears. */
  function chainWithAttempt(): LogLine[] {
    let previous = "first";
    return chainOf(9).filter(({ entity }) => entity === 1).map((line, at) => {
      const action = at === 3 ? "MODULE_RESET" : line.action;
      const key = `${line.created}|${action}|${line.amount}|${line.ref}||${line.user}|${line.data}`;
      const signature = at === 3 ? "0000000000" : sha256Of(roots.salt + previous + key);
      previous = signature;
      return { ...line, id: at + 1, action, signature, lineSignature: sha256Of(roots.salt + key) };
    });
  }

  it("is one finding with its day, and the chain goes on from its line", () => {
    const [one, ...others] = faultsOf(chainWithAttempt());
    assertEquals(others, []);
    assertEquals([one!.subject, one!.kind, one!.facts!.on], ["line 4", "switch-off", "2025-11-03 09:00:04"]);
    assertEquals(
      one!.sentence,
      "line 4 (MODULE_RESET FA2511-0005): somebody tried to switch the unalterable log off on 2025-11-03 09:00:04, as SuperAdmin",
    );
  });

  it("hides no line that was altered or is gone after it", () => {
    const lines = chainWithAttempt();
    assertEquals(faultsOf(lines.filter(({ id }) => id !== 5)).map(({ kind }) => kind), [
      "switch-off",
      "not-following",
    ]);
    const altered = lines.map((line) => line.id === 4 ? { ...line, user: "nobody" } : line);
    assertEquals(faultsOf(altered).map(({ subject, kind }) => `${subject} ${kind}`), ["line 4 altered"]);
    const forged = chainOf(7).map((line) => line.id === 4 ? { ...line, signature: "0000000000" } : line);
    assertEquals(faultsOf(forged).map(({ subject, kind }) => `${subject} ${kind}`), [
      "line 4 not-following",
      "line 5 not-following",
    ]);
  });
});

describe("the time zones of the unalterable log", () => {
  const of = (...names: string[]): Zones => {
    const zones = beforeTheZones(["UTC", "Europe/Paris"]);
    chainOf(names.length).forEach((line, at) => noteLine(zones, line, names[at]!));
    return zones;
  };
  const [U, P] = ["UTC", "Europe/Paris"];

  it("are told as runs of lines", () => {
    assertEquals(zonesText(beforeTheZones(["UTC"])), "in UTC");
    assertEquals(zonesText(of(U, U, U)), "in UTC");
    assertEquals(zonesText(of(U, U, P, P)), "of lines 1 to 2 in UTC, from 3 on in Europe/Paris");
    assertEquals(zonesText(of(U, P, P, U)), "of lines 1 in UTC, 2 to 3 in Europe/Paris, from 4 on in UTC");
    assertEquals(zonesText(of(U, P, U, P, U, P, U)), "in UTC and Europe/Paris in turn, 7 runs of lines");
  });

  const moved = (zones: Zones) => movedLines(zones).map(({ line, zone, day }) => [line.id, zone, day]);

  it("are none that one line alone has, but for the first and the last", () => {
    const alone = (...names: string[]) => moved(of(...names));
    assertEquals(alone(U, U, P, U), [[3, P, undefined]]);
    assertEquals(alone(U, U, P, P, U), []);
    assertEquals(alone(U, P, U, P), []);
    assertEquals([alone(U, U, P), alone(P, U, U)], [[], []]);
  });

  /** Lines of these zones, each about an hour of 3 November 2025 in UTC. */
  const about = (...lines: [zone: string, hour: number][]): Zones => {
    const zones = beforeTheZones([U, P]);
    chainOf(lines.length).forEach((line, at) =>
      noteLine(
        zones,
        { ...line, about: [`${Date.UTC(2025, 10, 3, lines[at]![1]) / 1000}`] },
        lines[at]![0],
      )
    );
    return zones;
  };
  // midnight of Paris is 23 of UTC, noon is 11
  const [PAPER, PAYMENT, MOVED, OF_AN_HOUR] = [[P, 23], [P, 11], [P, 0], [P, 9]] as [string, number][];
  const SERVER: [string, number] = [U, 0];

  it("are none where the days of a few lines are whole in the zone around them", () => {
    assertEquals(moved(about(SERVER, MOVED!, MOVED!, SERVER)), [[2, P, U], [3, P, U]]);
    assertEquals(moved(about(SERVER, MOVED!, SERVER, OF_AN_HOUR!, SERVER)), [[2, P, U]]);
    assertEquals(moved(about(SERVER, SERVER, MOVED!, [P, 12])), [[3, P, U], [4, P, U]]); // at the end too
    assertEquals(moved(about(MOVED!, SERVER, SERVER)), [[1, P, U]]);
  });

  it("are those of the lines whose days are whole in them, of many lines, and of lines that say nothing", () => {
    assertEquals(moved(about(SERVER, PAPER!, SERVER)), []);
    assertEquals(moved(about(SERVER, PAYMENT!, MOVED!, SERVER)), []); // a client of the API may date to its own midnight
    assertEquals(moved(about(SERVER, OF_AN_HOUR!, OF_AN_HOUR!, SERVER)), []);
    assertEquals(moved(about(SERVER, ...Array(10).fill(MOVED), SERVER)), []);
    assertEquals(moved(about(SERVER, ...Array(9).fill(MOVED), SERVER)).length, 9);
    assertEquals(moved(about(SERVER, ["No/Zone", 0], ["No/Zone", 0], SERVER)), []);
  });
});
