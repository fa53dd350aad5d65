import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isCurrent, SCHEMAS } from "../../../scripts/schema.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { durationMs, parseDuration, writtenDuration } from "../../../src/config/durations.ts";
import { findConfigFile } from "../../../src/config/find.ts";
import { SCHEMA_FILE } from "../../../src/config/schema/json_schema.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { folder, writeConfig } from "../../support/config_file.ts";

describe("durations", () => {
  it("are a number and a unit", () => {
    for (const text of ["90s", "15m", "26h", "30d", "12mo", "10y"]) {
      const duration = parseDuration(text);
      assert(duration);
      assertEquals(writtenDuration(duration), text);
    }
    assertEquals(parseDuration("12mo"), { amount: 12, unit: "mo" });
    assertEquals(parseDuration("12m"), { amount: 12, unit: "m" });
  });

  it("are nothing else", () => {
    for (
      const text of [
        "",
        "d",
        "30",
        "0d",
        "-1d",
        "1.5h",
        "30 d",
        "30D",
        "1w",
        "1d2h",
        "９d",
        "1d\n",
        "9999999d",
      ]
    ) {
      assertEquals(parseDuration(text), undefined, text);
    }
  });

  it("have a length in ms, but for months and years", () => {
    assertEquals(["90s", "15m", "26h", "2d", "1mo", "1y"].map((text) => durationMs(parseDuration(text)!)), [
      90_000,
      900_000,
      93_600_000,
      172_800_000,
      undefined,
      undefined,
    ]);
  });
});

describe("the configuration file", () => {
  const cwd = `${folder}/cwd`;
  Deno.mkdirSync(cwd);
  Deno.writeTextFileSync(`${folder}/named.yaml`, "");
  Deno.writeTextFileSync(`${folder}/variable.yaml`, "");
  const env = { DOLIBARR_DRILL_CONFIG: `${folder}/variable.yaml` };

  it("is --config, then the variable, then the one in this folder", () => {
    assertEquals(findConfigFile({ env: {}, cwd }), { missing: true });
    Deno.writeTextFileSync(`${cwd}/dolibarr-drill.yaml`, "");
    assertEquals(findConfigFile({ env: {}, cwd }), { file: `${cwd}/dolibarr-drill.yaml` });
    assertEquals(findConfigFile({ env: { DOLIBARR_DRILL_CONFIG: "" }, cwd }), {
      file: `${cwd}/dolibarr-drill.yaml`,
    });
    assertEquals(findConfigFile({ env, cwd }), { file: `${folder}/variable.yaml` });
    assertEquals(findConfigFile({ config: "../named.yaml", env, cwd }), { file: `${cwd}/../named.yaml` });
  });

  it("must exist when it was named: no other is taken for it", () => {
    Deno.writeTextFileSync(`${cwd}/dolibarr-drill.yaml`, "");
    for (
      const named of [
        { config: `${folder}/nowhere.yaml`, env },
        { config: folder, env },
        { config: "", env },
        { config: `${folder}/named.yaml/x`, env },
        { env: { DOLIBARR_DRILL_CONFIG: `${folder}/nowhere.yaml` } },
      ]
    ) {
      const error = assertThrows(() => findConfigFile({ ...named, cwd }), DrillError);
      assertEquals(error.code, "CONFIG_MISSING");
      assertMatch(error.message, /^Cannot find the configuration /);
    }
  });

  it("is no defect of ours where its name cannot be one", async () => {
    const config = `${folder}/${"a".repeat(300)}`;
    assertEquals(findConfigFile({ config, env, cwd }), { file: config }); // the error comes when it is read
    const error = await assertRejects(() => loadConfig(config), DrillError);
    assertEquals(error.code, "CONFIG_INVALID");
    assertMatch(error.message, /File name too long/);
  });
});

describe("docs/configuration.md", () => {
  it("shows a file that is right", async () => {
    const page = await Deno.readTextFile(new URL("../../../docs/configuration.md", import.meta.url));
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1];
    assert(example);
    const config = await loadConfig(await writeConfig(example));
    assertEquals(Object.keys(config.environments), ["prod", "sandbox"]);
  });
});

describe("the schema for editors", () => {
  it("is current: deno task schema writes it", async () => {
    for (const path of Object.keys(SCHEMAS)) {
      assert(await isCurrent(path), `${path} is not what the code says`);
    }
  });

  it("is seen not to be when it is missing or says something else", async () => {
    const file = new URL(`file://${folder}/schema.json`);
    assertEquals(await isCurrent(SCHEMA_FILE, file), false);
    await Deno.writeTextFile(file, "{}\n");
    assertEquals(await isCurrent(SCHEMA_FILE, file), false);
  });
});
