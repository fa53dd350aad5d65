/**
 * Decides whether a lab that is there is started, or built again. It is built again where this version would put something
 * else into it. Its store is a part of it, so a lab must not be built again only because our source files were changed.
 */

import { planInvoices, readDemoCompany } from "./demo_company.ts";
import { dolibarrRecipe } from "./dolibarr/install.ts";
import { platformSql } from "./servers/cluster.ts";
import { LAB_FORMAT, type LabState, type RunningRecord } from "./state.ts";
import { standInRecipe } from "./stand_in/stand_in.ts";

/** The demo company's data and its logo. */
export const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

/** What to do about a lab that does not run. */
type StartPlan = { action: "build"; why: string } | { action: "start" };

/**
 * Decides whether a lab that does not run is started as it is, or built from nothing. Pure.
 *
 * @param wanted what it would be built from now: `home` is a Dolibarr that is on this machine, `named` says that
 * DOLIBARR_HOME names it, `erp` that the stand-in was asked for.
 */
export function planStart(
  found: { state?: LabState; filled: boolean; running?: RunningRecord },
  wanted: { root: string; recipe: string; boot: string; home?: string; named: boolean; erp?: "stand-in" },
): StartPlan {
  const { state, filled, running } = found;
  const build = (why: string): StartPlan => ({ action: "build", why });
  if (!state) return build("there is none yet");
  if (!filled) return build("its last build did not complete");
  if (state.format !== LAB_FORMAT) return build("it has the format of another version of this program");
  if (state.root !== wanted.root) return build("its folder was moved");
  if (!isSameRecipe(state.recipe, wanted.recipe)) return build("this version fills it with other data");
  if (running && running.boot !== wanted.boot) return build("the machine went down while it ran");
  if (wanted.erp && state.erp !== wanted.erp) return build("the stand-in was asked for");
  if (wanted.home !== undefined && state.erp === "stand-in") return build("a real Dolibarr is available now");
  if (wanted.named && wanted.home !== state.dolibarr?.home) return build("DOLIBARR_HOME names another one");
  return { action: "start" };
}

/**
 * A hash over what a build puts into a lab: roles and databases, the rows, the documents. It depends on the data that is
 * built and not on the source files that build it.
 */
export async function recipeOf(erp: LabState["erp"]): Promise<string> {
  const company = readDemoCompany(`${FIXTURES}company.json`);
  const logo = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await Deno.readFile(`${FIXTURES}${company.logo}`)),
  );
  const text = JSON.stringify([
    company,
    logo.toHex(),
    platformSql(NO_PASSWORDS, NO_USERS),
    erp === "real" ? [planInvoices(company), dolibarrRecipe()] : await standInRecipe(company),
  ]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

/** What is random in a lab is no part of its recipe. */
const NO_PASSWORDS = { provisioner: "", pgbouncer: "", prod: "", sandbox: "" };
const NO_USERS = { prod: "prod", sandbox: "sandbox", until: "" };

/**
 * The recipes of versions that hashed their source files, and the recipe of what those files built. Remove an entry when
 * the recipe of today is another one.
 */
const EARLIER_RECIPES: Readonly<Record<string, string>> = {
  "00307e22f204f186": "f90a4dfa180a56b6",
  "578cab7891e24c71": "db2d7f7dc1e6c64f",
};

const isSameRecipe = (built: string, wanted: string): boolean =>
  built === wanted || EARLIER_RECIPES[built] === wanted;
