/** What is done to the real Dolibarr's database, each with whether it then is another one. A row each. */

export interface Edit {
  title: string;
  /** What must be there before the first look, where the demo company has none. */
  given?: string;
  sql: string;
}

/** A quiet night: a second backup would hold nothing new. */
export const QUIET: readonly Edit[] = [
  { title: "nothing at all", sql: "SELECT 1" },
  {
    title: "a sign-in's update of its user",
    sql: `UPDATE llx_user SET datepreviouslogin = datelastlogin, ippreviouslogin = iplastlogin,
            datelastlogin = now() + interval '1 hour', iplastlogin = '192.0.2.7', tms = tms WHERE login = 'admin'`,
  },
  {
    title: "a ping that failed, for the first time and again",
    sql: `DELETE FROM llx_const WHERE name = 'MAIN_LAST_PING_KO_DATE';
          INSERT INTO llx_const (name, value, type, visible, entity) VALUES ('MAIN_LAST_PING_KO_DATE', '20260630155313', 'chaine', 0, 1);
          DELETE FROM llx_const WHERE name = 'MAIN_LAST_PING_KO_DATE';
          INSERT INTO llx_const (name, value, type, visible, entity) VALUES ('MAIN_LAST_PING_KO_DATE', '20260701155313', 'chaine', 0, 1)`,
  },
  {
    title: "a ping that was answered",
    sql: `INSERT INTO llx_const (name, value, type, visible, entity)
          VALUES ('MAIN_FIRST_PING_OK_DATE', '20260630155313', 'chaine', 0, 2), ('MAIN_FIRST_PING_OK_ID', 'abc', 'chaine', 0, 2)`,
  },
  {
    title: "a session in the database",
    given:
      "CREATE TABLE llx_session (session_id varchar(50) PRIMARY KEY, session_variable text, fk_user integer)",
    sql: "INSERT INTO llx_session VALUES ('6ni4n3op3gnod5k21ov6l2ru5b', 'dol_login|s:5:\"admin\"', 1)",
  },
  {
    title: "a run of every scheduled job",
    sql:
      `UPDATE llx_cronjob SET datelastrun = now(), datelastresult = now(), lastresult = '0', lastoutput = 'done',
            nbrun = coalesce(nbrun, 0) + 1, processing = 0, pid = 4711, fk_user_mod = 1, datenextrun = now() + interval '1 day'`,
  },
  { title: "statistics that the server gathers", sql: "ANALYZE" },
  { title: "an index that is built anew", sql: "REINDEX TABLE llx_facture" },
  { title: "a right for a login that comes and goes", sql: "GRANT SELECT ON llx_facture TO pgbouncer_auth" },
  {
    title: "another search path and other formats in the session",
    sql:
      "SET LOCAL search_path = pg_catalog; SET LOCAL DateStyle = 'SQL, DMY'; SET LOCAL TimeZone = 'Asia/Tokyo'",
  },
];

