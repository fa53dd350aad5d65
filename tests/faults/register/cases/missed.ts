/** What Dolibarr says of the deletion of what no law freezes: an event of its own, one that names no object, or nothing. */

import { aCase, type Case, type Expected } from "../../../support/lab/nights/expected.ts";
import type { World } from "../../../support/lab/nights/world.ts";

interface Deleted {
  what: string;
  before(world: World): Promise<number>;
  by: string;
  /** Where the agenda is on; without it each of them is told. */
  expected: Expected;
  /** What is told without the agenda. */
  told: RegExp;
}

const deleted = ({ what, before, by, expected, told }: Deleted): Case =>
  aCase<number>({
    what,
    before,
    does: ({ act }, id) => act(by, { id }),
    expected,
    with: { "no agenda": { told } },
  });

/** Where nothing tells of it in any case. */
const untold = (it: Omit<Deleted, "expected">): Case =>
  aCase<number>({
    what: it.what,
    before: it.before,
    does: ({ act }, id) => act(it.by, { id }),
    expected: { told: it.told },
  });

export const MISSED_CASES: readonly Case[] = [
  deleted({
    what: "a contract deleted",
    before: ({ act, party }) => act("contract", { party }),
    by: "deleteContract",
    expected: "quiet",
    told: /^1 contract gone since \w+: CT/,
  }),
  deleted({
    what: "a proposal deleted",
    before: ({ act, party }) => act("proposal", { party }),
    by: "deleteProposal",
    expected: "quiet",
    told: /^1 proposal gone since /,
  }),
  deleted({
    what: "an order deleted",
    before: ({ act, party }) => act("order", { party }),
    by: "deleteOrder",
    expected: "quiet",
    told: /^1 order gone since /,
  }),
  deleted({
    what: "an order of a supplier deleted",
    before: ({ act, supplier: party }) => act("supplierOrder", { party }),
    by: "deleteSupplierOrder",
    expected: "quiet",
    told: /^1 supplier order gone since /,
  }),
  deleted({
    what: "a contact deleted, whose event names none",
    before: ({ act, party }) => act("contact", { party }),
    by: "deleteContact",
    expected: "quiet",
    told: /^1 contact gone since \w+: contact \d+$/,
  }),
  deleted({
    what: "a user deleted with all rights and groups",
    before: ({ act }) => act("user", { login: "leaver" }),
    by: "deleteUser",
    expected: "quiet",
    told: /^1 user gone since \w+: leaver$/,
  }),
  aCase<number>({
    what: "all rights of a user taken away",
    before: ({ act }) => act("user", { login: "mover" }),
    does: ({ act }, id) => act("userWithoutRights", { id }),
    expected: "quiet",
  }),
  untold({
    what: "an event of the agenda deleted, of which Dolibarr writes none",
    before: ({ act }) => act("event"),
    by: "deleteEvent",
    told: /^1 event gone since \w+: AC_TEL \d+$/,
  }),
];
