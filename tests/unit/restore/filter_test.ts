import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DrillError } from "../../../src/base/errors.ts";
import {
  type ExtensionState,
  planRestore,
  refuseMissingExtensions,
} from "../../../src/restore/dump/filter.ts";
import { parseContents } from "../../../src/restore/dump/toc.ts";

/** The list of a dump with these entries. */
const listOf = (entries: string): string => {
  const lines = entries.replaceAll(/^\n|\n$/g, "").split("\n");
  const count = lines.filter((line) => /^\d/.test(line)).length;
  return `;
; Archive created at 2026-06-30 15:53:13 UTC
;     dbname: erp
;     TOC Entries: ${count}
;     Compression: -1
;
; Selected TOC Entries:
;
${lines.join("\n")}
`;
};
const planOf = (entries: string, extensions?: ReadonlyMap<string, ExtensionState>) =>
  planRestore(parseContents(listOf(entries)), { extensions });

const LIST = `
3342; 0 0 ENCODING - ENCODING 
3343; 0 0 STDSTRINGS - STDSTRINGS 
3344; 0 0 SEARCHPATH - SEARCHPATH 
3345; 1262 16386 DATABASE - erp erp_role
4; 2615 2200 SCHEMA - public pg_database_owner
2; 3079 13561 EXTENSION - plpgsql 
3915; 0 0 COMMENT - EXTENSION plpgsql 
;	depends on: 2
3916; 0 0 COMMENT - SCHEMA public pg_database_owner
515; 1255 16590 FUNCTION public user_lookup(text) provisioner
3917; 0 0 ACL public FUNCTION user_lookup(text) provisioner
;	depends on: 515
3918; 0 0 COMMENT public FUNCTION user_lookup(text) provisioner
;	depends on: 515
514; 1255 16589 FUNCTION public user_lookup(integer) erp_role
3919; 0 0 COMMENT public FUNCTION user_lookup(integer) erp_role
516; 1255 16595 FUNCTION public date_format(timestamp without time zone, text) erp_role
215; 1259 16600 TABLE public llx_facture erp_role
216; 1259 16601 SEQUENCE public llx_facture_rowid_seq erp_role
3920; 0 0 SEQUENCE OWNED BY public llx_facture_rowid_seq erp_role
;	depends on: 216
3600; 2604 16700 DEFAULT public llx_facture rowid erp_role
;	depends on: 215 216
3800; 0 16600 TABLE DATA public llx_facture erp_role
;	depends on: 215
3801; 0 0 SEQUENCE SET public llx_facture_rowid_seq erp_role
3700; 2606 16800 FK CONSTRAINT public llx_facture fk_facture_fk_soc erp_role
3702; 2620 16900 TRIGGER public llx_facture update_customer_modtime erp_role
;	depends on: 215 516
3703; 6104 16901 PUBLICATION - bi erp_role
3704; 0 0 ACL - SCHEMA public pg_database_owner
`;

