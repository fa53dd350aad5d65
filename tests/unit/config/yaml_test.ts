import { assert, assertEquals, assertNotMatch, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { writeConfig } from "../../support/config_file.ts";

describe("a file that is not YAML", () => {
  const texts: [title: string, text: string, problem: RegExp][] = [
    ["a quote left open", 'store:\n  url: "s3://hunter2\n', /:\d: invalid YAML: a closing quote/],
    ["a tab", "store:\n\turl: hunter2\n", /:2: invalid YAML: the indentation contains a tab/],
    ["a key twice", "store: 1\nstore: hunter2\n", /:2: invalid YAML: a key appears twice/],
    ["two colons on a line", "store: url: hunter2\n", /:1: invalid YAML: a second/],
    ["an unknown alias", "store: *hunter2\n", /:1: a value begins with \*/],
    ["an unknown tag", "store: !hunter2 x\n", /:1: invalid YAML: a value begins with !/],
    ["two documents", "store: 1\n---\nstore: 2\n", /:2: invalid YAML: a second document/],
    ["a list", "- hunter2\n", /:1: the file is a list, not a map/],
    ["a text", "hunter2\n", /:1: the file is a text, not a map/],
  ];
  for (const [title, text, problem] of texts) {
    it(`${title}: its line is named, and nothing of it is repeated`, async () => {
      const file = await writeConfig(text);
      const error = await assertRejects(() => loadConfig(file), DrillError);
      assertEquals(error.code, "CONFIG_INVALID");
      assert(error.details.some((line) => problem.test(line)), error.details.join("\n"));
      assertNotMatch(error.details.join("\n") + error.message + error.hint, /hunter2/);
    });
  }
});
