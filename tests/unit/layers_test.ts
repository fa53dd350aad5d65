import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Import, importsOf, readSources, type SourceFile, withoutComments } from "../support/imports.ts";

/** From what each folder may import: as values, as types only, and single files with the reason beside them. */
const CLIENTS = ["dolibarr", "postgres", "documents", "store", "platform"];
const PIPELINES = ["backup", "retention", "restore"];
const RESULTS = ["checks", "report"];
const ARROWS: Record<string, { values: string[]; types?: string[]; files?: string[] }> = {
  base: { values: [] },
  config: { values: ["base"] },
  store: { values: ["base"], types: ["config"] },
  postgres: { values: ["base"], types: ["config"] },
  documents: { values: ["base"] },
  platform: { values: ["base"], types: ["config", "postgres"] },
  // it writes SQL, and how a name or a text is quoted is PostgreSQL's to say; a file among the documents is reached by handles
  dolibarr: {
    values: ["base"],
    types: ["config", "postgres"],
    files: ["postgres/connection/database.ts", "documents/tree/folder.ts", "documents/tree/reach.ts"],
  },
  checks: { values: ["base", ...CLIENTS] },
  report: { values: ["base", "checks", ...CLIENTS] },
  notify: { values: ["base", "store", ...RESULTS], types: ["config"] },
  backup: { values: ["base", ...CLIENTS, ...RESULTS], types: ["config"] },
  retention: { values: ["base", ...CLIENTS, ...RESULTS], types: ["config"] },
  restore: { values: ["base", ...CLIENTS, ...RESULTS], types: ["config"] },
  drill: { values: ["base", ...CLIENTS, ...RESULTS, ...PIPELINES], types: ["config"] },
  rehearsal: { values: ["base", ...CLIENTS, ...RESULTS, ...PIPELINES, "drill"], types: ["config"] },
  audit: { values: ["base", ...CLIENTS, ...RESULTS], types: ["config"] },
  lab: { values: ["base", "config", ...CLIENTS.filter((name) => name !== "store")] },
  cli: {
    values: [
      "base",
      "config",
      ...CLIENTS,
      ...RESULTS,
      "notify",
      ...PIPELINES,
      "drill",
      "rehearsal",
      "audit",
      "lab",
    ],
  },
  "main.ts": { values: ["base", "cli"] },
};

/** Decisions: the same answer for the same question, wherever they are asked. */
const PURE: Record<string, string[]> = {
  "restore/gate/judge.ts": [],
  "restore/dump/filter.ts": [],
  "restore/gate/fitness.ts": [],
  "restore/dump/toc.ts": [],
  "postgres/programs/message_classes.ts": [],
  "postgres/programs/archive_header.ts": [],
  "postgres/programs/dump_judgement.ts": [],
  "postgres/programs/dump_kind.ts": ["node:zlib"],
  "base/versioned_record.ts": ["zod"],
  "postgres/connection/same_database.ts": [],
  "store/keys.ts": [],
  "store/records/manifest.ts": ["zod"],
  "store/records/finding_schema.ts": ["zod", "node:crypto"],
  "retention/plan.ts": [],
  "retention/ages.ts": [],
  "retention/refusals.ts": [],
  "retention/reports.ts": [],
  "drill/rota/plan.ts": [],
  "checks/result.ts": [],
  "checks/culprit.ts": [],
  "checks/headline.ts": [],
  "checks/findings/words.ts": [],
  "report/history.ts": [],
  "report/control_choice.ts": ["node:crypto"],
};
/** What a pure module may import of ours, as values. */
const PURE_BASE =
  /^base\/(errors|text|numbers|nearest|time|program_name|version|verdict|limits|shell_words)\.ts$/;

/** Drivers: named where clients are built, and nowhere else. */
const DRIVERS = [
  "store/drivers/file.ts",
  "store/drivers/s3/s3.ts",
  "platform/local/commands.ts",
  "platform/kubernetes/workload.ts",
];

/** What only those know who know Dolibarr. */
const DOLIBARR_NAMES =
  /\bllx_|#login\b|#img_logo|jnotify|\.arearef|\.refid\b|badge-status|amountcard|documentdownload|\boddeven\b|\btagtable\b/;
