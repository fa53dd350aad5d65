import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Import, importsOf, readSources, type SourceFile, withoutComments } from "../support/imports.ts";

/** The arrows of DESIGN.md's layout: from what each folder may import, as values and as types only. */
const CLIENTS = ["dolibarr", "postgres", "store", "platform"];
const PIPELINES = ["backup", "retention", "restore"];
const ARROWS: Record<string, { values: string[]; types?: string[]; files?: string[] }> = {
  base: { values: [] },
  config: { values: ["base"] },
  store: { values: ["base"], types: ["config"] },
  postgres: { values: ["base"], types: ["config", "store"] },
  platform: { values: ["base"], types: ["config", "postgres", "store"] },
  // it writes SQL, and how a name or a text is quoted is PostgreSQL's to say
  dolibarr: { values: ["base"], types: ["config", "postgres", "store"], files: ["postgres/database.ts"] },
  backup: { values: ["base", ...CLIENTS], types: ["config"] },
  retention: { values: ["base", ...CLIENTS], types: ["config"] },
  restore: { values: ["base", ...CLIENTS], types: ["config"] },
  drill: { values: ["base", ...CLIENTS, ...PIPELINES], types: ["config"] },
  rehearsal: { values: ["base", ...CLIENTS, ...PIPELINES, "drill"], types: ["config"] },
  audit: { values: ["base", ...CLIENTS], types: ["config"] },
  lab: { values: ["base", "config", "dolibarr", "postgres", "platform"] },
  cli: { values: ["base", "config", ...CLIENTS, ...PIPELINES, "drill", "rehearsal", "audit", "lab"] },
  "main.ts": { values: ["base", "cli"] },
};

/** Decisions: the same answer for the same question, wherever they are asked. */
const PURE: Record<string, string[]> = {
  "restore/target_gate.ts": [],
  "restore/contents_filter.ts": [],
  "restore/fitness.ts": [],
  "restore/toc.ts": [],
  "postgres/messages.ts": [],
  "postgres/archive_header.ts": [],
  "postgres/dump_judgement.ts": [],
  "postgres/dump_kind.ts": ["node:zlib"],
  "store/manifest.ts": ["zod"],
  "retention/plan.ts": [],
  "retention/ages.ts": [],
  "retention/refusals.ts": [],
  "drill/rota.ts": [],
  "drill/control.ts": ["node:crypto"],
  "retention/reports.ts": [],
};
/** What a pure module may import of ours, as values. */
const PURE_BASE = /^base\/(errors|text|time|version|limits)\.ts$/;

/** Drivers: named where clients are built, and nowhere else. */
const DRIVERS = ["store/file.ts", "store/s3.ts", "platform/local.ts", "platform/kubernetes.ts"];

/** What only those know who know Dolibarr. */
const DOLIBARR_NAMES =
  /\bllx_|#login\b|#img_logo|jnotify|\.arearef|\.refid\b|badge-status|amountcard|documentdownload|\boddeven\b|\btagtable\b/;
const KNOW_DOLIBARR = /^(dolibarr|lab)\//;

/** Who may read the environment's variables. */
const ENVIRONMENT = /\bDeno\s*\.\s*env\b|\bprocess\s*\.\s*env\b/;
const READ_ENVIRONMENT = /^(config|lab)\/|^base\/processes\.ts$|^main\.ts$/;

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
});

describe("an import that points the wrong way is refused", () => {
  // deno-fmt-ignore: a line each
  const wrong: [title: string, path: string, text: string, said: string][] = [
    ["base reaches up", "base/text.ts", `import { a } from "../store/store.ts";`, "nothing of ours"],
    ["a client reads the configuration", "store/file.ts", `import { loadConfig } from "../config/load.ts";`, "store may import base"],
    ["a client uses another", "platform/local.ts", `import { connect } from "../postgres/session.ts";`, "platform may import"],
    ["one pipeline uses another", "backup/backup.ts", `import { restore } from "../restore/restore.ts";`, "backup may import"],
    ["even for a type", "restore/restore.ts", `import type { Plan } from "../retention/plan.ts";`, "restore may import"],
    ["a pipeline prints", "drill/drill.ts", `import { out } from "../cli/shell.ts";`, "drill may import"],
    ["a pipeline starts the lab", "drill/drill.ts", `const { labUp } = await import("../lab/lab.ts");`, "drill may import"],
    ["the lab runs a pipeline", "lab/lab.ts", `export { backup } from "../backup/backup.ts";`, "lab may import"],
    ["the lab takes a store", "lab/fill.ts", `import "../store/store.ts";`, "lab may import"],
    ["main goes past the command line", "main.ts", `import { drill } from "./drill/drill.ts";`, "main.ts may import"],
    ["a folder that the layout does not know", "helpers/a.ts", `import { a } from "../base/text.ts";`, "no place in the layout"],
    ["over several lines", "base/text.ts", `import {\n  a,\n  b,\n} from "../lab/lab.ts";`, "nothing of ours"],
    ["a value among types", "store/file.ts", `import { type A, b } from "../config/config.ts";`, "store may import"],
    ["a pure module takes a client", "restore/target_gate.ts", `import { query } from "../postgres/session.ts";`, "must not reach out"],
    ["a pure module takes a library", "postgres/messages.ts", `import pg from "pg";`, "must not reach out"],
    ["a pure module takes the disk", "store/manifest.ts", `import { readFileSync } from "node:fs";`, "must not reach out"],
    ["a pipeline builds a client", "backup/backup.ts", `import { openFileStore } from "../store/file.ts";`, "built by the command line"],
    ["a table's name", "restore/restore.ts", "const sql = `SELECT * FROM llx_user`;", "names llx_"],
    ["a selector", "drill/checks/browser.ts", 'page.locator("#img_logo")', "names #img_logo"],
    ["the environment", "store/s3.ts", 'const key = Deno.env.get("KEY");', "reads the environment"],
    ["the environment, from Node", "store/s3.ts", "const { KEY } = process.env;", "reads the environment"],
  ];
  for (const [title, path, text, said] of wrong) {
    it(title, () => assertStringIncludes(violations([{ path, text }]).join("\n"), said));
  }
});

describe("an import that points the right way is left alone", () => {
  const right: [path: string, text: string][] = [
    [
      "store/file.ts",
      `import type { Config } from "../config/config.ts";\nimport { join } from "node:path";`,
    ],
    ["store/file.ts", `import { type Config, type Secret } from "../config/config.ts";`],
    ["drill/drill.ts", `import { restore } from "../restore/restore.ts";`],
    ["store/manifest.ts", `import { z } from "zod";\nimport { DrillError } from "../base/errors.ts";`],
    ["cli/clients.ts", `import { openFileStore } from "../store/file.ts";`],
    ["dolibarr/neutralise.ts", `import { quoteLiteral } from "../postgres/database.ts";`],
    ["main.ts", `const load = () => import("./cli/drill.ts");`],
    [
      "store/store.ts",
      `/** \`llx_user\`, as in Deno.env */\n// import { a } from "../lab/lab.ts";\nconst a = "//";`,
    ],
    ["dolibarr/tables.ts", 'const name = "llx_user";'],
    ["base/processes.ts", 'Deno.env.get("PATH")'],
  ];
  for (const [path, text] of right) {
    it(`${path}: ${text.split("\n")[0]}`, () => assertEquals(violations([{ path, text }]), []));
  }
});
