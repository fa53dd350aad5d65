import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type Case, judgeCase } from "../../support/lab/nights/expected.ts";
import { type Logs, startWorld, type World } from "../../support/lab/nights/world.ts";
import { type DrillLab, startDrillLab } from "../../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";
import { ALTERATIONS } from "./cases/alterations.ts";
import { DISCOUNT_CASES, INVOICE_CASES, PARTY_CASES } from "./cases/invoices.ts";
import { MISSED_CASES } from "./cases/missed.ts";
import { ACCOUNTING_CASES, OTHER_CASES } from "./cases/others.ts";
import { BANK_CASES, PAYMENT_CASES, SUPPLIER_CASES } from "./cases/payments.ts";

const skip = await whyNoDolibarr();

const CASES: readonly Case[] = [
  ...INVOICE_CASES,
  ...DISCOUNT_CASES,
  ...PARTY_CASES,
  ...PAYMENT_CASES,
  ...SUPPLIER_CASES,
  ...BANK_CASES,
  ...ACCOUNTING_CASES,
  ...OTHER_CASES,
  ...MISSED_CASES,
];

/** All cases with both logs; with fewer those of which something else is said then, and what leaves its trace in one of them. */
const isCentral = (logs: Logs) => ({ expected, with: others }: Case): boolean =>
  logs === "both" || others?.[logs] !== undefined || expected !== "quiet" && "told" in expected;

describe(
  "the register, of what Dolibarr itself does between two nights",
  { skip },
  () => {
    let lab: DrillLab;
    let world: World;
    beforeAll(async () => {
      lab = await startDrillLab("real");
      world = await startWorld(lab);
    });
    afterAll(async () => {
      await world[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    });

    for (const logs of ["both", "no agenda", "no unalterable log", "neither"] satisfies Logs[]) {
      describe(`where it keeps ${logs === "both" ? "both logs" : logs}`, () => {
        for (const one of CASES.filter(isCentral(logs))) {
          it(`says what became of: ${one.what}`, () => judgeCase(world, one, logs));
        }
        for (const one of ALTERATIONS.filter(isCentral(logs))) {
          it(`judges what nobody does in Dolibarr: ${one.what}`, () => judgeCase(world, one, logs));
        }
      });
    }
  },
);
