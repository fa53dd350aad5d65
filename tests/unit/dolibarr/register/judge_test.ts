/** The rules of the register that need no database: what a change is by the series, the logs and the rows around it. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { formsOf } from "../../../../src/dolibarr/books/numbering/invoice_numbers.ts";
import { judgeRegister } from "../../../../src/dolibarr/register/judge.ts";
import type { RegisterLogs } from "../../../../src/dolibarr/register/read.ts";
import type { RegisterChange, RegisterRow } from "../../../../src/dolibarr/register/rows.ts";

const NO_LOG: RegisterLogs = { highestEvent: 0, highestLogLine: 0, unalterable: false, agenda: [] };

const invoice = (id: number, ref: string): RegisterRow => ({
  ...{ id, hash: `${id}` },
  values: { ref, entity: "1", status: "1", date: "2026-10-02", total: "120", party: "1" },
});

interface Story {
  changes: readonly RegisterChange[];
  staying?: readonly string[];
  mask?: string;
}

const judged = ({ changes, staying = [], mask }: Story) =>
  judgeRegister({
    ...{ before: "20261101T030000Z", changes, traces: [], logsBefore: NO_LOG, logsNow: NO_LOG },
    ...{ highest: new Map(), isReopened: () => false, nowOf: () => undefined },
    numbering: {
      staying,
      rules: {
        forms: formsOf(
          mask === undefined ? [] : [{ entity: 1, name: "FACTURE_MERCURE_MASK_INVOICE", value: mask }],
        ),
        shared: false,
      },
    },
  });

describe("an invoice that is gone, of an ERP without logs", () => {
  const gone = (ref: string, staying: readonly string[], mask?: string) => {
    const was = invoice(7, ref);
    const { faults, notes } = judged({
      changes: [{ table: "llx_facture", id: 7, was }],
      staying,
      ...(mask === undefined ? {} : { mask }),
    });
    return { kinds: faults.map(({ fault }) => fault.kind), notes: notes.length };
  };
  const INSIDE = { kinds: ["gone"], notes: 0 };
  const LAST = { kinds: [], notes: 1 };

  // deno-fmt-ignore: a line each
  const cases: [what: string, ref: string, staying: string[], mask: string | undefined, expected: typeof INSIDE | typeof LAST][] = [
    ["inside a series of the module without a mask", "FA2610-0002", ["FA2610-0001", "FA2610-0003"], undefined, INSIDE],
    ["at its end", "FA2610-0003", ["FA2610-0001", "FA2610-0002"], undefined, LAST],
    ["inside a series that only its mask tells of", "2026/0002", ["2026/0001", "2026/0003"], "{yyyy}/{0000@1}", INSIDE],
    ["at its end", "2026/0003", ["2026/0001", "2026/0002"], "{yyyy}/{0000@1}", LAST],
    ["at the end of a year whose mask begins anew", "2025/0009", ["2025/0008", "2026/0010"], "{yyyy}/{0000@1}", LAST],
  ];
  for (const [what, ref, staying, mask, expected] of cases) {
    it(`is ${expected === INSIDE ? "a finding" : "told"}: ${ref} ${what}`, () =>
      assertEquals(gone(ref, staying, mask), expected));
  }
});
