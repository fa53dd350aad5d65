/** Production behind the sandbox's address: a drill sees that it is not the sandbox, and does nothing there. */

import { assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { logoPath, readCompany } from "../../../src/dolibarr/company.ts";
import type { DrillResult } from "../../../src/checks/result.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { contentOf } from "../../../src/postgres/connection/snapshot.ts";
import { sha256Of } from "../../../src/base/streams.ts";
import { type DrillLab, startDrillLab, treeOf } from "../../support/lab/drill_lab.ts";
import type { ErpKind } from "../../support/lab/lab.ts";
import { assertNotRun, mayNotRun, notReached } from "../../support/lab/not_run.ts";
import { statementsDuring, writesAmong } from "../../support/lab/statements.ts";
import { type OfProduction, sandboxOpens } from "../../support/lab/wrong_erp.ts";

/** Which parts are production's, what the headline then says, and which marks are seen all the same. */
const WRONG: readonly [
  what: string,
  parts: readonly OfProduction[],
  says: RegExp,
  seen: readonly [message: boolean, file: boolean],
][] = [
  [
    "production's database and documents",
    ["database", "documents"],
    /the sign-in page does not have the mark/,
    [false, false],
  ],
  [
    "production's documents alone",
    ["documents"],
    /placeholder|nophoto|serves other bytes/,
    [true, false],
  ],
  ["production's database alone", ["database"], /the sign-in page does not have the mark/, [false, true]],
];

/** The drills in front of production, on an ERP of this kind. */
export function describeWrongSandbox(name: string, kind: ErpKind, { skip }: { skip?: string } = {}): void {
  describe(`a sandbox whose ERP opens what is production's (${name})`, { skip }, () => {
    let lab: DrillLab;
    beforeAll(async () => void (lab = await startDrillLab(kind)));
    afterAll(() => lab[Symbol.asyncDispose]());

    for (const [what, parts, says, seen] of kind === "real" ? WRONG.slice(0, 2) : WRONG) {
      it(`is NOT RUN with ${what}: nothing is typed, written or opened there`, async () => {
        await using _wrong = await sandboxOpens(lab, parts);
        const before = await stateOfProduction(lab);
        const [result, statements] = await watchedDrill(lab);
        assertEquals(await stateOfProduction(lab), before);
        assertEquals(writesAmong(statements), []);
        assertEquals(statements.filter((one) => /llx_(user|events)\b/.test(one)), [], "nobody signed in");
        assertEquals(
          statements.some((statement) => /llx_const/.test(statement)),
          parts.includes("database"),
          "production's own ERP was asked for its sign-in page, or was not",
        );

        assertEquals([result.verdict, result.exit, result.culprit], ["not_run", 2, "sandbox"]);
        assertMatch(result.headline, says);
        assertEquals([result.marks.map((mark) => mark.seen), result.invoicesOpened], [[...seen], 0]);
        assertNotRun(
          result.checks,
          mayNotRun(kind, "fast"),
          notReached(
            "MARK_NOT_SEEN",
            "fast",
            (id) =>
              id.startsWith("browser.") && !(id === "browser.sandbox" && seen[0]) &&
              !(id === "browser.documents_mark" && seen[1]),
          ),
        );
        assertEquals(await logoOf(lab.prod), await logoOf(lab.sandbox), "the same logo is no proof");
      });
    }
  });
}

/** A drill with an account of the ERP's own, and every statement that production's server ran meanwhile. */
async function watchedDrill(lab: DrillLab): Promise<[DrillResult, string[]]> {
  let result: DrillResult | undefined;
  const web = { ...lab.sandbox.web, account: { login: await anAccount(lab), password: "x" } };
  const statements = await statementsDuring(lab, async () => {
    result = await lab.drill({ sandbox: { ...lab.sandbox, web }, level: "fast" });
  }, lab.prod.database.name);
  return [result!, statements];
}

async function anAccount(lab: DrillLab): Promise<string> {
  await using session = await connect(lab.prod.database);
  const [user] = await session.query<{ login: string }>(
    "SELECT login FROM llx_user WHERE admin = 1 AND statut = 1 ORDER BY rowid LIMIT 1",
  );
  return user!.login;
}

async function stateOfProduction({ prod }: DrillLab): Promise<string> {
  await using session = await connect(prod.database);
  return sha256Of(JSON.stringify([await contentOf(session), await treeOf(prod)]));
}

async function logoOf({ database, documents }: DrillLab["prod"]): Promise<string> {
  await using session = await connect(database);
  return sha256Of(await Deno.readFile(`${documents}/${logoPath((await readCompany(session)).logo)}`));
}
