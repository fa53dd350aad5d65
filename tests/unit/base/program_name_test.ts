import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { programName, type Start } from "../../../src/base/program_name.ts";
import { VERBS } from "../../../src/main.ts";
import { runCli } from "../../support/cli.ts";
import { readSources, withoutComments } from "../../support/imports.ts";

const ROOT = new URL("../../../", import.meta.url);

describe("the program's name in hints", () => {
  const start: Start = {
    named: undefined,
    isCompiled: false,
    executable: "/usr/bin/deno",
    root: "/opt/drill/",
    main: "file:///opt/drill/src/main.ts",
    taskFolder: undefined,
    folder: "/home/ann",
    isOnPath: () => false,
  };
  const onPath = (name: string) => (asked: string) => asked === name;
  const cases: [string, Partial<Start>, string][] = [
    ["of a task, typed in the project", { taskFolder: "/opt/drill" }, "deno task"],
    ["of a task, typed in a folder of the project", { taskFolder: "/opt/drill/docs" }, "deno task"],
    [
      "of a task, typed elsewhere",
      { taskFolder: "/opt/drill2" },
      "deno task --config /opt/drill/deno.json",
    ],
    ["of a task, also where one is installed", {
      taskFolder: "/opt/drill",
      isOnPath: onPath("dolibarr-drill"),
    }, "deno task"],
    ["of an installed one", { isOnPath: onPath("dolibarr-drill") }, "dolibarr-drill"],
    ["of a wrapper, as it calls itself", { named: "docker exec erp drill" }, "docker exec erp drill"],
    ["of the code, from the project", { folder: "/opt/drill" }, "scripts/run"],
    ["of the code, from elsewhere", {}, "/opt/drill/scripts/run"],
    ["of the code in a folder with a blank", { root: "/opt/my drill/" }, "'/opt/my drill/scripts/run'"],
    ["of code that came over the network", {
      root: undefined,
      main: "https://example.com/src/main.ts",
    }, "deno run -A https://example.com/src/main.ts"],
    ["of a compiled one in no folder of the PATH", {
      isCompiled: true,
      executable: "/srv/bin/drill",
      root: "/tmp/deno-compile-drill/",
    }, "/srv/bin/drill"],
    ["of a compiled one in the PATH", {
      isCompiled: true,
      executable: "/usr/local/bin/drill",
      isOnPath: onPath("drill"),
    }, "drill"],
  ];
  for (const [what, facts, name] of cases) {
    it(`is that ${what}: ${name}`, () => assertEquals(programName({ ...start, ...facts }), name));
  }

  it("can be typed as a hint says it, also the page with all verbs", async () => {
    const [, hint] = (await runCli(["lst"], { env: { DOLIBARR_DRILL_COMMAND: "" } })).stderr.split("\n");
    const command = /^See: (.*)$/.exec(hint!)![1]!;
    const { code, stdout } = await new Deno.Command("sh", { args: ["-c", command], cwd: ROOT }).output();
    assertEquals(code, 0, command);
    assertEquals(new TextDecoder().decode(stdout).split("\n")[0], "Usage: dolibarr-drill VERB [options]");
  });

  it("begins every command that a message of this program names", async () => {
    const literal = new RegExp(`dolibarr-drill (${Object.keys(VERBS).join("|")}|help|--help|VERB)\\b`);
    const written = (await readSources(new URL("src/", ROOT))).flatMap(({ path, text }) =>
      withoutComments(text).split("\n").filter((line) => literal.test(line))
        .map((line) => `${path}: ${line.trim()}`)
    );
    assertEquals(written, []);
  });
});
