/** A server that is not PostgreSQL, at the other end of the configuration. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { connect } from "../../../src/postgres/connection/session.ts";

/** What MariaDB 10.11 says first. */
const MARIADB = new TextEncoder().encode("\x4a\0\0\0\n5.5.5-10.11.6-MariaDB-0+deb12u1\0\x21\0\0\0");

/** Listens, and says `greeting` to whoever connects. */
function speaking(greeting: Uint8Array): AsyncDisposable & { port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const one of listener) {
      await one.write(greeting).catch(() => {});
      const bytes = new Uint8Array(64);
      while (await one.read(bytes).catch(() => null) !== null);
      one.close();
    }
  })().catch(() => {});
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

describe("a server that is not PostgreSQL", () => {
  const told = async (greeting: Uint8Array) => {
    await using server = speaking(greeting);
    const database = {
      ...{ host: "127.0.0.1", port: server.port, name: "dolibarr", owner: "dolibarr" },
      ...{ user: "dolibarr", password: "x" },
    };
    return await assertRejects(() => connect(database), DrillError);
  };

  it("is told in one sentence where it is MySQL or MariaDB", async () => {
    const error = await told(MARIADB);
    assertEquals(error.code, "DATABASE_UNREACHABLE");
    assertMatch(
      error.message,
      /MySQL or MariaDB \(5\.5\.5-10\.11\.6-MariaDB\S*\) answers there, .* PostgreSQL alone$/,
    );
  });

  it("is no such one where it says something else", async () => {
    const error = await told(new TextEncoder().encode("SSH-2.0-OpenSSH_9.2\r\n"));
    assertEquals(/MariaDB/.test(error.message), false, error.message);
  });
});
