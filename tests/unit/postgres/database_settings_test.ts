import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type DatabaseSettings,
  settingDifferences,
  statement,
} from "../../../src/postgres/catalogue/database_settings.ts";

const shown = { TimeZone: "UTC", LC_COLLATE: "C", search_path: '"$user", public' };
const names = { source: "prod/20261130T030000Z", target: "sandbox" };
const differences = (was: Partial<DatabaseSettings>, is: Partial<DatabaseSettings>) =>
  settingDifferences({ made: [], shown, ...was }, { made: [], shown, ...is }, names);

describe("what a database is set to", () => {
  it("is told where it decides how values are shown, with the statement that makes it so", () => {
    assertEquals(differences({}, {}), []);
    assertEquals(differences({}, { shown: { ...shown, TimeZone: "Asia/Tokyo" } }), [
      `sandbox has TimeZone Asia/Tokyo, prod/20261130T030000Z has UTC: values are shown otherwise; ALTER DATABASE "sandbox" SET TimeZone = 'UTC'`,
    ]);
    assertEquals(differences({}, { shown: { ...shown, LC_COLLATE: "fr_FR" } }), [
      "sandbox has LC_COLLATE fr_FR, prod/20261130T030000Z has C: texts may be stored or sorted otherwise",
    ]);
  });

  it("is told where it was made for the database, once, and without a value that may be a secret", () => {
    const work = { of: "database", name: "work_mem", value: "8MB" } as const;
    assertEquals(differences({ made: [work] }, { made: [work] }), []);
    assertEquals(differences({ made: [{ ...work, of: "login" }] }, {}), []); // the sandbox has logins of its own
    assertEquals(differences({ made: [work, { of: "database", name: "TimeZone", value: "UTC" }] }, {}), [
      `prod/20261130T030000Z has work_mem 8MB for its database, sandbox has not; ALTER DATABASE "sandbox" SET work_mem = '8MB'`,
    ]);
    assertEquals(differences({ made: [{ of: "database", name: "app.key" }] }, {}), [
      "prod/20261130T030000Z has a setting app.key of its database, which sandbox may lack: no backup has its value",
    ]);
  });

  it("is a statement that PostgreSQL reads as it was: a list of names is not one name", () => {
    assertEquals(
      statement("erp", { name: "search_path", value: '"$user", public' }),
      'ALTER DATABASE "erp" SET search_path = "$user", public',
    );
  });
});