describe("the contents filter", () => {
  const entries = parseContents(listOf(LIST));
  const plan = planRestore(entries);

  it("reads kind, schema, name, owner and dependencies of each entry", () => {
    assertEquals(entries.length, 24);
    assertEquals(entries.filter(({ kind }) => kind === "FUNCTION").map(({ name, owner }) => [name, owner]), [
      ["user_lookup(text)", "provisioner"],
      ["user_lookup(integer)", "erp_role"],
      ["date_format(timestamp without time zone, text)", "erp_role"],
    ]);
    const trigger = entries.find(({ kind }) => kind === "TRIGGER");
    assertEquals([trigger?.name, trigger?.dependsOn], ["llx_facture update_customer_modtime", [215, 516]]);
    assertEquals(entries.find(({ kind }) => kind === "SEQUENCE OWNED BY")?.name, "llx_facture_rowid_seq");
  });

  it("leaves out what is not the ERP's, each with a reason", () => {
    assertEquals(plan.leftOut.map(({ what }) => what), [
      "DATABASE erp",
      "SCHEMA public",
      "EXTENSION plpgsql",
      "COMMENT EXTENSION plpgsql",
      "COMMENT SCHEMA public",
      "FUNCTION public.user_lookup(text)",
      "ACL public.FUNCTION user_lookup(text)",
      "COMMENT public.FUNCTION user_lookup(text)",
      "PUBLICATION bi",
      "ACL SCHEMA public",
    ]);
    assertEquals(plan.leftOut.filter(({ why }) => why === ""), []);
  });

  it("lets everything else come over: functions, also the ERP's own user_lookup, triggers and sequences", () => {
    assertEquals(plan.included.map(({ kind, name }) => `${kind} ${name}`), [
      "ENCODING ENCODING",
      "STDSTRINGS STDSTRINGS",
      "SEARCHPATH SEARCHPATH",
      "FUNCTION user_lookup(integer)",
      "COMMENT FUNCTION user_lookup(integer)",
      "FUNCTION date_format(timestamp without time zone, text)",
      "TABLE llx_facture",
      "SEQUENCE llx_facture_rowid_seq",
      "SEQUENCE OWNED BY llx_facture_rowid_seq",
      "DEFAULT llx_facture rowid",
      "TABLE DATA llx_facture",
      "SEQUENCE SET llx_facture_rowid_seq",
      "FK CONSTRAINT llx_facture fk_facture_fk_soc",
      "TRIGGER llx_facture update_customer_modtime",
    ]);
  });

  const only: [what: string, line: string, leftOut: boolean][] = [
    ["user_lookup(text) in a schema of its own", "1; 1255 5 FUNCTION pooler user_lookup(text) chief", true],
    ["one whose owner has a space", "1; 1255 5 FUNCTION public user_lookup(text) big chief", true],
    ["one whose name ends like it", "1; 1255 5 FUNCTION public my user_lookup(text) erp_role", false],
    ["one with more arguments", "1; 1255 5 FUNCTION public user_lookup(text, text) erp_role", false],
    ["a table of that name", "1; 1259 5 TABLE public user_lookup(text) erp_role", false],
    ["an event trigger", "1; 3466 5 EVENT TRIGGER - watch erp_role", true],
    ["a server", "1; 1417 5 SERVER - far erp_role", true],
    ["a user mapping", "1; 1418 5 USER MAPPING - USER MAPPING erp SERVER far erp_role", true],
    ["default rights", "1; 826 5 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES erp_role", true],
    ["a default in a schema ACL", "1; 2604 5 DEFAULT ACL llx_facture rowid erp_role", false],
    ["a security label", "1; 0 0 SECURITY LABEL public TABLE llx_facture erp_role", true],
    ["a policy", "1; 3256 5 POLICY public llx_facture only_mine erp_role", false],
    ["a kind that nobody knows yet", "1; 9999 5 PROPERTY GRAPH public far erp_role", false],
  ];
  for (const [what, line, leftOut] of only) {
    it(`${leftOut ? "leaves out" : "lets come over"} ${what}`, () => {
      const { included, leftOut: found } = planOf(line);
      assertEquals([included.length, found.length], leftOut ? [0, 1] : [1, 0]);
    });
  }

  it("leaves out what is said of user_lookup(text), however its arguments are spelt", () => {
    const { included } = planOf(`
257; 1255 16468 FUNCTION public user_lookup(text) provisioner
258; 1255 16469 FUNCTION public user_lookup(integer) erp_role
3518; 0 0 COMMENT public FUNCTION user_lookup(i_username text, OUT uname text, OUT phash text) provisioner
;	depends on: 257
3519; 0 0 COMMENT public FUNCTION user_lookup(number integer) erp_role
;	depends on: 258`);
    assertEquals(included.map(({ id }) => id), [258, 3519]);
  });

  it("tells a schema with the name of a kind from that kind, and knows one with a space in it", () => {
    const found = parseContents(listOf(`
7; 2615 16511 SCHEMA - my reports erp_role
8; 1259 1 TABLE DATA llx_facture erp_role
9; 1259 2 VIEW my reports sales of the "year" erp_role`));
    assertEquals(found.map(({ kind, schema, name }) => [kind, schema, name]), [
      ["SCHEMA", "", "my reports"],
      ["TABLE", "DATA", "llx_facture"],
      ["VIEW", "my reports", 'sales of the "year"'],
    ]);
  });

  it("leaves out with a foreign table what is built on it, and says so", () => {
    const { included, leftOut } = planOf(`
10; 2328 5 FOREIGN DATA WRAPPER - files chief
11; 1417 5 SERVER - far chief
;	depends on: 10
12; 1259 5 FOREIGN TABLE public prices erp_role
;	depends on: 11
13; 1259 6 VIEW public cheap erp_role
;	depends on: 12
14; 1259 7 TABLE public llx_facture erp_role`);
    assertEquals(included.map(({ name }) => name), ["llx_facture"]);
    assertEquals(leftOut.at(-1), {
      what: "VIEW public.cheap",
      why: "it is built on FOREIGN TABLE public.prices, which is left out",
    });
  });

  it("names what was another role's: it becomes the owner role's", () => {
    const { adopted } = planOf(`
1; 1259 1 TABLE public llx_facture erp_role
2; 1259 2 TABLE public llx_societe erp_role
3; 1259 3 VIEW public prices bi`);
    assertEquals(adopted, [{ what: "VIEW public.prices", from: "bi" }]);
  });
});

