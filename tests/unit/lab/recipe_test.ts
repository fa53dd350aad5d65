import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bareCode, dolibarrRecipe, SCRIPTS } from "../../../src/lab/dolibarr/install.ts";
import { planStart, recipeOf } from "../../../src/lab/recipe.ts";
import { LAB_FORMAT, type LabState } from "../../../src/lab/state.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { readJson, writeJson } from "../../../src/lab/files.ts";

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

  it("stays as it is when its Dolibarr was removed, and a stand-in while no Dolibarr is available", () => {
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
    ["its last build did not complete", { state, filled: false }, {}],
    [
      "it has the format of another version of this program",
      { state: { ...state, format: 0 as typeof LAB_FORMAT }, filled: true },
      {},
    ],
    ["its folder was moved", whole, { root: "/home/.lab" }],
    ["this version fills it with other data", whole, { recipe: "def" }],
    [
      "the machine went down while it ran",
      { ...whole, running: { boot: "zero", startedAt: "", keep: true } },
      {},
    ],
    ["a real Dolibarr is available now", { state: standIn, filled: true }, {}],
    ["DOLIBARR_HOME names another one", whole, { home: "/srv/erp", named: true }],
    ["the stand-in was asked for", whole, { erp: "stand-in", home: undefined }],
  ];
  for (const [why, found, change] of again) {
    it(`is built again when ${why}`, () => {
      assertEquals(planStart(found, { ...wanted, ...change }), { action: "build", why });
    });
  }

  it("counts as half-built when a crash truncated its file", async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/lab.json`;
    assertEquals(readJson(file), undefined);
    writeJson(file, state);
    assertEquals(readJson(file), JSON.parse(JSON.stringify(state)));
    Deno.truncateSync(file, 20);
    assertEquals(readJson(file), undefined);
  });
});

describe("the recipe of a lab", () => {
  const built = (erp: LabState["erp"], recipe: string) => ({
    state: { format: LAB_FORMAT, root: "/srv/.lab", erp, recipe } as LabState,
    filled: true,
  });
  const wanted = async (erp: LabState["erp"]) => ({
    ...{ root: "/srv/.lab", recipe: await recipeOf(erp), boot: "one", named: false },
  });

  it("is the same for the same data, and another one for each kind of ERP", async () => {
    const [real, standIn] = [await recipeOf("real"), await recipeOf("stand-in")];
    assertMatch(real, /^[0-9a-f]{16}$/);
    assertEquals([await recipeOf("real"), await recipeOf("stand-in")], [real, standIn]);
    assertNotEquals(real, standIn);
  });

  // Where what is built changes, labs of earlier versions are to be built again: then remove this test with its recipes.
  const earlier = [["real", "00307e22f204f186"], ["stand-in", "578cab7891e24c71"]] as const;
  for (const [erp, recipe] of earlier) {
    it(`lets a lab of the version that hashed its source files go on: ${erp}`, async () => {
      assertEquals(planStart(built(erp, recipe), await wanted(erp)), { action: "start" });
    });
  }

  it("holds every script that fills a Dolibarr", () => {
    const scripts = [...Deno.readDirSync(new URL("../../../src/lab/dolibarr/php/", import.meta.url))];
    assertEquals(
      scripts.map(({ name }) => name).toSorted(),
      ["install_log.php", "router.php", ...SCRIPTS].toSorted(), // these two put nothing into it
    );
    assertEquals(dolibarrRecipe().length, SCRIPTS.length);
  });

  it("leaves out comments and white space of these scripts, and nothing else", () => {
    const php = "<?php\n/** Fills it. */\n$url = 'https://a b'; # here\n  echo \"it's // not\"; // end\n";
    assertEquals(bareCode(php), `<?php$url='https://a b';echo"it's // not";`);
  });
});
