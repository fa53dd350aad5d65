/** What Dolibarr does to a validated invoice of a customer. */

import { aCase, type Case } from "../../../support/lab/nights/expected.ts";
import { DAY, type World } from "../../../support/lab/nights/world.ts";

const anInvoice = (world: World) => world.invoice();

/** One action on one invoice, which changes nothing that the law keeps. */
const quiet = (what: string, action: string, given: (world: World) => object = () => ({})): Case<number> => ({
  what,
  before: anInvoice,
  does: (world, id) => world.act(action, { id, ...given(world) }),
  expected: "quiet",
});

/** What the page hides of a validated invoice, and its server side does all the same. */
const posted = (what: string, action: string): Case<number> => ({
  what: `${what} of a validated invoice changed past the page`,
  before: anInvoice,
  does: (world, id) => world.act(action, { id, date: "2026-01-05" }),
  expected: { found: "altered" },
  with: { neither: { told: /^1 invoice changed since \w+: this ERP keeps no log of it$/ } },
});

const corrected = async ({ act }: World, id: number) => {
  await act("reopen", { id });
  await act("correctLines", { id, price: 50 });
  await act("validate", { id });
};

const NO_LOG = { told: /this ERP keeps no log of that/ };

export const INVOICE_CASES: readonly Case[] = [
  aCase<number>({
    what: "a draft validated",
    before: (world) => world.invoice({ draft: true }),
    does: ({ act }, id) => act("validate", { id }),
    expected: "quiet",
  }),
  aCase({ what: "an invoice made and validated", does: anInvoice, expected: "quiet" }),
  aCase({
    what: "an invoice of a month ago made and validated",
    does: (world) => world.invoice({ date: "2026-10-02" }),
    expected: "quiet",
  }),
  quiet("its PDF made", "makePdf"),
  quiet("it paid without a payment", "paid"),
  quiet("it abandoned", "abandon"),
  {
    ...quiet("it unpaid again", "unpaid"),
    before: async (world: World) => {
      const id = await world.invoice();
      await world.act("paid", { id });
      return id;
    },
  },
  quiet("a note", "note"),
  quiet("other terms and mode of payment", "terms"),
  quiet("another bank account", "bankAccount", ({ account: id }) => ({ account: id })),
  quiet("the customer's reference", "clientReference"),
  quiet("a project", "project", ({ project }) => ({ project })),
  quiet("a contact", "contactOf", ({ contact }) => ({ contact })),
  quiet("an extra field", "extraField"),
  quiet("it saved without a change", "updateUnchanged"),
  aCase<number>({
    what: "it replaced by another",
    before: anInvoice,
    does: (world, id) => world.invoice({ replaces: id }),
    expected: "quiet",
  }),
  aCase<number>({
    what: "it reopened",
    before: anInvoice,
    does: ({ act }, id) => act("reopen", { id }),
    expected: { told: /^invoice FA\S+: open again, by admin at \S+ \S+ \(agenda: BILL_UNVALIDATE\)$/ },
    with: { "no agenda": NO_LOG, "no unalterable log": { told: /open again, by admin/ }, neither: NO_LOG },
  }),
  aCase<number>({
    what: "it reopened, corrected and validated again",
    before: anInvoice,
    does: corrected,
    expected: { told: /^invoice FA\S+: changed by admin at .*BILL_UNVALIDATE.*lines changed$/ },
    with: {
      "no agenda": { told: /changed by .*unalterable log: BILL_VALIDATE/ },
      neither: { told: /^1 invoice changed since .*no log of it$/ },
    },
  }),
  aCase<number>({
    what: "the last of its series deleted",
    before: anInvoice,
    does: ({ act }, id) => act("deleteInvoice", { id }),
    expected: { told: /^invoice FA\S+: deleted by admin at .*BILL_DELETE/ },
    with: {
      "no agenda": { told: /it was the last of its series/ },
      neither: { told: /the last of its series/ },
    },
  }),
  aCase<number>({
    what: "its number used again by another after it was deleted",
    before: anInvoice,
    does: async (world, id) => {
      await world.act("deleteInvoice", { id });
      await world.invoice({ prices: [7] });
    },
    expected: { told: /^invoice FA\S+: deleted by admin at .*BILL_DELETE/ },
    with: { "no agenda": { told: /deleted; this ERP keeps no log/ }, neither: { told: /deleted; this ERP/ } },
  }),
  posted("the date", "postDate"),
  posted("the revenue stamp", "postStamp"),
  posted("the reference", "postReference"),
  posted("the date of its tax", "postPointOfTax"),
  posted("the retained warranty", "postWarranty"),
  aCase<number>({
    what: "a credit note of it",
    before: anInvoice,
    does: (world, source) => world.invoice({ source }),
    expected: "quiet",
  }),
];

/** A discount made of a credit note of 160.00. */
async function aDiscount(world: World): Promise<{ id: number; note: number }> {
  const note = await world.invoice({ source: await world.invoice() });
  return { id: await world.act("toDiscount", { id: note }), note };
}

const discount = (what: string, does: (world: World, id: number) => Promise<unknown>, more = {}) =>
  aCase<{ id: number }>({
    what,
    before: aDiscount,
    does: (world, { id }) => does(world, id),
    expected: "quiet",
    ...more,
  });

const applied = async (world: World) => {
  const { id } = await aDiscount(world);
  await world.act("applyDiscount", { id, invoice: await world.invoice({ prices: [400] }) });
  return { id };
};

export const DISCOUNT_CASES: readonly Case[] = [
  aCase<number>({
    what: "a credit note made into a discount",
    before: async (world) => await world.invoice({ source: await world.invoice() }),
    does: ({ act }, id) => act("toDiscount", { id }),
    expected: "quiet",
  }),
  discount("a discount split", ({ act }, id) => act("splitDiscount", { id, first: 40 })),
  discount(
    "a discount applied to an invoice",
    async (world, id) => world.act("applyDiscount", { id, invoice: await world.invoice({ prices: [400] }) }),
  ),
  discount("a discount freed", ({ act }, id) => act("freeDiscount", { id }), { before: applied }),
  discount(
    "a discount consumed by a draft",
    async (world, discount) =>
      world.act("consumeDiscount", { id: await world.invoice({ draft: true, prices: [400] }), discount }),
  ),
  discount("a discount deleted", ({ act }, id) => act("deleteDiscount", { id })),
  discount("a discount split, and both parts deleted", async (world, id) => {
    const [one] = await world.act<number[]>("splitDiscount", { id, first: 40 });
    await world.act("deleteDiscount", { id: one }); // Dolibarr deletes all of a source, or refuses
  }),
];

export const PARTY_CASES: readonly Case[] = [
  aCase({
    what: "a third party renamed",
    does: ({ act, other }) => act("renameParty", { id: other, name: "New" }),
    expected: "quiet",
  }),
  aCase({
    what: "third parties merged",
    before: async (world) =>
      void await world.supplierInvoice({ party: world.party, paper: await world.invoice() }),
    does: ({ act, party, other }) => act("mergeParties", { id: other, gone: party }),
    expected: { told: /^invoice FA\S+: its third party \d+ is now \d+: they were merged$/ },
  }),
  aCase({
    what: "products merged",
    before: (world) => world.invoice({ product: world.otherProduct, date: DAY }),
    does: ({ act, product, otherProduct }) => act("mergeProducts", { id: product, gone: otherProduct }),
    expected: "quiet",
  }),
];