describe("a dump with extensions", () => {
  const LINES = `
2; 3079 16387 EXTENSION - pg_trgm 
3347; 0 0 COMMENT - EXTENSION pg_trgm 
;	depends on: 2
214; 1259 16485 TABLE public llx_societe erp_role
3181; 1259 16509 INDEX public idx_societe_nom erp_role
;	depends on: 214 2 2`;
  const comesOver = (state?: ExtensionState) =>
    planOf(LINES, new Map(state ? [["pg_trgm", state]] : [])).included.map(({ kind }) => kind);
  const refused = (state?: ExtensionState) => () => {
    const extensions = new Map(state ? [["pg_trgm", state] as const] : []);
    refuseMissingExtensions(planOf(LINES, extensions), extensions, "erp-sandbox");
  };

  it("brings over those that the role may make, and needs the others to be there", () => {
    assertEquals(comesOver("makeable"), ["EXTENSION", "COMMENT", "TABLE", "INDEX"]);
    assertEquals(comesOver("there"), ["TABLE", "INDEX"]);
    refused("makeable")();
    refused("there")();
  });

  it("is refused before anything is touched when something is built on one that cannot be had", () => {
    const error = assertThrows(refused(), DrillError);
    assertEquals([error.code, error.details], ["EXTENSION_MISSING", [
      "pg_trgm is needed by INDEX public.idx_societe_nom",
    ]]);
    assert(error.hint.includes('CREATE EXTENSION "pg_trgm";'));
  });
});

describe("large objects in a dump", () => {
  const forms: [what: string, list: string, included: string[], objects: string[]][] = [
    [
      "each object by itself, the bytes of all in one entry, as of pg_dump 9 to 16",
      `215; 1259 16600 TABLE public llx_facture erp_role
3339; 2613 424242 BLOB - 424242 erp_role
3340; 2613 424243 BLOB - 424243 bi
3349; 0 0 COMMENT - LARGE OBJECT 424242 erp_role
3350; 0 0 COMMENT - LARGE OBJECT 424243 bi
3351; 0 0 ACL - LARGE OBJECT 424242 erp_role
3342; 0 0 BLOBS - BLOBS `,
      ["BLOB 424242 of erp_role", "COMMENT LARGE OBJECT 424242 of erp_role", "BLOBS BLOBS of "],
      ["424243"],
    ],
    [
      "many in one entry, as of pg_dump 17",
      `215; 1259 16600 TABLE public llx_facture erp_role
3339; 2613 7 BLOB METADATA - 7..424242 erp_role
3340; 2613 8 BLOB METADATA - 8..11 bi
3350; 0 0 ACL - LARGE OBJECTS 7..9 erp_role
3342; 0 0 BLOBS - 7..424242 erp_role
3343; 0 0 BLOBS - 8..11 bi`,
      ["BLOB METADATA 7..424242 of erp_role", "BLOBS 7..424242 of erp_role"],
      [],
    ],
  ];
  for (const [what, list, wanted, objects] of forms) {
    it(`come over without their rights, and without those of other roles: ${what}`, () => {
      const { included, leftOut, leftOutObjects } = planOf(list);
      const found = included.filter(({ kind }) => kind !== "TABLE");
      assertEquals(found.map(({ kind, name, owner }) => `${kind} ${name} of ${owner}`), wanted);
      assertEquals([...leftOutObjects], objects);
      assertEquals([...new Set(leftOut.map(({ why }) => why))].sort(), [
        "it is a large object of bi, not of erp_role, which owns the tables",
        "rights are granted by the target's own roles",
      ]);
    });
  }
});

describe("every entry of a table of contents", () => {
  const KINDS = [
    "TABLE",
    "VIEW",
    "FUNCTION",
    "ACL",
    "COMMENT",
    "EXTENSION",
    "POLICY",
    "FOREIGN TABLE",
    "BLOB",
  ];
  /** Names as pg_restore prints them: whatever was in them, no newline is left. */
  const name = fc.oneof(
    fc.constantFrom(
      "public",
      "llx_facture",
      "user_lookup(text)",
      'a "b" -- c',
      "€ ünï\u2028",
      "; 12; 0 0 TABLE",
    ),
    fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replaceAll(/[\r\n]/g, " ")),
  );
  const entry = fc.tuple(fc.constantFrom(...KINDS), name, name, name, fc.nat(40));

  it("either comes over or is left out with a reason, whatever it is called", () => {
    fc.assert(fc.property(fc.array(entry), (rows) => {
      const lines = rows.map(([kind, schema, of, owner], at) =>
        `${at + 1}; 0 0 ${kind} ${schema} ${of} ${owner}`
      );
      const list = listOf(
        lines.flatMap((line, at) => [line, `;\tdepends on: ${rows[at]![4]}`]).join("\n") || ";",
      );
      const entries = parseContents(list);
      assertEquals(entries.map(({ line }) => line), lines);
      const { included, leftOut } = planRestore(entries, { extensions: new Map([["public", "makeable"]]) });
      assertEquals(included.length + leftOut.length, entries.length);
      assertEquals(new Set(included.map(({ id }) => id)).size, included.length);
      assert(included.every((one) => entries.includes(one)));
      assert(leftOut.every(({ what, why }) => what.trim() !== "" && why !== ""));
    }));
  });

  it("is counted: a list with one more or one fewer than it says is refused", () => {
    for (
      const list of [
        listOf(LIST).replace("Entries: 24", "Entries: 25"),
        listOf(LIST).replace(/^515;.*\n/m, ""),
        "x",
      ]
    ) {
      const error = assertThrows(() => parseContents(list), DrillError);
      assertEquals(error.code, "DUMP_UNREADABLE");
    }
  });
});
