/**
 * The check that no part of the documents lies where no backup looks, behind a link that leads out of them, or is what no
 * archive holds: a pipe, a name that is not UTF-8.
 */

import { linkedAway, LINKS } from "../../dolibarr/papers/linked_away.ts";
import { oddAway } from "../../dolibarr/papers/odd_away.ts";
import type { BooksCheck } from "../check.ts";
import { type DataContext, factsTwin, RESTORED_DOCUMENTS } from "../data/context.ts";
import { outcomeOfFaults } from "../findings/outcome.ts";

export const linksAway: BooksCheck<DataContext> = {
  id: LINKS.check,
  part: "documents",
  judges: "books",
  level: "fast",
  given: RESTORED_DOCUMENTS,
  title: "No document lies behind a link that no backup follows",
  required: true,
  run({ proof: { index, source } }) {
    const links = index.leftOut ?? [];
    const counted = new Map(
      (source.findings ?? []).flatMap((one) =>
        one.id.startsWith(`${LINKS.check}/`) ? [[one.subject, one.sentence] as const] : []
      ),
    );
    // a backup that looked, and tells nothing of a link, found nothing behind it
    const looked = source.covers?.includes(`${LINKS.check}/${LINKS.kind}`) === true;
    const faults = links.flatMap((link) => {
      const sentence = counted.get(link.path);
      if (looked && sentence === undefined) return [];
      const fault = linkedAway(link, undefined);
      return fault ? [{ ...fault, ...(sentence === undefined ? {} : { sentence }) }] : [];
    });
    const odd = index.odd ?? [];
    return Promise.resolve(outcomeOfFaults([...faults, ...odd.map(oddAway)], {
      check: LINKS.check,
      checked: Math.max(1, index.files.length + index.links.length + links.length + odd.length),
      with: LINKS.with,
      hint:
        "Back up the folder behind a link too: documents: { follow: { NAME: FOLDER } } of the environment; or accept the finding",
    }));
  },
  twin: factsTwin("a folder of the documents that is a link to another volume", (context) => ({
    ...context,
    proof: {
      ...context.proof,
      source: { ...context.proof.source, covers: [] },
      index: { ...context.proof.index, leftOut: [{ path: "produit", target: "/srv/volume2/produit" }] },
    },
  })),
};
