import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { absolute, chooseConfig } from "../../../src/cli/command/context.ts";
import { EXIT_STATUSES } from "../../../src/cli/command/help.ts";
import { readCommandLine } from "../../../src/cli/command/program.ts";
import { markConfigured, stateFolderOf, wasConfigured } from "../../../src/config/state_folder.ts";
import { VERBS } from "../../../src/main.ts";
import { folder, writeConfig } from "../../support/config_file.ts";
import { importsOf, readSources } from "../../support/imports.ts";

const NAMES = Object.keys(VERBS);

async function textOf(...args: string[]): Promise<string> {
  const invocation = await readCommandLine(args, VERBS);
  assert("text" in invocation);
  return invocation.text;
}

async function optionsOf(...args: string[]) {
  const invocation = await readCommandLine(args, VERBS);
  assert("verb" in invocation);
  assertEquals(invocation.verb.name, args[0]);
  return invocation.options;
}

const refusal = (...args: string[]): Promise<DrillError> =>
  assertRejects(() => optionsOf(...args), DrillError);

describe("help", () => {
  it("of each verb has options, examples and the exit statuses, 80 columns wide", async () => {
    for (
      const args of [["--help"], ...NAMES.map((verb) => [verb, "--help"]), ["help", "drill"], [
        "lab",
        "up",
        "--help",
      ]]
    ) {
      const text = await textOf(...args);
      for (
        const part of ["Usage: dolibarr-drill", "Options:", "Examples:", "Exit status:", "  130  interrupted"]
      ) {
        assertStringIncludes(text, part);
      }
      for (const line of text.split("\n")) assert(line.length <= 80, line);
    }
  });

  it("gives the exit statuses the meanings that README.md gives them", async () => {
    const rows = (await Deno.readTextFile(new URL("../../../README.md", import.meta.url))).split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim()));
    for (const [status, meaning] of EXIT_STATUSES) {
      assert(rows.some(([, first, second]) => first === status && second === meaning), meaning);
    }
  });

  it("of restore says when a target is refused", async () => {
    assertMatch(
      await textOf("restore", "--help"),
      /The target is\s+refused if\n {2}- the target is not marked/,
    );
  });

  it("names every verb, each with its summary on one line", async () => {
    const help = await textOf("--help");
    for (const [name, load] of Object.entries(VERBS)) {
      const { name: own, summary } = await load();
      assertEquals(own, name);
      assertMatch(help, new RegExp(`^  ${name} +${summary}$`, "m"));
    }
  });

  it("lists the options of a verb first, and those of every verb after them", async () => {
    const text = await textOf("keep", "--help");
    const at = ["--until DATE", "--release ", "\nCommon options:", "--config FILE", "--json "].map((part) =>
      text.indexOf(part)
    );
    assertFalse(at.includes(-1));
    assertEquals(at, at.toSorted((a, b) => a - b));
  });

  it("needs no library but commander, and nothing that works with a backup", async () => {
    const sources = await readSources(new URL("../../../src/", import.meta.url));
    const imports = new Map(sources.map((source) => [source.path, importsOf(source)]));
    const pages = (imports.get("main.ts") ?? []).filter(({ to }) => /^cli\/\w+\.ts$/.test(to)).map(({ to }) =>
      to
    );
    assert(pages.length >= NAMES.length);
    const needed = new Set(["main.ts", ...pages]);
    for (const path of needed) { // grows meanwhile
      for (const { to, typeOnly, dynamic } of imports.get(path) ?? []) {
        if (!typeOnly && !dynamic) needed.add(to);
      }
    }
    const libraries = [...needed].filter((path) => !imports.has(path) && !path.startsWith("node:"));
    assertEquals(libraries, ["commander"]);
    const folders = new Set(
      [...needed].filter((path) => imports.has(path)).map((path) => path.split("/")[0]),
    );
    assertFalse(["store", "drill", "report", "lab", "backup", "retention"].some((one) => folders.has(one)));
  });

  it("loads the verb that is asked for, and no verb for a mistyped one", async () => {
    const loadedFor = async (...args: string[]) => {
      const loaded: string[] = [];
      const verbs = Object.fromEntries(NAMES.map((name) => [name, () => {
        loaded.push(name);
        return VERBS[name]!();
      }]));
      await readCommandLine(args, verbs).catch(() => {});
      return loaded;
    };
    assertEquals(await loadedFor("keep", "--help"), ["keep"]);
    assertEquals(await loadedFor("help", "keep"), ["keep"]);
    assertEquals(await loadedFor("list", "--json"), ["list"]);
    assertEquals(await loadedFor("lsit"), []);
    assertEquals(await loadedFor("--help"), NAMES);
  });
});

