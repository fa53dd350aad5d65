import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { judgeReader } from "../../../src/postgres/rights/reader.ts";
import type { ReaderFacts } from "../../../src/postgres/rights/reader_facts.ts";

const READER: ReaderFacts = {
  user: "erp_reader",
  superuser: false,
  createsRoles: false,
  memberOf: [],
  owns: [],
  writes: [],
  creates: [],
  unreadable: [],
  hidden: [],
  largeObjects: [],
};
const database = { name: "erp", owner: "erp_role" };

// deno-fmt-ignore: a line each
const WRITERS: [facts: Partial<ReaderFacts>, said: string, mend: string][] = [
  [{ superuser: true, memberOf: ["erp_role"], owns: ["public.a"] }, "it is a superuser", 'ALTER ROLE "erp_reader" NOSUPERUSER'],
  [{ createsRoles: true }, "it may make roles, and give itself theirs", 'ALTER ROLE "erp_reader" NOCREATEROLE'],
  [{ memberOf: ["erp_role"], owns: ["public.a"], creates: ["SCHEMA public"] }, "it is a member of erp_role, the owner", 'REVOKE "erp_role" FROM "erp_reader"'],
  [{ memberOf: ["pg_write_all_data"] }, "it is a member of pg_write_all_data, which may write", 'REVOKE "pg_write_all_data" FROM "erp_reader"'],
  [{ owns: ["public.a"] }, "it owns public.a", 'REASSIGN OWNED BY "erp_reader" TO "erp_role"'],
  [{ writes: [{ on: "TABLE", names: ["public.a", "public.b"] }] }, "it may write to table public.a, public.b", 'REVOKE ALL ON TABLE public.a, public.b FROM PUBLIC, "erp_reader"'],
  [{ creates: ["SCHEMA public"] }, "it may create something in schema public", 'REVOKE CREATE ON SCHEMA public FROM PUBLIC, "erp_reader"'],
];

// deno-fmt-ignore: a line each
const BLIND: [facts: Partial<ReaderFacts>, said: string, mend: string][] = [
  [{ unreadable: ["public.a"] }, "it may not read public.a", 'GRANT pg_read_all_data TO "erp_reader"'],
  [{ hidden: ["public.a"] }, "a row security policy may hide rows of public.a", 'ALTER ROLE "erp_reader" BYPASSRLS'],
  [{ largeObjects: ["17", "18"] }, "it may not read the large objects 17, 18", 'GRANT SELECT ON LARGE OBJECT 17, 18 TO "erp_reader"'],
];

describe("a login that only backs up", () => {
  it("is good when it reads everything and does nothing else", () => {
    assertEquals(judgeReader(READER, database), undefined);
  });

  for (const [facts, said, mend] of WRITERS) {
    it(`is refused when ${said}`, () => {
      const problem = judgeReader({ ...READER, ...facts }, database);
      assertEquals([problem?.code, problem?.details], ["READER_CAN_WRITE", [said]]);
      assertStringIncludes(problem!.hint, mend);
    });
  }

  for (const [facts, said, mend] of BLIND) {
    it(`is refused when ${said}`, () => {
      const problem = judgeReader({ ...READER, ...facts }, database);
      assertEquals([problem?.code, problem?.details], ["READER_CANNOT_READ", [said]]);
      assertStringIncludes(problem!.hint, mend);
    });
  }

  it("is told that it writes before that it cannot read, and a long list is cut", () => {
    const names = Array.from({ length: 275 }, (_, at) => `public.t${at}`);
    const facts = { ...READER, writes: [{ on: "TABLE" as const, names }], unreadable: ["public.x"] };
    const problem = judgeReader(facts, database);
    assertEquals(problem?.code, "READER_CAN_WRITE");
    assertStringIncludes(problem!.details[0]!, "public.t4 and 270 more");
    assert(problem!.hint.length < 500);
  });
});
