import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { extractCommand, extractPurpose } from "../../../src/checks/findings/words.ts";
import { lost, unbalanced } from "../../support/findings/nights.ts";

const history = { since: "20261103T020000Z", stillRightIn: "20261102T020000Z" };
const of = { from: "prod" };
const rows = (rows: string) => unbalanced({ history, facts: { was: "x", is: "y", rows } });

describe("the command that shows what a record was", () => {
  it("takes the rows that the finding names out of the set in which they are right", () => {
    assertEquals(
      extractCommand(rows("llx_facture:42 llx_facturedet:17"), of),
      "dolibarr-drill extract prod/20261102T020000Z --table llx_facture --where rowid=42 --to llx_facture.csv",
    );
    assertEquals(
      extractCommand(rows("llx_facturedet:17 llx_facturedet:18"), of),
      "dolibarr-drill extract prod/20261102T020000Z --table llx_facturedet --where rowid=17 rowid=18 --to llx_facturedet.csv",
    );
    assertEquals(
      extractCommand(rows("llx_actioncomm.id:3 llx_actioncomm.id:4"), of),
      "dolibarr-drill extract prod/20261102T020000Z --table llx_actioncomm --where id=3 id=4 --to llx_actioncomm.csv",
    );
    assertEquals(extractPurpose(rows("llx_facture:42")), "See what it was");
    assertEquals(extractPurpose(lost()), "Get it back");
  });

  it("is none where no set has them, no row is named, or the names are not ours", () => {
    assertEquals(
      extractCommand({ ...rows("llx_facture:42"), history: { since: history.since } }, of),
      undefined,
    );
    assertEquals(extractCommand(unbalanced({ history }), of), undefined);
    assertEquals(extractCommand(rows("llx_facture:42;rm $(x):2 llx_facture:x 7:7"), of), undefined);
  });
});
