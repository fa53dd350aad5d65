import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { folder, GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";
import { checkSecrets } from "../../../src/config/check_secrets.ts";

describe("secrets", () => {
  beforeAll(() => {
    Deno.env.set("DRILL_TEST_KEY", "the key\n");
    Deno.env.set("DRILL_TEST_WEB", "web");
    Deno.env.delete("DRILL_TEST_USER");
    Deno.env.set("DRILL_TEST_PASSWORD", "");
  });
  afterAll(() => {
    for (const name of ["DRILL_TEST_KEY", "DRILL_TEST_WEB", "DRILL_TEST_PASSWORD"]) Deno.env.delete(name);
  });

  it("are read from the environment and from files, less one trailing newline", async () => {
    await Deno.writeTextFile(`${folder}/secret_key`, " two\n\n");
    const config = await loadConfig(await writeConfig(GOOD_CONFIG));
    assertEquals(await config.store.accessKey?.read(), "the key");
    assertEquals(await config.store.secretKey?.read(), " two\n");
    assertEquals(await config.environments.sandbox?.database.user.read(), "sandbox");
    await Deno.remove(`${folder}/secret_key`);
  });

  it("of the environments that a verb needs are missed all at once, each with its line", async () => {
    const file = await writeConfig(GOOD_CONFIG);
    const config = await loadConfig(file);
    const error = await assertRejects(
      () => checkSecrets(config, ["prod", "sandbox"], ["sandbox"]),
      DrillError,
    );
    assertEquals(error.code, "SECRET_MISSING");
    assertEquals(error.details, [
      `${file}:5: store.secret_key: the file ${folder}/secret_key does not exist`,
      `${file}:8: environments.prod.database.user: the variable DRILL_TEST_USER is not set`,
      `${file}:8: environments.prod.database.password: the variable DRILL_TEST_PASSWORD is empty`,
      `${file}:14: environments.sandbox.database.password: kubernetes:erp/db/password is a Secret of the cluster, which this version does not read`,
    ]);
  });

  it("of a login for backups are read and missed like the others", async () => {
    const reader =
      "password: env:DRILL_TEST_PASSWORD, reader: { user: erp_reader, password: env:DRILL_TEST_READER }";
    const file = await writeConfig(GOOD_CONFIG.replace("password: env:DRILL_TEST_PASSWORD", reader));
    const config = await loadConfig(file);
    assertEquals(await config.environments.prod?.database.reader?.user.read(), "erp_reader");
    assertEquals(config.environments.sandbox?.database.reader, undefined);
    const error = await assertRejects(() => checkSecrets(config, ["prod"]), DrillError);
    assertEquals(
      error.details.at(-1),
      `${file}:8: environments.prod.database.reader.password: the variable DRILL_TEST_READER is not set`,
    );
  });

  it("of other environments are not asked for", async () => {
    await Deno.writeTextFile(`${folder}/secret_key`, "two");
    const config = await loadConfig(await writeConfig(GOOD_CONFIG));
    const error = await assertRejects(() => checkSecrets(config, ["sandbox"]), DrillError);
    assertEquals(error.code, "NOT_BUILT_YET");
    assertStringIncludes(error.message, "environments.sandbox.database.password");
    await checkSecrets(config, []);
    await Deno.remove(`${folder}/secret_key`);
  });
});
