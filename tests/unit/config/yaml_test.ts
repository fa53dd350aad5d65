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

describe("a line that is indented by a blank too few or too many", () => {
  const WHOLE = `store: { url: "s3://company-backup/erp", access_key: env:KEY, secret_key: env:SECRET }
environments:
  prod:
    database:
      host: db
      name: erp
      owner: erp_role
      user: reader
      password: env:PASSWORD
    documents: /srv/prod
    web: { url: "https://erp.example.org" }
  sandbox:
    disposable: true
    database:
      host: db
      name: erp-sandbox
      owner: erp_sandbox_role
      user: sandbox
      password: env:PASSWORD
    documents: /srv/sandbox
    web: { url: "https://sandbox.example.org" }
drill:
  from: prod
  into: sandbox
`.split("\n");
  const shifted = (lines: readonly string[], at: number, by: number) =>
    lines.with(at, by < 0 ? lines[at]!.slice(-by) : " ".repeat(by) + lines[at]);
  const problemsOf = async (lines: readonly string[]) => {
    const file = await writeConfig(lines.join("\n"));
    return await loadConfig(file).then(
      () => [],
      ({ details }: DrillError) => details.map((line) => line.slice(file.length + 1)),
    );
  };

  it("is right as it stands", async () => assertEquals(await problemsOf(WHOLE), []));

  it("is the one thing that is told, with what it has and what would fit", async () => {
    for (const at of WHOLE.keys()) {
      for (const by of [-1, 1]) {
        if (WHOLE[at] === "" || by < 0 && !WHOLE[at]!.startsWith(" ")) continue;
        const lines = shifted(WHOLE, at, by);
        const problems = await problemsOf(lines);
        if (problems.length === 0) continue; // the deeper level of a whole map may be of any depth
        const has = /^ */.exec(lines[at]!)![0].length;
        assertEquals(problems.length, 1, problems.join("\n"));
        const [, line, blanks, fits] =
          /^(\d+): invalid YAML: this line begins after (\d+) blanks?, and would fit after ([\d or]+)$/.exec(
            problems[0]!,
          )!;
        assertEquals([Number(line), Number(blanks)], [at + 1, has]);
        assert(fits!.split(" or ").includes(String(has - by)), problems[0]);
      }
    }
  });

  it("is told of each where several are", async () => {
    const lines = shifted(shifted(WHOLE, 8, -1), 18, -1);
    assertEquals((await problemsOf(lines)).map((problem) => problem.slice(0, 3)), ["9: ", "19:"]);
  });
});
