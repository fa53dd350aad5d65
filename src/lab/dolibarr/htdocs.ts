/** The program files of a Dolibarr of the lab, and its conf.php. */

import { DrillError } from "../../base/errors.ts";
import { runTool } from "../../base/process/processes.ts";
import { DATABASES } from "../servers/cluster.ts";
import { documentsOf, webUrl } from "../config_file.ts";
import type { LabPaths } from "../paths.ts";
import type { LabSecrets } from "../secrets.ts";
import type { LabState } from "../state.ts";
import { fileExists, writeFileWhole } from "../files.ts";

/** Folders that are never copied: they belong to one installation, with its passwords, modules and documents. */
const OWN = new Set(["conf", "custom", "documents"]);

/**
 * Copies an htdocs to `<root>/<env>/htdocs`, with empty folders `conf` and `custom`. With `link` the files are shared by
 * hard links where the disk allows it, which takes a fifth of the time and no space.
 */
export async function copyHtdocs(
  source: string,
  link: boolean,
  paths: LabPaths,
  env: "prod" | "sandbox",
  signal: AbortSignal,
): Promise<void> {
  const target = `${paths.root}/${env}/htdocs`;
  const entries = [...Deno.readDirSync(source)].map(({ name }) => name).filter((name) => !OWN.has(name)).map((
    name,
  ) => `${source}/${name}`);
  const copy = async (how: string[]) => {
    Deno.mkdirSync(target, { recursive: true });
    return await runTool("/bin/cp", { args: [...how, "--", ...entries, target], signal });
  };
  let end = await copy(link ? ["-al"] : ["-a", "--reflink=auto"]);
  if (end.code !== 0 && link && !signal.aborted) {
    await Deno.remove(target, { recursive: true }); // the cache is on another disk, or links to it are not allowed
    end = await copy(["-a", "--reflink=auto"]);
  }
  signal.throwIfAborted();
  if (end.code !== 0) {
    const details = end.stderr.trim().split("\n").slice(0, 5);
    throw new DrillError(
      "LAB_FAILED",
      `Cannot copy ${source}: ${details[0]}`,
      "Make every file below it readable, and 300 MB of free space on the disk of the lab.",
      { details },
    );
  }
  for (const name of ["conf", "custom"]) Deno.mkdirSync(`${target}/${name}`);
  // it would make the installer use the database of another installation
  const forced = `${target}/install/install.forced.php`;
  if (fileExists(forced)) Deno.removeSync(forced);
}

/** Writes the conf.php of an ERP, readable for its own user only. */
export function writeConf(
  paths: LabPaths,
  env: "prod" | "sandbox",
  state: LabState,
  secrets: LabSecrets,
): void {
  writeFileWhole(`${paths.root}/${env}/htdocs/conf/conf.php`, confText(paths, env, state, secrets));
}

/** The settings that Dolibarr's installer writes, with `main_prod` on. */
function confText(
  paths: LabPaths,
  env: "prod" | "sandbox",
  { ports, users }: LabState,
  secrets: LabSecrets,
): string {
  const htdocs = `${paths.root}/${env}/htdocs`;
  const settings: Record<string, string> = {
    main_url_root: webUrl(ports[env]),
    main_document_root: htdocs,
    main_url_root_alt: "/custom",
    main_document_root_alt: `${htdocs}/custom`,
    main_data_root: documentsOf(paths, env),
    main_db_host: "127.0.0.1",
    main_db_port: String(ports.pooler),
    main_db_name: DATABASES[env].name,
    main_db_prefix: "llx_",
    main_db_user: users[env],
    main_db_pass: secrets[env],
    main_db_type: "pgsql",
    main_db_character_set: "UTF8",
    main_db_collation: "C.UTF-8",
    main_authentication: "dolibarr",
    main_prod: "1",
    main_force_https: "0",
    main_restrict_os_commands: "pg_dump, pg_restore",
    nocsrfcheck: "0",
    main_instance_unique_id: env === "prod" ? secrets.prodInstance : secrets.sandboxInstance,
    mailing_limit_sendbyweb: "0",
    mailing_limit_sendbycli: "0",
    main_distrib: "standard",
  };
  const lines = Object.entries(settings).map(([name, value]) => `$dolibarr_${name}='${value}';`);
  return `<?php\n// Written at each start of the lab.\n${lines.join("\n")}\n`;
}
