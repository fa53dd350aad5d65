/** A company in which Dolibarr's classes act, and its registers from night to night. */

import { type MadeRegister, makeRegister } from "../../../../src/backup/register/register.ts";
import { contentSettingsSql } from "../../../../src/postgres/catalogue/content.ts";
import type { RecordedTable } from "../../../../src/store/records/manifest.ts";
import { timestampOf } from "../../../../src/base/time.ts";
import { openRegister } from "../../../../src/store/records/register/text.ts";
import { REGISTER_TABLES } from "../../../../src/dolibarr/register/tables.ts";
import { type DolibarrActs, startActs } from "../dolibarr_acts.ts";
import type { DrillLab } from "../drill_lab.ts";

/** Which logs the ERP keeps. */
export type Logs = "both" | "no agenda" | "no unalterable log" | "neither";

export interface World extends DolibarrActs {
  party: number;
  other: number;
  supplier: number;
  account: number;
  project: number;
  contact: number;
  product: number;
  otherProduct: number;
  /** The ids of the years of accounting 2025 and 2026. */
  years: [number, number];
  /** A validated invoice of the company `party`, with two lines. */
  invoice(given?: Record<string, unknown>): Promise<number>;
  supplierInvoice(given?: Record<string, unknown>): Promise<number>;
  /** The register of now, compared with an earlier one. Every part of it is read. */
  register(earlier?: MadeRegister): Promise<MadeRegister>;
}

const FIRST_NIGHT = Date.UTC(2026, 10, 1, 3);

/** The day of all papers of which no other is named. */
export const DAY = "2026-11-20";

const MODULES = [
  ...["modAgenda", "modAccounting", "modExpenseReport", "modContrat", "modProjet", "modVariants"],
  ...["modPropale", "modCommande"],
];

/** Fills it; disposing leaves the lab as it was. */
export async function startWorld(lab: DrillLab): Promise<World> {
  await using started = new AsyncDisposableStack();
  const acts = started.use(await startActs(lab));
  const { act, session } = acts;
  await act("modules", MODULES);
  const party = await act("party", { name: "Lavoisier & Co" });
  const supplier = await act("party", { name: "Seller", supplier: true });
  let papers = 0;
  let nights = 0;
  const resources = started.move();
  return {
    ...acts,
    party,
    supplier,
    other: await act("party", { name: "Other Co" }),
    account: await session.ask<number>("SELECT min(rowid) FROM llx_bank_account"),
    project: await act("newProject", { ref: "PJ-1", party }),
    contact: await act("contact", { party }),
    product: await act("product", { ref: "KEPT" }),
    otherProduct: await act("product", { ref: "GONE" }),
    years: [await act("fiscalYear", { year: "2025" }), await act("fiscalYear", { year: "2026" })],
    invoice: (given = {}) => act("invoice", { party, date: DAY, prices: [100, 33.33], ...given }),
    supplierInvoice: (given = {}) =>
      act("supplierInvoice", {
        ...{ party: supplier, date: DAY, prices: [10.01, 20.02, 30.03], ref: `THEIRS ${++papers}` },
        ...given,
      }),
    register: (earlier) =>
      acts.undone(async () => {
        await session.query(contentSettingsSql());
        const name = earlier?.head.set ?? "";
        const set = timestampOf(new Date(FIRST_NIGHT + ++nights * 86_400_000));
        return await makeRegister({
          environment: "prod",
          set,
          session,
          tables: unlikeAnyOther(),
          ...(earlier
            ? { earlier: await openRegister(earlier.bytes(), `prod/registers/${name}.json.gz`) }
            : {}),
        });
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Hashes that no other night has, so that no part is taken over unread. */
const unlikeAnyOther = (): RecordedTable[] =>
  REGISTER_TABLES.map(({ table }) => ({ table: `public.${table}`, rows: 0, hash: crypto.randomUUID() }));

/** Switches logs off, as an administrator does. Dolibarr itself refuses to switch the unalterable one off by its page. */
export async function keepLogs({ act }: World, logs: Logs): Promise<void> {
  if (logs === "no agenda" || logs === "neither") await act("modulesOff", ["modAgenda"]);
  if (logs === "no unalterable log" || logs === "neither") {
    await act("constantGone", { name: "MAIN_MODULE_BLOCKEDLOG" });
  }
}
