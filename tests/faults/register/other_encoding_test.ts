/** A register is of the bytes in which its server held text: on a server of another encoding its hashes say nothing. */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { register } from "../../../src/checks/data/register.ts";
import type { DataContext } from "../../../src/checks/data/context.ts";
import { connect } from "../../../src/postgres/connection/session.ts";
import { registerPartsOf } from "../../../src/dolibarr/register/read.ts";
import { contentSettingsSql } from "../../../src/postgres/catalogue/content.ts";
import type { OpenRegister } from "../../../src/store/records/register/text.ts";
import { startPostgresServer } from "../../support/platform/postgres_server.ts";

describe("the register of a production in LATIN1, against a sandbox in UTF8", () => {
  it("is compared by its ids alone, and one of the same encoding by its hashes", async () => {
    await using server = await startPostgresServer();
    await using session = await connect(server.database);
    await session.query(
      `CREATE TABLE public.llx_paiement_facture (rowid integer, fk_paiement integer, fk_facture integer, amount numeric(24,8));
       INSERT INTO public.llx_paiement_facture SELECT n, n, n, n FROM generate_series(1, 3) AS n`,
    );
    await session.query(contentSettingsSql());
    const [part] = await registerPartsOf(session);
    const lines: string[] = [];
    for await (const some of part!.read()) lines.push(...some);

    /** Whether the check finds the restore wrong, with these lines in the register of a server of that encoding. */
    const differs = async (recorded: string[], encoding: string | undefined): Promise<boolean> => {
      const head = { comparedWith: "20261129T030000Z", environment: "prod", notes: [], standing: [] };
      const open = {
        head,
        async *parts() {
          yield {
            ...part!.form,
            content: "",
            rows: (async function* () {
              yield recorded;
            })(),
          };
        },
      } as unknown as OpenRegister;
      const source = {
        name: "20261130T030000Z",
        ...(encoding === undefined ? {} : { settings: { made: [], shown: { server_encoding: encoding } } }),
      };
      const context = {
        session,
        proof: { source },
        registered: { read: () => Promise.resolve(open), findings: [] },
      } as unknown as DataContext;
      return !(await register.run(context)).equal;
    };

    const otherBytes = lines.map((line) => line.replace(/^(\[\d+,")-?\d+/, "$18"));
    assertEquals(await differs(lines, "UTF8"), false);
    assertEquals(await differs(otherBytes, "UTF8"), true);
    assertEquals(await differs(otherBytes, undefined), true);
    assertEquals(await differs(otherBytes, "LATIN1"), false);
    assertEquals(await differs(otherBytes.slice(1), "LATIN1"), true); // a row of the database is not in it
  });
});
