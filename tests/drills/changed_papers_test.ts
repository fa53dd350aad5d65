import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { backup } from "../../src/backup/backup.ts";
import { silentReporter } from "../../src/base/terminal/reporter.ts";
import { md5Of } from "../../src/base/streams.ts";
import type { Session } from "../../src/postgres/connection/session.ts";
import { storeDrillResult } from "../../src/drill/record/store_result.ts";
import { openFileStore } from "../../src/store/drivers/file.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryFolder } from "../support/folder.ts";
import { textPdf } from "../support/samples/pdfs.ts";
import { type DrillLab, startDrillLab } from "../support/lab/drill_lab.ts";
import { whyNoDolibarr } from "../support/lab/lab.ts";

const why = await whyNoDolibarr();

/** An invoice of long ago with a PDF. */
interface Paper extends Record<string, unknown> {
  ref: string;
  total: string;
  date: string;
  path: string;
}

describe("invoices' PDFs that are other files than the night before", () => {
  let lab: DrillLab;
  let production: Session;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let store: Store;
  let papers: Paper[];
  /** What the backup of the last night said of changed papers. */
  let told: string[];
  beforeAll(async () => {
    lab = await startDrillLab(why === undefined ? "real" : "stand-in");
    production = await lab.provisioner(lab.prod);
    folder = await temporaryFolder();
    store = await openFileStore(`file://${folder.path}/store`);
    papers = await production.query<Paper>(
      `SELECT ref, round(total_ttc, 2)::text AS total, datef::text AS date, last_main_doc AS path FROM llx_facture
        WHERE fk_statut > 0 AND last_main_doc LIKE '%.pdf' ORDER BY rowid LIMIT 12`,
    );
  });
  afterAll(async () => {
    await production[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** What the drill of a new night says of the texts. The newest invoice alone is opened. */
  async function night() {
    told = [];
    const note = (text: string) => void (/papers? of invoices changed/.test(text) && told.push(text));
    const reporter = { ...silentReporter, note };
    await backup(lab.prod, store, { reporter, signal: AbortSignal.timeout(60_000) });
    const drilled = await lab.drill({ store, level: "standard", samples: 1, opensPages: false });
    await storeDrillResult(store, drilled, { folder: `${folder.path}/report`, reporter: silentReporter });
    return drilled.checks.find(({ id }) => id === "documents.invoice_texts")!;
  }

  /** Puts other bytes in the place of a PDF, with the md5 that Dolibarr records; disposing puts the old ones back. */
  async function exchange({ path }: Paper, bytes: Uint8Array<ArrayBuffer>): Promise<AsyncDisposable> {
    const file = `${lab.prod.documents}/${path}`;
    const old = await Deno.readFile(file);
    const write = async (bytes: Uint8Array<ArrayBuffer>) => {
      await Deno.writeFile(file, bytes);
      await production.query(
        "UPDATE llx_ecm_files SET label = $1 WHERE filepath || '/' || filename = $2",
        [md5Of(bytes), path],
      );
    };
    await write(bytes);
    return { [Symbol.asyncDispose]: () => write(old) };
  }

  const bytesOf = ({ path }: Paper) => Deno.readFile(`${lab.prod.documents}/${path}`);

  it("are read: one of another invoice is a finding each night, one that was made again is none", async () => {
    assertEquals((await night()).verdict, "pass");
    const [one, two, other] = papers as [Paper, Paper, Paper];
    {
      // the same text in other bytes, as Dolibarr makes it at a payment
      const again = new Uint8Array([...await bytesOf(two), ...new TextEncoder().encode("\n")]);
      await using _again = await exchange(two, again);
      await using _exchanged = await exchange(one, await bytesOf(other));
      for (const nth of [1, 2]) {
        const check = await night();
        assertEquals(told.length, nth === 1 ? 1 : 0, told.join());
        if (nth === 1) {
          assertMatch(told[0]!, /^2 papers of invoices changed since \w+: a drill reads what they say$/);
        }
        assertEquals(check.verdict, "fail", check.message);
        assertEquals(check.findings?.map(({ id }) => id), [`documents.invoice_texts/${one.ref}/other-text`]);
        assertEquals(check.compared?.expected, 3); // the opened one, and both that changed
      }
    }
    {
      // its reference and total are right; the name and the date are another paper's
      await using _forged = await exchange(one, textPdf(`${one.ref} ${one.total} 01/01/2001 Nobody`));
      const check = await night();
      assertEquals(check.findings?.map(({ id, facts }) => [id, facts.lacks]), [
        [`documents.invoice_texts/${one.ref}/other-text`, `the date ${one.date} and the third party's name`],
      ]);
    }
    assertEquals((await night()).verdict, "pass");
  });
});