const KNOW_DOLIBARR = /^(dolibarr|lab)\//;

/** Who may read the environment's variables; `program_name.ts` reads how this was started, for its own name in hints. */
const ENVIRONMENT = /\bDeno\s*\.\s*env\b|\bprocess\s*\.\s*env\b/;
const READ_ENVIRONMENT = /^(config|lab)\/|^base\/(process\/processes|program_name)\.ts$|^main\.ts$/;

/** What has one home, by how a second one would begin. In a page of the browser nothing of ours can be called. */
const HOMES: readonly { what: string; pattern: RegExp; home: RegExp }[] = [
  {
    what: "waits by itself: base/time.ts does",
    pattern: /\bnew Promise(<\w+>)?\(\((resolve|done)\) => setTimeout\(/,
    home: /^base\/time\.ts$|^dolibarr\/pages\/statistics_page\.ts$/,
  },
  {
    what: "knows a full disk by itself: base/files.ts does",
    pattern: /\bENOSPC\b|\bEDQUOT\b|os error|no space left/i,
    home: /^base\/files\.ts$/,
  },
  {
    what: "formats numbers by itself: base/numbers.ts does",
    pattern: /\.toLocaleString\(|\/ 1_?000\} s\b/,
    home: /^base\/numbers\.ts$/,
  },
  {
    what: "measures text or writes colours by itself: base/columns.ts and base/terminal/colours.ts do",
    pattern: /\bstring-width\b|\\x1b\[\d+m/,
    home: /^base\/(columns|terminal\/colours)\.ts$/,
  },
  {
    what: "takes an advisory lock by itself: restore/load/advisory_lock.ts does",
    pattern: /\bpg_(try_)?advisory_\w+\(/,
    home: /^restore\/load\/advisory_lock\.ts$/,
  },
];

/** Everything in `files` that points the wrong way, as sentences. */
function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [...importsOf(file).flatMap(violationsOfImport), ...violationsOfText(file)]);
}

function violationsOfImport(one: Import): string[] {
  const found: string[] = [];
  const say = (why: string) => found.push(`${one.from} imports ${one.to}: ${why}`);
  const [from, to] = [layerOf(one.from), layerOf(one.to)];
  if (one.ours && from !== to) {
    const arrow = ARROWS[from];
    if (!arrow) say(`${from} has no place in the layout`);
    else if (
      !arrow.values.includes(to) && !arrow.files?.includes(one.to) &&
      !(one.typeOnly && arrow.types?.includes(to))
    ) {
      say(
        `${from} may import ${arrow.values.join(", ") || "nothing of ours"}${
          arrow.types ? `, and types of ${arrow.types.join(", ")}` : ""
        }`,
      );
    }
  }
  const libraries = PURE[one.from];
  if (
    libraries && !one.typeOnly &&
    !(one.ours ? PURE_BASE.test(one.to) || one.to in PURE : libraries.includes(one.to))
  ) {
    say("it is pure and decides; it must not reach out");
  }
  if (DRIVERS.includes(one.to) && !one.typeOnly && from !== "cli" && !DRIVERS.includes(one.from)) {
    say("clients are built by the command line alone");
  }
  return found;
}

function violationsOfText({ path, text }: SourceFile): string[] {
  const code = withoutComments(text);
  const found: string[] = [];
  const name = DOLIBARR_NAMES.exec(code)?.[0];
  if (name && !KNOW_DOLIBARR.test(path)) {
    found.push(`${path} names ${name}: only src/dolibarr and src/lab know Dolibarr's names`);
  }
  if (ENVIRONMENT.test(code) && !READ_ENVIRONMENT.test(path)) {
    found.push(`${path} reads the environment: only src/config does`);
  }
  for (const { what, pattern, home } of HOMES) {
    if (!home.test(path) && pattern.test(code)) found.push(`${path} ${what}`);
  }
  return found;
}

/** The files that import each other in a circle, as one sentence a circle. */
function circlesOf(files: readonly SourceFile[]): string[] {
  const imports = new Map(
    files.map((file) => [file.path, importsOf(file).filter(({ ours }) => ours).map(({ to }) => to)]),
  );
  const reach = new Map([...imports.keys()].map((path) => [path, reachableFrom(path, imports)]));
  const circles = [...reach].map(([path, there]) =>
    [...there].filter((to) => reach.get(to)?.has(path)).sort().join(", ")
  );
  return [...new Set(circles)].filter(Boolean).sort();
}

function reachableFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const next = [...imports.get(path) ?? []];
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (found.has(one)) continue;
    found.add(one);
    next.push(...imports.get(one) ?? []);
  }
  return found;
}

