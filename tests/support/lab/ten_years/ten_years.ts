/**
 * A company of ten years on the real Dolibarr: several masks, deposits, situations, papers of other kinds, a second entity, a
 * chart of accounts, a changed time zone, drafts with papers, odd names, tables of its owner. Built once, and kept.
 */

import { silentReporter } from "../../../../src/base/terminal/reporter.ts";
import { sha256Of } from "../../../../src/base/streams.ts";
import { openEnvironment } from "../../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../../src/config/config.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { type Lab, labDestroy } from "../../../../src/lab/lab.ts";
import { connect } from "../../../../src/postgres/connection/session.ts";
import { startActs } from "../dolibarr_acts.ts";
import { asProvisioner, type DrillLab, drillLabOf } from "../drill_lab.ts";
import { folderOf, startLab } from "../lab.ts";
import { ERAS } from "./eras.ts";
import { OWN_TABLES, writeOddDocuments } from "./oddities.ts";

const FOLDER = folderOf("ten-years");

/** Starts its lab; the first time it is built. */
export async function startTenYears(): Promise<DrillLab> {
  const recipe = await recipeOf();
  if (await filledBy(FOLDER) !== recipe) await labDestroy(FOLDER);
  await using started = new AsyncDisposableStack();
  const lab = started.use(await startLab("real", FOLDER));
  if (await filledBy(lab.folder) !== recipe) {
    await fill(lab);
    await Deno.writeTextFile(`${lab.folder}/ten-years`, recipe);
  }
  started.move();
  return await drillLabOf("real", lab);
}

async function fill(lab: Lab): Promise<void> {
  for (const { modules, does, ...options } of ERAS) {
    await using acts = await startActs(lab, options);
    if (modules) await acts.act("modules", modules);
    await does(acts);
  }
  const prod = await openEnvironment(environmentOf(await loadConfig(lab.configFile), "prod"), silentReporter);
  await using chief = await connect(await asProvisioner(lab.folder, prod));
  await chief.query("UPDATE llx_webhook_target SET status = 1"); // off while Dolibarr's classes acted
  await chief.query(`SET ROLE "${prod.database.owner}"`);
  for (const sql of OWN_TABLES) await chief.query(sql);
  await writeOddDocuments(prod.documents);
}

/** The recipe of which the company in this folder was made; empty where none was made to its end. */
const filledBy = (folder: string): Promise<string> =>
  Deno.readTextFile(`${folder}/ten-years`).catch(() => "");

/** A hash over what makes the company. */
async function recipeOf(): Promise<string> {
  const files = ["ten_years/eras.ts", "ten_years/oddities.ts", "ten_years/ten_years.ts"];
  const acts = await Array.fromAsync(Deno.readDir(new URL("../acts", import.meta.url)));
  const texts = [...files, ...acts.map(({ name }) => `acts/${name}`).sort()].map((path) =>
    Deno.readTextFile(new URL(`../${path}`, import.meta.url))
  );
  return sha256Of((await Promise.all(texts)).join("\0"));
}