describe("the command line", () => {
  it("takes every option after the verb", async () => {
    assertEquals(
      await optionsOf(
        "drill",
        "--json",
        "--from",
        "a",
        "--into",
        "b",
        "--seed",
        "s",
        "--report",
        "r",
        "--debug",
      ),
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
    assertEquals(await optionsOf("drill"), { color: true, notify: true, rota: true });
    const quiet = await optionsOf("drill", "--no-notify", "--no-rota", "--no-control");
    assertEquals([quiet.notify, quiet.rota, quiet.control], [false, false, false]);
    assertEquals(await optionsOf("restore"), { color: true });
    assertEquals(await optionsOf("restore", "prod/20260630T155313Z", "--lab"), {
      color: true,
      lab: true,
      set: "prod/20260630T155313Z",
    });
    assertEquals(await optionsOf("list", "--lab", "/srv/lab", "--no-color"), {
      color: false,
      lab: "/srv/lab",
    });
    assertEquals((await optionsOf("drill", "--or-lab")).orLab, true);
    assertEquals(await optionsOf("lab", "up", "--lab", "x"), { color: true, lab: "x", action: "up" });
    assertEquals(await optionsOf("findings", "--env", "prod"), { color: true, env: "prod", action: "list" });
    for (const json of [["findings", "--json", "accept"], ["findings", "accept", "--json"]]) {
      assertEquals(await optionsOf(...json, "a/b c/d", "e/f/g", "--until", "never", "--no-color"), {
        color: false,
        json: true,
        action: "accept",
        ids: ["a/b c/d", "e/f/g"],
        until: "never",
      });
    }
  });

  const wrong: [args: string[], message: string, hint: string][] = [
    [[], "no verb is given", "dolibarr-drill help"],
    [["dril"], "unknown verb 'dril'; did you mean drill?", "dolibarr-drill help"],
    [["list", "--jsno"], "unknown option '--jsno'; did you mean --json?", "dolibarr-drill list --help"],
    [["backup", "--or-lab"], "unknown option '--or-lab'", "dolibarr-drill backup --help"],
    [["list", "--from", "x"], "unknown option '--from'", "list --help"],
    [["--json", "list"], "--json comes before the verb", "dolibarr-drill list --json"],
    [["lab"], "lab needs up, down or status", "lab --help"],
    [["findings", "acept", "x"], "unknown action 'acept'; use accept or withdraw", "findings --help"],
    [["findings", "accept", "x", "--utnil", "never"], "--utnil", "findings --help"],
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
    [["drill", "--lab", "latest"], "--lab takes a folder, and latest is a set", "drill --lab"],
    [
      ["restore", "--restore-production", ""],
      "--restore-production is empty",
      "leave --restore-production out",
    ],
    [["keep", "latest", "--reason", ""], "--reason is empty", "Say why in a few words: --reason "],
    [["keep", ""], "SET is empty", "dolibarr-drill keep --help"],
    [["restore", ""], "SET is empty", "leave SET out"],
    [["find", ""], "PATTERN is empty", "dolibarr-drill find --help"],
    [["help", "drlil"], "unknown verb 'drlil'; did you mean drill?", "dolibarr-drill help"],
    [["help", "xyz"], "unknown verb 'xyz'", "dolibarr-drill help"],
    [["help", "drill", "list"], "help takes one verb", "dolibarr-drill help drill"],
    [["--jsno", "list"], "unknown option '--jsno'; did you mean --json?", "list --help"],
    [["extract", "--table", "a", "--table", "b c"], "--table is given twice, with a and 'b c'", "one value"],
    [["list", "--env", "--lab"], "--env needs a value, and --lab is an option", "Write --env E --lab"],
    [["restore", "--lab", "a b/20260630T155313Z"], "is a set", "restore 'a b/20260630T155313Z' --lab"],
  ];
  for (const [args, message, hint] of wrong) {
    it(`refuses "${args.join(" ")}" with what to write instead`, async () => {
      const error = await refusal(...args);
      assertEquals(error.code, "USAGE");
      assertStringIncludes(error.message, `Cannot read the command line: `);
      assertStringIncludes(error.message, message);
      assertStringIncludes(error.hint, hint);
    });
  }
});

describe("a word that is far from every name", () => {
  for (const args of [["delete"], ["cp"], ["help", "delete"], ["list", "--xyz"], ["lab", "xx"]]) {
    it(`is refused without a guess: ${args.join(" ")}`, async () => {
      const { message } = await refusal(...args);
      assertMatch(message, /unknown/);
      assertFalse(/did you mean/.test(message), message);
    });
  }
});

describe("the configuration of a verb", () => {
  const none = () => undefined;

  it("is missing without a file, whatever folder it is run in", () => {
    const error = assertThrows(() => chooseConfig({}, folder, none, false), DrillError);
    assertEquals(error.code, "CONFIG_MISSING");
    assertStringIncludes(error.hint, "--lab");
  });

  it("is the lab's with --lab, also where there is a file", async () => {
    const file = await writeConfig("");
    const variable = () => file;
    assertEquals(chooseConfig({ lab: true }, "/srv", variable, true), {
      folder: "/srv/.lab",
      unasked: false,
    });
    assertEquals(chooseConfig({ lab: "x" }, "/srv", none, true), { folder: "/srv/x", unasked: false });
  });

  it("is the lab's with --or-lab only where there is no file", async () => {
    const file = await writeConfig("");
    const lab = { folder: `${folder}/.lab`, unasked: true };
    assertEquals(chooseConfig({ orLab: true, notify: true }, folder, none, false), lab);
    assertEquals(chooseConfig({ orLab: true }, folder, () => file, false), { file });
    assertEquals(chooseConfig({ orLab: true, config: file }, folder, none, false), { file });
  });

  const refused: [why: string, options: object, variable?: string, wasConfigured?: boolean][] = [
    ["--from is for a configured drill", { from: "prod" }],
    ["--into is for a configured drill", { into: "sandbox" }],
    ["--report is for a configured drill", { report: "report" }],
    ["--no-notify is for a configured drill", { notify: false }],
    ["CI is set", {}, "CI"],
    ["KUBERNETES_SERVICE_HOST is set", {}, "KUBERNETES_SERVICE_HOST"],
    ["this user has worked with a configuration", {}, undefined, true],
  ];
  for (const [why, options, variable, wasConfigured = false] of refused) {
    it(`is never the lab's with --or-lab where ${why}`, () => {
      const env = (name: string) => name === variable ? "true" : undefined;
      const error = assertThrows(
        () => chooseConfig({ orLab: true, notify: true, ...options }, folder, env, wasConfigured),
        DrillError,
      );
      assertEquals(error.code, "CONFIG_MISSING");
      assertStringIncludes(error.details.join(), `does not stand in for it: ${why}`);
    });
  }

  it("is never the lab's where a named file is missing", () => {
    for (const options of [{ orLab: true, config: "nowhere.yaml" }, { config: "nowhere.yaml" }]) {
      assertEquals(
        assertThrows(() => chooseConfig(options, folder, none, false), DrillError).code,
        "CONFIG_MISSING",
      );
    }
    const error = assertThrows(
      () => chooseConfig({ orLab: true }, folder, () => "/nowhere.yaml", false),
      DrillError,
    );
    assertStringIncludes(error.message, "which DOLIBARR_DRILL_CONFIG names");
  });

  it("leaves a mark in the folder of the user's states, and in no home", async () => {
    const of = (variables: Record<string, string>, uid: number) =>
      stateFolderOf((name) => variables[name], uid);
    assertEquals(of({ XDG_STATE_HOME: "/s", HOME: "/h" }, 0), "/s/dolibarr-drill");
    assertEquals(of({ HOME: "/root" }, 0), "/var/lib/dolibarr-drill");
    assertEquals(of({ HOME: "/h" }, 1000), "/h/.local/state/dolibarr-drill");
    assertEquals(of({}, 1000), undefined);
    assertEquals(await wasConfigured(undefined), true, "what cannot be known is taken as read");
    const state = `${folder}/state/dolibarr-drill`;
    assertEquals(await wasConfigured(state), false);
    await markConfigured(state);
    await markConfigured(state);
    assertEquals(await wasConfigured(state), true);
    await markConfigured(`${state}/configured/below`); // cannot be a folder: nothing is thrown
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