const layerOf = (path: string): string => path.split("/")[0] ?? path;

describe("the layers of src", () => {
  it("have no import that points the wrong way", async () => {
    const files = await readSources(new URL("../../src/", import.meta.url));
    assertGreater(files.length, 50);
    assertGreater(files.flatMap(importsOf).filter((one) => one.ours).length, 100);
    assertEquals(violations(files), []);
  });

  it("import only files that are there, types too: the type check accepts a missing one", async () => {
    const folders = ["src", "tests", "scripts", "fixtures"];
    const files = (await Promise.all(folders.map(async (folder) => {
      const sources = await readSources(new URL(`../../${folder}/`, import.meta.url));
      return sources.map(({ path, text }) => ({ path: `${folder}/${path}`, text }));
    }))).flat();
    const there = new Set(files.map(({ path }) => path));
    const missing = files.filter(({ path }) => path !== "tests/unit/layers_test.ts").flatMap(importsOf)
      .filter(({ ours, to }) => ours && !there.has(to)).map(({ from, to }) => `${from} imports ${to}`);
    assertEquals(missing, []);
  });

  it("have no circle, of types neither", async () => {
    assertEquals(circlesOf(await readSources(new URL("../../src/", import.meta.url))), []);
  });
});

describe("a circle of imports", () => {
  const file = (path: string, ...imports: string[]): SourceFile => ({
    path,
    text: imports.map((to) => `import type { A } from "${to}";\n`).join(""),
  });

  it("is found, however long, and told once", () => {
    const files = [
      file("base/a.ts", "./b.ts"),
      file("base/b.ts", "./c.ts"),
      file("base/c.ts", "./a.ts", "./d.ts"),
      file("base/d.ts"),
    ];
    assertEquals(circlesOf(files), ["base/a.ts, base/b.ts, base/c.ts"]);
  });

  it("is none where two import the same third one", () => {
    assertEquals(
      circlesOf([
        file("base/a.ts", "./b.ts", "./c.ts"),
        file("base/b.ts", "./d.ts"),
        file("base/c.ts", "./d.ts"),
        file("base/d.ts"),
      ]),
      [],
    );
  });
});

