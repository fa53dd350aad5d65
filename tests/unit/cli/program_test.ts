import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { absolute, chooseConfig } from "../../../src/cli/command/context.ts";
import { checkOptions, VERBS } from "../../../src/cli/command/options.ts";
import { readCommandLine } from "../../../src/cli/command/program.ts";
import { folder, writeConfig } from "../../support/config_file.ts";

function textOf(...args: string[]): string {
  const invocation = readCommandLine(args);
  assert("text" in invocation);
  return invocation.text;
}

function optionsOf(...args: string[]) {
  const invocation = readCommandLine(args);
  assert("verb" in invocation);
  checkOptions(invocation.options);
  return invocation.options;
}

const refusal = (...args: string[]): DrillError => assertThrows(() => optionsOf(...args), DrillError);

describe("help", () => {
  it("of each verb has options, examples and the exit statuses", () => {
    for (
      const args of [["--help"], ...VERBS.map((verb) => [verb, "--help"]), ["help", "drill"], [
        "lab",
        "up",
        "--help",
      ]]
    ) {
      const text = textOf(...args);
      for (
        const part of ["Usage: dolibarr-drill", "Options:", "Examples:", "Exit status:", "  130  interrupted"]
      ) {
        assertStringIncludes(text, part);
      }
      for (const line of text.split("\n")) assert(line.length <= 120, line);
    }
  });

  it("of restore tells when a target is refused", () => {
    assertMatch(textOf("restore", "--help"), /The target is refused where\n {2}- the target is not marked/);
  });

  it("names every verb", () => {
    for (const verb of VERBS) assertMatch(textOf("--help"), new RegExp(`^  ${verb} `, "m"));
  });
});

describe("the command line", () => {
  it("takes every option after the verb", () => {
    assertEquals(
      optionsOf("drill", "--json", "--from", "a", "--into", "b", "--seed", "s", "--report", "r", "--debug"),
      {
        color: true,
        json: true,
        from: "a",
        into: "b",
        seed: "s",
        report: "r",
        debug: true,
        notify: true,
        rota: true,
      },
    );
    assertEquals(optionsOf("drill"), { color: true, report: "report", notify: true, rota: true });
    const quiet = optionsOf("drill", "--no-notify", "--no-rota", "--no-control");
    assertEquals([quiet.notify, quiet.rota, quiet.control], [false, false, false]);
    assertEquals(optionsOf("restore"), { color: true, set: "latest" });
    assertEquals(optionsOf("restore", "prod/20260630T155313Z", "--lab"), {
      color: true,
      lab: true,
      set: "prod/20260630T155313Z",
    });
    assertEquals(optionsOf("list", "--lab", "/srv/lab", "--no-color"), { color: false, lab: "/srv/lab" });
    assertEquals(optionsOf("backup", "--or-lab"), { color: true, orLab: true });
    assertEquals(optionsOf("lab", "up", "--lab", "x"), { color: true, lab: "x", action: "up" });
  });

  const wrong: [args: string[], message: string, hint: string][] = [
    [[], "no verb is given", "dolibarr-drill --help"],
    [["dril"], "unknown verb 'dril'; did you mean drill?", "dolibarr-drill --help"],
    [["list", "--jsno"], "unknown option '--jsno'; did you mean --json?", "dolibarr-drill list --help"],
    [["list", "--from", "x"], "unknown option '--from'", "list --help"],
    [["--json", "list"], "--json stands before the verb", "dolibarr-drill list --json"],
    [["lab"], "lab needs up, down or status", "lab --help"],
    [["lab", "upp"], "unknown action 'upp'; did you mean up?", "lab --help"],
    [["drill", "--from"], "option '--from E' argument missing", "drill --help"],
    [["restore", "a", "b"], "too many arguments", "restore --help"],
    [["list", "--env", ""], "--env is empty", "leave --env out"],
    [
      ["list", "--lab", "--config", "x"],
      "--config names a configuration and --lab asks for",
      "one of the two",
    ],
    [["restore", "--lab", "latest"], "--lab takes a folder, and latest is a set", "restore latest --lab"],
    [["restore", "--lab", "prod/20260630T155313Z"], "is a set", "restore prod/20260630T155313Z --lab"],
  ];
  for (const [args, message, hint] of wrong) {
    it(`refuses "${args.join(" ")}" with what to write instead`, () => {
      const error = refusal(...args);
      assertEquals(error.code, "USAGE");
      assertStringIncludes(error.message, `Cannot read the command line: `);
      assertStringIncludes(error.message, message);
      assertStringIncludes(error.hint, hint);
    });
  }
});

describe("the configuration of a verb", () => {
  const none = () => undefined;

  it("is missing without a file, whatever folder it is run in", () => {
    const error = assertThrows(() => chooseConfig({}, folder, none), DrillError);
    assertEquals(error.code, "CONFIG_MISSING");
    assertStringIncludes(error.hint, "--lab");
  });

  it("is the lab's with --lab, also where there is a file", async () => {
    const file = await writeConfig("");
    const variable = () => file;
    assertEquals(chooseConfig({ lab: true }, "/srv", variable), { folder: "/srv/.lab", unasked: false });
    assertEquals(chooseConfig({ lab: "x" }, "/srv", none), { folder: "/srv/x", unasked: false });
  });

  it("is the lab's with --or-lab only where there is no file", async () => {
    const file = await writeConfig("");
    assertEquals(chooseConfig({ orLab: true }, folder, none), { folder: `${folder}/.lab`, unasked: true });
    assertEquals(chooseConfig({ orLab: true }, folder, () => file), { file });
    assertEquals(chooseConfig({ orLab: true, config: file }, folder, none), { file });
  });

  it("is never the lab's where a named file is missing", () => {
    for (const options of [{ orLab: true, config: "nowhere.yaml" }, { config: "nowhere.yaml" }]) {
      assertEquals(
        assertThrows(() => chooseConfig(options, folder, none), DrillError).code,
        "CONFIG_MISSING",
      );
    }
    const error = assertThrows(
      () => chooseConfig({ orLab: true }, folder, () => "/nowhere.yaml"),
      DrillError,
    );
    assertStringIncludes(error.message, "DOLIBARR_DRILL_CONFIG names it");
  });

  it("counts paths from where it was typed", () => {
    assertEquals(["/a/b/", "c", "./c/", ".", "/"].map((path) => absolute(path, "/srv")), [
      "/a/b",
      "/srv/c",
      "/srv/c",
      "/srv",
      "/",
    ]);
  });
});
