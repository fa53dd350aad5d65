import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { lacksForRestore } from "../../../src/config/restorable.ts";
import { GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";

const WORKLOAD = "workload: { kubernetes: { namespace: erp, deployment: erp, argocd: argocd/erp } }";

/** What a restore into `name` would lack where production's workload is written so. */
async function lacks(name: string, workload: string): Promise<string[]> {
  const config = await loadConfig(await writeConfig(GOOD_CONFIG.replace(WORKLOAD, workload)));
  return lacksForRestore(environmentOf(config, name));
}

describe("what a restore into production would lack", () => {
  it("is the workload, where none is configured or this version cannot stop it", async () => {
    const [missing, ...more] = await lacks("prod", "");
    assertMatch(missing!, /^environments\.prod\.workload is not configured .*after a disaster/);
    assertEquals(more, []);
    assertMatch((await lacks("prod", WORKLOAD))[0]!, /is a Deployment, which this version cannot stop/);
  });

  it("is nothing with two commands, and nothing of a sandbox", async () => {
    assertEquals(await lacks("prod", "workload: { command: { stop: [a], start: [b] } }"), []);
    assertEquals(await lacks("sandbox", ""), []);
  });
});