describe("an import that points the wrong way is refused", () => {
  // deno-fmt-ignore: a line each
  const wrong: [title: string, path: string, text: string, said: string][] = [
    ["base reaches up", "base/text.ts", `import { a } from "../store/store.ts";`, "nothing of ours"],
    ["a client reads the configuration", "store/drivers/file.ts", `import { loadConfig } from "../../config/load.ts";`, "store may import base"],
    ["a client uses another", "platform/local/commands.ts", `import { connect } from "../../postgres/session.ts";`, "platform may import"],
    ["one pipeline uses another", "backup/backup.ts", `import { restore } from "../restore/restore.ts";`, "backup may import"],
    ["even for a type", "restore/restore.ts", `import type { Plan } from "../retention/plan.ts";`, "restore may import"],
    ["a check uses a pipeline", "checks/data/tables.ts", `import type { RestoreProof } from "../../restore/restore.ts";`, "checks may import"],
    ["a notification uses the drill", "notify/drill_facts.ts", `import { drill } from "../drill/drill.ts";`, "notify may import"],
    ["a report uses the drill", "report/json.ts", `import { drill } from "../drill/drill.ts";`, "report may import"],
    ["a check uses a report", "checks/duration.ts", `import { historyOf } from "../report/history.ts";`, "checks may import"],
    ["a pipeline prints", "drill/drill.ts", `import { out } from "../cli/shell.ts";`, "drill may import"],
    ["a pipeline starts the lab", "drill/drill.ts", `const { labUp } = await import("../lab/lab.ts");`, "drill may import"],
    ["the lab runs a pipeline", "lab/lab.ts", `export { backup } from "../backup/backup.ts";`, "lab may import"],
    ["the lab takes a store", "lab/fill.ts", `import "../store/store.ts";`, "lab may import"],
    ["main goes past the command line", "main.ts", `import { drill } from "./drill/drill.ts";`, "main.ts may import"],
    ["a folder that the layout does not know", "helpers/a.ts", `import { a } from "../base/text.ts";`, "no place in the layout"],
    ["over several lines", "base/text.ts", `import {\n  a,\n  b,\n} from "../lab/lab.ts";`, "nothing of ours"],
    ["a value among types", "store/drivers/file.ts", `import { type A, b } from "../../config/config.ts";`, "store may import"],
    ["a pure module takes a client", "restore/gate/judge.ts", `import { query } from "../../postgres/session.ts";`, "must not reach out"],
    ["a pure module takes a library", "postgres/programs/message_classes.ts", `import pg from "pg";`, "must not reach out"],
    ["a pure module takes the disk", "store/records/manifest.ts", `import { readFileSync } from "node:fs";`, "must not reach out"],
    ["a pipeline builds a client", "backup/backup.ts", `import { openFileStore } from "../store/drivers/file.ts";`, "built by the command line"],
    ["a table's name", "restore/restore.ts", "const sql = `SELECT * FROM llx_user`;", "names llx_"],
    ["a selector", "checks/browser/browser_checks.ts", 'page.locator("#img_logo")', "names #img_logo"],
    ["the environment", "store/drivers/s3/s3.ts", 'const key = Deno.env.get("KEY");', "reads the environment"],
    ["a wait of its own", "store/drivers/s3/s3.ts", "await new Promise((resolve) => setTimeout(resolve, 50));", "waits by itself"],
    ["a full disk", "store/drivers/file.ts", 'if (/ENOSPC/.test(text)) return;', "knows a full disk by itself"],
    ["a number", "report/html/page.ts", 'const shown = count.toLocaleString("en-US");', "formats numbers by itself"],
    ["a limit in seconds", "platform/local/commands.ts", "say(`no answer after ${limit / 1000} s`);", "formats numbers by itself"],
    ["the width of a text", "cli/list.ts", 'import width from "string-width";', "measures text"],
    ["a colour", "report/terminal/style.ts", 'const red = "\\x1b[31m";', "writes colours by itself"],
    ["an advisory lock", "restore/restore.ts", 'await ask("SELECT pg_try_advisory_lock(1)");', "takes an advisory lock by itself"],
    ["the environment, from Node", "store/drivers/s3/s3.ts", "const { KEY } = process.env;", "reads the environment"],
  ];
  for (const [title, path, text, said] of wrong) {
    it(title, () => assertStringIncludes(violations([{ path, text }]).join("\n"), said));
  }
});

describe("an import that points the right way is left alone", () => {
  const right: [path: string, text: string][] = [
    [
      "store/drivers/file.ts",
      `import type { Config } from "../../config/config.ts";\nimport { join } from "node:path";`,
    ],
    ["store/drivers/file.ts", `import { type Config, type Secret } from "../../config/config.ts";`],
    ["drill/drill.ts", `import { restore } from "../restore/restore.ts";`],
    [
      "store/records/manifest.ts",
      `import { z } from "zod";\nimport { DrillError } from "../../base/errors.ts";`,
    ],
    ["cli/command/clients.ts", `import { openFileStore } from "../../store/drivers/file.ts";`],
    [
      "dolibarr/sandbox/neutralise.ts",
      `import { quoteLiteral } from "../../postgres/connection/database.ts";`,
    ],
    ["main.ts", `const load = () => import("./cli/drill.ts");`],
    [
      "store/store.ts",
      `/** \`llx_user\`, as in Deno.env */\n// import { a } from "../lab/lab.ts";\nconst a = "//";`,
    ],
    ["dolibarr/tables.ts", 'const name = "llx_user";'],
    ["base/process/processes.ts", 'Deno.env.get("PATH")'],
  ];
  for (const [path, text] of right) {
    it(`${path}: ${text.split("\n")[0]}`, () => assertEquals(violations([{ path, text }]), []));
  }
});
