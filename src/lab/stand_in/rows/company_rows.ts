/** All rows of the stand-in: the demo company as rows of Dolibarr's tables. Pure: the same company has the same rows. */

import { createHash } from "node:crypto";
import type { DemoCompany } from "../../demo_company.ts";
import { chainLines, eventsOf, sha256 } from "./unalterable_log.ts";
import { type Paper, type PaperFile, type StandInRow, type StandInRows, timeOf } from "./papers.ts";
import { paperRows } from "./paper_rows.ts";
import { setupRows } from "./setup_rows.ts";
import { SMALL_TABLES } from "../tables/table_names.ts";

/** The rows by table. `passwords` are bcrypt hashes: the administrator's and the clerk's. */
export function rowsOf(
  company: DemoCompany,
  papers: readonly Paper[],
  files: readonly PaperFile[],
  passwords: readonly [string, string],
): StandInRows {
  const salt = sha256(`salt of ${company.siren}`).slice(0, 24);
  const fingerprint = sha256(`first of ${company.siren}`);
  const pathOf = new Map(files.map((file) => [file.paper.id, file.path]));
  return new Map<string, StandInRow[]>([
    ...setupRows(company, { salt, fingerprint, passwords }),
    ...paperRows(company, papers, pathOf),
    ["ecm_files", files.map(ecmFile)],
    ["blockedlog", chainLines(eventsOf(company, papers), salt, fingerprint, "SuperAdmin")],
    ...SMALL_TABLES.filter((name) => name.startsWith("c_")).map((name) => [name, dictionary(name)] as const),
  ]);
}

function ecmFile({ paper, path, md5 }: PaperFile, at: number): StandInRow {
  const cut = path.lastIndexOf("/");
  return {
    rowid: at + 1,
    ref: createHash("md5").update(path).digest("hex"),
    label: md5,
    filepath: path.slice(0, cut),
    filename: path.slice(cut + 1),
    src_object_type: "facture",
    src_object_id: paper.id,
    position: at + 1,
    gen_or_uploaded: "generated",
    date_c: timeOf(paper.date),
    fk_user_c: 1,
    tms: timeOf(paper.date),
  };
}

const dictionary = (name: string): StandInRow[] =>
  ["A", "B", "C"].map((letter, at) => ({ rowid: at + 1, label: `${name} ${letter}` }));
