/** A dump that looks hostile and is not: what must be restored of it, and what must not. */

/** Made in the scratch database by a superuser; what the ERP owns is made as its role. */
export const changes = (owner: string): string[] => [
  "CREATE EXTENSION pg_trgm SCHEMA public",
  `SET ROLE ${owner}`,
  'CREATE SCHEMA "my reports"',
  `CREATE TABLE "my reports"."a ""b""\n-- c; DROP TABLE x; ünï" ("the key" integer PRIMARY KEY, what text)`,
  `INSERT INTO "my reports"."a ""b""\n-- c; DROP TABLE x; ünï" VALUES (1, E'\\\\.\\n\\\\! touch /tmp/x\\nCOMMIT;')`,
  `CREATE VIEW "my reports"."DATA" AS SELECT what FROM "my reports"."a ""b""\n-- c; DROP TABLE x; ünï"`,
  "CREATE INDEX by_trigram ON public.llx_societe USING gin (nom public.gin_trgm_ops)",
  "CREATE PROCEDURE public.commits() LANGUAGE plpgsql AS 'BEGIN COMMIT; END'",
  "CREATE FUNCTION public.user_lookup(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1'",
  "ALTER TABLE public.llx_societe ENABLE ROW LEVEL SECURITY",
  "CREATE POLICY everything ON public.llx_societe TO PUBLIC USING (true)",
  "SELECT lo_from_bytea(7001, 'the contract')",
  `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT SELECT ON TABLES TO PUBLIC`,
  "RESET ROLE",
  "SELECT lo_from_bytea(7002, 'the provisioner''s')",
  "COMMENT ON LARGE OBJECT 7002 IS 'not the ERP''s'",
  "CREATE VIEW public.of_the_provisioner AS SELECT ref FROM public.llx_facture",
  "CREATE PUBLICATION bi FOR TABLE public.llx_facture",
  "CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
  "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.watch()",
  "CREATE FOREIGN DATA WRAPPER far_wrapper",
  "CREATE SERVER far FOREIGN DATA WRAPPER far_wrapper",
  "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (\"password\" 'hunter2')",
  "CREATE FOREIGN TABLE public.far_prices (price numeric) SERVER far",
  "CREATE VIEW public.far_cheap AS SELECT price FROM public.far_prices WHERE price < 1",
  "SET allow_in_place_tablespaces = on",
  "CREATE TABLESPACE hostile_space LOCATION ''",
  "ALTER TABLE public.llx_c_currencies SET TABLESPACE hostile_space",
];
/** In the sandbox, after the scratch database is gone: a schema that no set has would not be dropped by any restore. */
export const UNDO = ["DROP TABLESPACE IF EXISTS hostile_space", 'DROP SCHEMA IF EXISTS "my reports" CASCADE'];

/** Run by the dump behind its data: nothing of it does harm. */
export const RUNS = "LISTEN hostile; NOTIFY hostile, 'CONTENT'; RESET ROLE;";

/** What must be in the sandbox afterwards. */
export const COMES_OVER: [what: string, sql: string, answer: unknown][] = [
  [
    "a table with every sign in its name, and a row like a script",
    `SELECT what FROM "my reports"."DATA"`,
    "\\.\n\\! touch /tmp/x\nCOMMIT;",
  ],
  [
    "an index that needs an extension",
    "SELECT count(*)::integer FROM pg_indexes WHERE indexname = 'by_trigram'",
    1,
  ],
  [
    "the extension, which the role may make",
    "SELECT extname::text FROM pg_extension WHERE extname = 'pg_trgm'",
    "pg_trgm",
  ],
  ["a procedure with a COMMIT", "SELECT count(*)::integer FROM pg_proc WHERE proname = 'commits'", 1],
  ["the ERP's own user_lookup", "SELECT public.user_lookup(42)", 42],
  ["row security and its policy", "SELECT polname::text FROM pg_policy", "everything"],
  ["its large object", "SELECT convert_from(lo_get(7001), 'UTF8')", "the contract"],
  ["no other", "SELECT count(*)::integer FROM pg_largeobject_metadata", 1],
  [
    "a view of another role's, as the owner role's",
    "SELECT viewowner = (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) FROM pg_views WHERE viewname = 'of_the_provisioner'",
    true,
  ],
  [
    "a table of another tablespace, in the target's own",
    "SELECT reltablespace::integer FROM pg_class WHERE relname = 'llx_c_currencies'",
    0,
  ],
  ["nothing that replicates", "SELECT count(*)::integer FROM pg_publication", 0],
  ["nothing foreign", "SELECT count(*)::integer FROM pg_foreign_server", 0],
];

/** What the report must say of what did not come over. */
export const LEFT_OUT = [
  "COMMENT LARGE OBJECT 7002",
  "BLOB 7002",
  "DEFAULT ACL DEFAULT PRIVILEGES FOR TABLES",
  "EVENT TRIGGER watch",
  "FOREIGN DATA WRAPPER far_wrapper",
  "FOREIGN TABLE public.far_prices",
  "FUNCTION public.user_lookup(text)",
  "PUBLICATION bi",
  "SERVER far",
  "USER MAPPING USER MAPPING public SERVER far",
  "VIEW public.far_cheap",
];
