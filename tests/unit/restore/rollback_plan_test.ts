import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { planRollback } from "../../../src/restore/dump/rollback_plan.ts";
import { parseContents } from "../../../src/restore/dump/toc.ts";

const ENTRIES = `1; 0 0 ENCODING - ENCODING 
2; 1262 5 DATABASE - erp erp_role
3; 0 0 DATABASE PROPERTIES - erp erp_role
4; 2615 2200 SCHEMA - public pg_database_owner
5; 0 0 COMMENT - SCHEMA public erp_role
6; 0 0 ACL - SCHEMA public erp_role
7; 3079 5 EXTENSION - pg_trgm 
8; 0 0 COMMENT - EXTENSION pg_trgm 
;	depends on: 7
9; 3079 5 EXTENSION - uuid-ossp 
10; 0 0 COMMENT - EXTENSION "uuid-ossp" 
;	depends on: 9
11; 1255 5 FUNCTION public user_lookup(text) erp_role
12; 0 0 ACL public FUNCTION user_lookup(i_username text, OUT uname text) erp_role
;	depends on: 11
13; 1259 5 TABLE public llx_facture erp_role
14; 0 0 ACL public TABLE llx_facture erp_role
;	depends on: 13
15; 826 5 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES erp_role
16; 6104 5 PUBLICATION - bi erp_role
17; 6106 5 PUBLICATION TABLE public bi llx_facture 
;	depends on: 13 16
18; 6104 5 PUBLICATION - theirs chief
19; 6106 5 PUBLICATION TABLE public theirs llx_t 
;	depends on: 18
20; 1417 5 SERVER - remote chief
21; 0 0 USER MAPPING - USER MAPPING erp_role SERVER remote chief
;	depends on: 20
22; 0 0 USER MAPPING - USER MAPPING chief SERVER remote chief
;	depends on: 20
23; 1259 5 FOREIGN TABLE public far erp_role
;	depends on: 20
24; 1259 5 TABLE public theirs chief
25; 0 0 ACL public TABLE theirs chief
;	depends on: 24
26; 2618 5 RULE public llx_facture quiet erp_role
;	depends on: 13
27; 2613 42 BLOB - 42 erp_role
28; 2613 43 BLOB - 43 chief
29; 0 0 BLOBS - BLOBS 
`;
const entries = parseContents(`; TOC Entries: 29\n${ENTRIES}`.replace("; TOC", ";     TOC"));
const idsOf = (extensions: string[]) =>
  planRollback(entries, { owner: "erp_role", extensions }).included.map(({ id }) => id);

describe("what of a database's own dump goes back", () => {
  it("is what its owner role had, with rights, publications, foreign tables and mappings", () => {
    assertEquals(idsOf(["plpgsql", "pg_trgm", "uuid-ossp"]), [1, 13, 14, 15, 16, 17, 21, 23, 26, 27, 29]);
  });

  it("is each extension that went with it too, and no other", () => {
    assertEquals(idsOf(["uuid-ossp"]).filter((id) => id >= 7 && id <= 10), [7, 8]);
    assertEquals(idsOf(["pg_trgm"]).filter((id) => id >= 7 && id <= 10), [9, 10]);
  });

  it("leaves the bytes of other roles' large objects out of those of all", () => {
    assertEquals([...planRollback(entries, { owner: "erp_role", extensions: [] }).leftOutObjects], ["43"]);
  });
});
