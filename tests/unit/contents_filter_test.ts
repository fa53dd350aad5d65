import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseContents, planRestore } from "../../src/restore/contents_filter.ts";

const LIST = `;
; Archive created at 2026-06-30 15:53:13 UTC
;     dbname: erp
;
4; 2615 2200 SCHEMA - public pg_database_owner
2; 3079 13561 EXTENSION - plpgsql 
3915; 0 0 COMMENT - EXTENSION plpgsql 
3916; 0 0 COMMENT - SCHEMA public pg_database_owner
515; 1255 16590 FUNCTION public user_lookup(text) provisioner
3917; 0 0 ACL public FUNCTION user_lookup(text) provisioner
516; 1255 16595 FUNCTION public date_format(timestamp without time zone, text) erp_role
215; 1259 16600 TABLE public llx_facture erp_role
216; 1259 16601 SEQUENCE public llx_facture_rowid_seq erp_role
3918; 0 0 SEQUENCE OWNED BY public llx_facture_rowid_seq erp_role
3600; 2604 16700 DEFAULT public llx_facture rowid erp_role
3800; 0 16600 TABLE DATA public llx_facture erp_role
3801; 0 0 SEQUENCE SET public llx_facture_rowid_seq erp_role
3700; 2606 16800 FK CONSTRAINT public llx_facture fk_facture_fk_soc erp_role
3702; 2620 16900 TRIGGER public llx_facture update_customer_modtime erp_role
3703; 6104 16901 PUBLICATION - bi erp_role
3704; 0 0 ACL - SCHEMA public pg_database_owner
`;

describe("the contents filter", () => {
  const entries = parseContents(LIST);
  const plan = planRestore(entries);

  it("reads kind, schema, name and owner of each entry", () => {
    assertEquals(entries.length, 17);
    assertEquals(entries.filter(({ kind }) => kind === "FUNCTION").map(({ name, owner }) => [name, owner]), [
      ["user_lookup(text)", "provisioner"],
      ["date_format(timestamp without time zone, text)", "erp_role"],
    ]);
    assertEquals(entries.find(({ kind }) => kind === "FK CONSTRAINT")?.name, "llx_facture fk_facture_fk_soc");
    assertEquals(entries.find(({ kind }) => kind === "SEQUENCE OWNED BY")?.name, "llx_facture_rowid_seq");
  });

  it("leaves out what is not the ERP's, each with a reason", () => {
    assertEquals(plan.leftOut.map(({ what }) => what), [
      "SCHEMA public",
      "EXTENSION plpgsql",
      "COMMENT EXTENSION plpgsql",
      "COMMENT SCHEMA public",
      "FUNCTION public.user_lookup(text)",
      "ACL public.FUNCTION user_lookup(text)",
      "PUBLICATION bi",
      "ACL SCHEMA public",
    ]);
    assertEquals(plan.leftOut.filter(({ why }) => why === ""), []);
  });

  it("lets everything else come over: functions, triggers and sequences too", () => {
    assertEquals(plan.kept.map(({ kind }) => kind), [
      "FUNCTION",
      "TABLE",
      "SEQUENCE",
      "SEQUENCE OWNED BY",
      "DEFAULT",
      "TABLE DATA",
      "SEQUENCE SET",
      "FK CONSTRAINT",
      "TRIGGER",
    ]);
    assertEquals(plan.kept.length + plan.leftOut.length, entries.length);
  });

  const forms: [what: string, list: string, kept: string[]][] = [
    [
      "each object by itself, the bytes of all in one entry, as of pg_dump 9 to 16",
      `3339; 2613 424242 BLOB - 424242 erp_role
3349; 0 0 COMMENT - LARGE OBJECT 7 erp_role
3350; 0 0 ACL - LARGE OBJECT 7 erp_role
3342; 0 0 BLOBS - BLOBS 
`,
      ["BLOB 424242 of erp_role", "COMMENT LARGE OBJECT 7 of erp_role", "BLOBS BLOBS of "],
    ],
    [
      "many in one entry, as of pg_dump 17",
      `3339; 2613 7 BLOB METADATA - 7..424242 erp_role
3350; 0 0 ACL - LARGE OBJECTS 7..9 erp_role
3342; 0 0 BLOBS - 7..424242 erp_role
`,
      ["BLOB METADATA 7..424242 of erp_role", "BLOBS 7..424242 of erp_role"],
    ],
  ];
  for (const [what, list, kept] of forms) {
    it(`lets large objects come over without their rights: ${what}`, () => {
      const { kept: found, leftOut } = planRestore(parseContents(list));
      assertEquals(found.map(({ kind, name, owner }) => `${kind} ${name} of ${owner}`), kept);
      assertEquals(leftOut.map(({ why }) => why), ["rights are given by the target's own roles"]);
    });
  }
});
