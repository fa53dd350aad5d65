import { formatMoment } from "../../../src/base/time.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ageInWords, bannerOf } from "../../../src/report/words.ts";

describe("the words of a report", () => {
  it("says moments in one way", () => {
    const zone = Deno.env.get("TZ");
    try {
      for (
        const [name, text] of [
          ["UTC", "20 Nov 2026, 23:30:07 UTC"],
          ["Europe/Paris", "21 Nov 2026, 00:30:07 +01:00"],
          ["America/St_Johns", "20 Nov 2026, 20:00:07 -03:30"],
        ] as const
      ) {
        Deno.env.set("TZ", name);
        assertEquals(formatMoment("2026-11-20T23:30:07Z"), text);
      }
    } finally {
      if (zone === undefined) Deno.env.delete("TZ");
      else Deno.env.set("TZ", zone);
    }
    assertEquals(formatMoment("soon"), "soon");
  });

  it("tells the age of a set, also when a clock is wrong", () => {
    const age = (takenAt: string) =>
      ageInWords({
        startedAt: "2026-11-20T06:15:00Z",
        set: { name: "", takenAt, objects: [], tables: 0, rows: 0, files: 0, documentBytes: 0 },
      });
    assertEquals(age("2026-11-20T02:00:07Z"), "4 h 14 min");
    assertEquals(age("2026-11-17T02:00:00Z"), "3 d 4 h");
    assertEquals(age("2026-11-18T02:15:00Z"), "2 d 4 h");
    assertEquals(age("2026-11-20T06:14:30Z"), "< 1 min");
    assertEquals(age("2026-11-21T00:00:00Z"), "in the future");
    assertEquals(age("yesterday"), undefined);
    assertEquals(ageInWords({ startedAt: "2026-11-20T06:15:00Z" }), undefined);
  });

  it("has a banner for the lab and the stand-in even when nobody gave one", () => {
    assertEquals(bannerOf({ lab: false, erp: "real" }), undefined);
    assertMatch(bannerOf({ lab: true, erp: "real" }) ?? "", /LAB/);
    assertMatch(bannerOf({ lab: false, erp: "stand-in" }) ?? "", /STAND-IN/);
  });
});
