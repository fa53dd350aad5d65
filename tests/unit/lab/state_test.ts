import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LAB_FORMAT, type LabState, planStart, readJson, writeJson } from "../../../src/lab/state.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("a lab that does not run", () => {
  const state: LabState = {
    format: LAB_FORMAT,
    root: "/srv/.lab",
    erp: "real",
    dolibarr: { version: "22.0.4", home: "/cache/htdocs" },
    recipe: "abc",
    ports: { postgres: 1, pooler: 2, prod: 3, sandbox: 4 },
    users: { prod: "v-erp-1", sandbox: "v-erp-sandbox-1", until: "2026-12-01T00:00:00Z" },
  };
  const standIn: LabState = { ...state, erp: "stand-in", reason: "no network", dolibarr: undefined };
  const wanted = { root: "/srv/.lab", recipe: "abc", boot: "one", home: "/cache/htdocs", named: false };
  const whole = { state, filled: true };

  it("is started as it is when it is whole and nothing has changed", () => {
    assertEquals(planStart(whole, wanted), { action: "start" });
    assertEquals(planStart({ ...whole, running: { boot: "one", startedAt: "", keep: true } }, wanted), {
      action: "start",
    });
  });

  it("is kept when its Dolibarr is gone meanwhile, and a stand-in while there is no Dolibarr", () => {
    const nothing = { ...wanted, home: undefined };
    assertEquals(planStart(whole, nothing), { action: "start" });
    assertEquals(planStart({ state: standIn, filled: true }, nothing), { action: "start" });
    assertEquals(planStart({ state: standIn, filled: true }, { ...nothing, erp: "stand-in" }), {
      action: "start",
    });
  });

  const again: [
    why: string,
    found: Parameters<typeof planStart>[0],
    Partial<Parameters<typeof planStart>[1]>,
  ][] = [
    ["there is none yet", { filled: false }, {}],
    ["it was not built to the end", { state, filled: false }, {}],
    [
      "another version of this program built it",
      { state: { ...state, format: 0 as typeof LAB_FORMAT }, filled: true },
      {},
    ],
    ["its folder was moved", whole, { root: "/home/.lab" }],
    ["what fills it has changed", whole, { recipe: "def" }],
    [
      "the machine went down while it ran",
      { ...whole, running: { boot: "zero", startedAt: "", keep: true } },
      {},
    ],
    ["a real Dolibarr can be had now", { state: standIn, filled: true }, {}],
    ["DOLIBARR_HOME names another one", whole, { home: "/srv/erp", named: true }],
    ["the stand-in was asked for", whole, { erp: "stand-in", home: undefined }],
  ];
  for (const [why, found, change] of again) {
    it(`is built again when ${why}`, () => {
      assertEquals(planStart(found, { ...wanted, ...change }), { action: "build", why });
    });
  }

  it("is taken for half-built when a crash cut its file", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/lab.json`;
    assertEquals(readJson(file), undefined);
    writeJson(file, state);
    assertEquals(readJson(file), JSON.parse(JSON.stringify(state)));
    Deno.truncateSync(file, 20);
    assertEquals(readJson(file), undefined);
  });
});
