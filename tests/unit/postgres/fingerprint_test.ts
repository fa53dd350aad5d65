import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { VOLATILE_ROWS } from "../../../src/dolibarr/tables/volatile_rows.ts";
import type { CatalogueAnswer } from "../../../src/postgres/catalogue/catalogue.ts";
import type { HashedTable } from "../../../src/postgres/catalogue/content.ts";
import {
  fingerprintAlgorithm,
  planContent,
  readFingerprint,
  type VolatileRows,
} from "../../../src/postgres/catalogue/fingerprint.ts";

const because = "a test";
const table = (name: string, rows = 1, hash = "1") => ({ table: `public.${name}`, rows, hash });
const user: VolatileRows = { table: "public.llx_user", columns: ["tms"], because };
const constants: VolatileRows = {
  table: "public.llx_const",
  rows: { column: "name", values: ["PING"] },
  because,
};
const session: VolatileRows = { table: "public.llx_session", because };

describe("what of the tables counts in a fingerprint", () => {
  const tables = [table("llx_user"), table("llx_const"), table("llx_session"), table("llx_facture")];

  it("is all of a table that nothing is said about, the rest of one, and nothing of a whole one", () => {
    assertEquals(planContent(tables, [user, constants, session]), {
      whole: [table("llx_facture")],
      questions: [
        { table: "public.llx_user", columns: ["tms"], rows: [] },
        { table: "public.llx_const", columns: [], rows: [{ column: "name", values: ["PING"] }] },
      ],
      without: ["public.llx_session"],
      comingAndGoing: new Set(["public.llx_const", "public.llx_session"]),
    });
  });

  it("joins what several entries say about one table", () => {
    const { questions } = planContent(tables, [user, { ...user, columns: ["iplastlogin"] }]);
    assertEquals(questions, [{ table: "public.llx_user", columns: ["tms", "iplastlogin"], rows: [] }]);
  });

  it("is not disturbed by entries about tables that are not there", () => {
    assertEquals(planContent([table("llx_facture")], [user, session]).whole, [table("llx_facture")]);
  });

  it("lets only those sequences move whose tables get rows by themselves", () => {
    assertEquals(planContent(tables, [user]).comingAndGoing, new Set());
  });
});

describe("the algorithm of a fingerprint", () => {
  it("is a version and a hash, and the same each time", () => {
    assertMatch(fingerprintAlgorithm(VOLATILE_ROWS), /^dolibarr-drill\/db\/1 [0-9a-f]{16}$/);
    assertEquals(fingerprintAlgorithm([user, session]), fingerprintAlgorithm([user, session]));
  });

  it("is another when a column, a value or a table more is volatile, and the same when only a reason is", () => {
    const names = [
      [user],
      [{ ...user, columns: ["tms", "pass"] }],
      [user, constants],
      [user, { ...constants, rows: { column: "name", values: ["PING", "PONG"] } }],
    ].map((list) => fingerprintAlgorithm(list as VolatileRows[]));
    assertEquals(new Set(names).size, names.length);
    assertEquals(fingerprintAlgorithm([{ ...user, because: "another" }]), names[0]);
  });
});

const CONSTANTS: HashedTable = {
  schema: "public",
  name: "llx_const",
  quoted: "public.llx_const",
  columns: [{ name: "name", type: "text", kind: "text", sent: "text", domain: false }],
  bytes: 8192,
};

describe("a fingerprint", () => {
  /** Answers as a database would that has nothing volatile but what `reread` says. */
  function database(change: { catalogue?: Partial<CatalogueAnswer>; places?: string; reread?: string } = {}) {
    const asked: string[] = [];
    const catalogue: CatalogueAnswer = {
      kinds: { columns: [9, "123"] },
      sequences: [
        { name: "public.llx_const_rowid_seq", of: "public.llx_const" },
        { name: "public.llx_facture_rowid_seq", of: "public.llx_facture" },
        { name: "public.lonely_seq", of: null },
      ],
      largeObjects: false,
      ...change.catalogue,
    };
    const ask = <T>(sql: string): Promise<T> => {
      asked.push(sql);
      if (sql.includes("'kinds'")) return Promise.resolve(catalogue as T);
      if (sql.includes("set_config")) return Promise.resolve([] as T);
      if (sql.includes("presorts")) return Promise.resolve({ encoding: "UTF8", presorts: null } as T);
      if (sql.includes("current_setting")) return Promise.resolve({} as T);
      if (sql.includes("pg_attribute a")) return Promise.resolve([CONSTANTS] as T);
      if (sql.includes("hashed row")) {
        return Promise.resolve([{ table: "public.llx_const", rows: 2, hash: change.reread ?? "5" }] as T);
      }
      return Promise.resolve({ sequences: change.places ?? "7", largeObjects: null } as T);
    };
    return { ask, asked };
  }
  const tables = [table("llx_const", 3, "9"), table("llx_facture", 48, "4")];
  const value = async (change: Parameters<typeof database>[0], of = tables) =>
    (await readFingerprint(database(change).ask, of, [constants])).value;

  it("does not see the volatile part, nor the order of tables", async () => {
    const plain = await value({});
    assertEquals(await value({}, [table("llx_facture", 48, "4"), table("llx_const", 4, "77")]), plain);
  });

  it("sees each of the rest", async () => {
    const values = await Promise.all([
      value({}),
      value({ reread: "6" }),
      value({ places: "8" }),
      value({ catalogue: { kinds: { columns: [9, "124"] } } }),
      value({ catalogue: { sequences: [] } }),
      value({}, [table("llx_const"), table("llx_facture", 48, "5")]),
      value({}, [table("llx_const"), table("llx_facture", 49, "4")]),
      value({}, [table("llx_const"), table("llx_factures", 48, "4")]),
      value({}, [table("llx_const")]),
    ]);
    assertEquals(new Set(values).size, values.length);
  });

  it("does not ask where the sequence of a table stands that gets rows by itself", async () => {
    const { ask, asked } = database();
    await readFingerprint(ask, tables, [constants]);
    const places = asked.find((sql) => sql.includes("last_value"))!;
    assertEquals(
      [/FROM public\.(\w+)/g].flatMap((one) => [...places.matchAll(one)].map(([, name]) => name)),
      ["llx_facture_rowid_seq", "lonely_seq"],
    );
  });

  it("is another one for tables that are all volatile than for none", async () => {
    const whole = await readFingerprint(database().ask, [table("llx_session")], [session]);
    const none = await readFingerprint(database().ask, [], [session]);
    assertNotEquals(whole.value, none.value);
  });
});

describe("what is volatile in Dolibarr", () => {
  it("says of each entry what writes it, and names no table twice as a whole", () => {
    for (const { table, because } of VOLATILE_ROWS) {
      assertMatch(table, /^public\.llx_[a-z_]+$/);
      assertMatch(because, /\S+ \S+/);
    }
    const whole = VOLATILE_ROWS.filter(({ columns, rows }) => !columns && !rows).map(({ table }) => table);
    assertEquals(whole, ["public.llx_session"]);
  });

  it("is nothing of accounts, rights, the security log or the setup", () => {
    const kept = ["login", "pass_crypted", "admin", "statut", "api_key", "status", "label", "frequency"];
    const columns = VOLATILE_ROWS.flatMap(({ columns }) => columns ?? []);
    assertEquals(columns.filter((column) => kept.includes(column)), []);
    assertEquals(VOLATILE_ROWS.some(({ table }) => /events|rights|blockedlog|collector/.test(table)), false);
  });
});
