/** An environment's own rules of neutralising, as the file says them. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";

const IN_SANDBOX = "    documents: /srv/sandbox/documents/\n";
const IN_PROD = "    documents: /var/www/documents\n";

const withRules = (rules: string, after = IN_SANDBOX) =>
  writeConfig(GOOD_CONFIG.replace(after, `${after}    neutralise:\n${rules}\n`));

describe("neutralise in the configuration", () => {
  it("is read as rules", async () => {
    const config = await loadConfig(
      await withRules(`      - { constant: MY_MODULE_URL, value: "", why: the shop }
      - { constant: MY_MODULE_LIVE, value: 0, why: the shop }
      - { constant: "MY_MODULE_*_KEY", delete: true, why: the shop }
      - { table: mymodule_hook, column: active, value: 0, why: the hook }
      - { table: llx_mymodule_hook, column: secret, value: null, why: the hook }
      - { table: llx_mymodule_queue, delete: true, why: the queue }`),
    );
    assertEquals(config.environments.sandbox?.neutralise, [
      { constant: "MY_MODULE_URL", value: "", why: "the shop" },
      { constant: "MY_MODULE_LIVE", value: "0", why: "the shop" },
      { constant: "MY_MODULE_*_KEY", delete: true, why: "the shop" },
      { table: "mymodule_hook", column: "active", value: 0, why: "the hook" },
      { table: "llx_mymodule_hook", column: "secret", value: null, why: "the hook" },
      { table: "llx_mymodule_queue", delete: true, why: "the queue" },
    ]);
    assertEquals(config.environments.prod?.neutralise, undefined);
  });

  const wrong: [title: string, rule: string, says: RegExp][] = [
    [
      "no reason",
      "{ constant: A_NAME, delete: true }",
      /neutralise\.0\.why is missing \(what the rule prevents/,
    ],
    ["no place", "{ delete: true, why: x }", /neutralise\.0 names neither a constant nor a table/],
    [
      "two places",
      "{ constant: A_NAME, table: a_hook, delete: true, why: x }",
      /names a constant and a table: write a rule for each/,
    ],
    ["nothing to do", "{ constant: A_NAME, why: x }", /has neither value nor delete: write value/],
    ["two things to do", "{ constant: A_NAME, value: 1, delete: true, why: x }", /has both value and delete/],
    ["a column of a constant", "{ constant: A_NAME, column: a, value: 1, why: x }", /has a column, which/],
    ["null for a constant", "{ constant: A_NAME, value: null, why: x }", /write value: "" or delete: true/],
    ["every constant", "{ constant: '***', delete: true, why: x }", /matches every constant/],
    ["a table without a column", "{ table: a_hook, value: 0, why: x }", /has no column/],
    ["rows and a column", "{ table: a_hook, column: a, delete: true, why: x }", /deletes whole rows/],
    ["the log", "{ table: llx_blockedlog, delete: true, why: x }", /names the unalterable log/],
    ["the constants' table", "{ table: llx_const, delete: true, why: x }", /write constant: NAME instead/],
    [
      "a key that is mistyped",
      "{ table: a_hook, colum: a, value: 0, why: x }",
      /colum is not a known key.+column/,
    ],
    ["delete: false", "{ table: a_hook, delete: false, why: x }", /neutralise\.0\.delete must be "true"/],
    ["a quote in a name", `{ table: 'a"b', delete: true, why: x }`, /table is not the name of a table/],
    ["a list in a list", "[a]", /neutralise\.0 is a list, not a map/],
  ];
  for (const [title, rule, says] of wrong) {
    it(`is refused with ${title}, in its line`, async () => {
      const file = await withRules(`      - ${rule}`);
      const error = await assertRejects(() => loadConfig(file), DrillError);
      assertMatch(error.details.join("\n"), says);
      assertMatch(error.details[0]!, /\.yaml:1[67]: /);
    });
  }

  it("is refused for what is protected: nothing of production is ever switched off", async () => {
    const file = await withRules("      - { constant: A_NAME, delete: true, why: x }", IN_PROD);
    const error = await assertRejects(() => loadConfig(file), DrillError);
    assertMatch(error.details.join(), /environments\.prod\.neutralise has no effect: prod is protected/);
  });
});