/** Somebody worked, or something was lost. */
export const CHANGES: readonly Edit[] = [
  {
    title: "one setting of the company",
    sql: "UPDATE llx_const SET value = value || ' bis' WHERE name = 'MAIN_INFO_SOCIETE_ADDRESS'",
  },
  {
    title: "a setting that is new",
    sql:
      "INSERT INTO llx_const (rowid, name, value, entity) VALUES (999999, 'MAIN_LAST_PING_KO_DATES', 'x', 1)",
  },
  {
    title: "a user's password",
    sql: "UPDATE llx_user SET pass_crypted = 'x', tms = tms WHERE login = 'admin'",
  },
  {
    title: "a user who is shut out",
    sql: "UPDATE llx_user SET statut = 0 WHERE login = 'admin'",
  },
  {
    title: "a user's right that is taken away",
    sql: "DELETE FROM llx_user_rights WHERE rowid = (SELECT min(rowid) FROM llx_user_rights)",
  },
  {
    title: "a right that is exchanged for another, the number of rows the same",
    sql:
      `WITH gone AS (DELETE FROM llx_user_rights WHERE rowid = (SELECT min(rowid) FROM llx_user_rights) RETURNING *)
          INSERT INTO llx_user_rights (rowid, entity, fk_user, fk_id) SELECT rowid, entity, fk_user, 999999 FROM gone`,
  },
  {
    title: "an invoice's amount, by a cent",
    sql:
      "UPDATE llx_facture SET total_ht = total_ht + 0.01 WHERE rowid = (SELECT min(rowid) FROM llx_facture)",
  },
  {
    title: "a line of an invoice",
    sql: "DELETE FROM llx_facturedet WHERE rowid = (SELECT max(rowid) FROM llx_facturedet)",
  },
  {
    title: "a payment's part, in a table without tms",
    sql:
      "UPDATE llx_paiement_facture SET amount = amount - 0.01 WHERE rowid = (SELECT max(rowid) FROM llx_paiement_facture)",
  },
  {
    title: "a refused sign-in that the security log keeps",
    sql:
      "INSERT INTO llx_events (rowid, type, entity, dateevent, description, ip) VALUES (999999, 'USER_LOGIN_FAILED', 1, now(), 'x', '192.0.2.7')",
  },
  {
    title: "a new scheduled job",
    sql:
      "INSERT INTO llx_cronjob (rowid, jobtype, label, frequency, entity) VALUES (999999, 'command', 'x', 1, 1)",
  },
  {
    title: "a scheduled job that is switched off",
    sql: "UPDATE llx_cronjob SET status = 1 - status WHERE rowid = (SELECT min(rowid) FROM llx_cronjob)",
  },
  { title: "a column for an extra field", sql: "ALTER TABLE llx_facture_extrafields ADD COLUMN colour text" },
  { title: "another default", sql: "ALTER TABLE llx_facture ALTER COLUMN type SET DEFAULT 3" },
  {
    title: "a column that must not be empty",
    sql: "ALTER TABLE llx_bookmark ALTER COLUMN position SET NOT NULL",
  },
  { title: "an index that is dropped", sql: "DROP INDEX idx_facture_fk_soc" },
  {
    title: "a foreign key that is dropped",
    sql: "ALTER TABLE llx_facturedet DROP CONSTRAINT fk_facturedet_fk_facture",
  },
  {
    title: "a trigger that is switched off",
    sql: "ALTER TABLE llx_facture DISABLE TRIGGER update_customer_modtime",
  },
  { title: "a trigger that is dropped", sql: "DROP TRIGGER update_customer_modtime ON llx_facture" },
  {
    title: "a function that does something else",
    sql:
      "CREATE OR REPLACE FUNCTION update_modified_column_tms() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
  },
  { title: "a new view", sql: "CREATE VIEW turnover AS SELECT sum(total_ht) FROM llx_facture" },
  { title: "a new table without a row", sql: "CREATE TABLE llx_extra (rowid integer)" },
  { title: "a new type", sql: "CREATE TYPE mood AS ENUM ('tired')" },
  {
    title: "a label more",
    given: "CREATE TYPE mood AS ENUM ('tired')",
    sql: "ALTER TYPE mood ADD VALUE 'awake'",
  },
  { title: "a comment", sql: "COMMENT ON TABLE llx_facture IS 'ours'" },
  { title: "a sequence that moved", sql: "ALTER SEQUENCE llx_facture_rowid_seq RESTART WITH 999999" },
  { title: "a sequence with other steps", sql: "ALTER SEQUENCE llx_facture_rowid_seq INCREMENT BY 2" },
  {
    title: "rows that are hidden from others",
    sql: "ALTER TABLE llx_facture ENABLE ROW LEVEL SECURITY",
  },
  { title: "a large object", sql: "SELECT lo_from_bytea(424242, 'a contract')" },
  {
    title: "a byte of a large object",
    given: "SELECT lo_from_bytea(424242, 'a contract')",
    sql: "SELECT lo_put(424242, 3, 'k')",
  },
];
