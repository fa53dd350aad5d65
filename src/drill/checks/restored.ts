/** All checks on what was restored, before the first page is opened. */

import type { Check } from "../check.ts";
import { fresh, newestIsGood, stored } from "./backup.ts";
import type { DataContext } from "./context.ts";
import { lookup, notEmpty, objects, owners, quiet, rows, sequences, tables } from "./data.ts";
import { files, logo, papers } from "./documents.ts";

/** In the order in which they run and are shown. */
export const dataChecks: readonly Check<DataContext>[] = [
  stored,
  fresh,
  newestIsGood,
  tables,
  rows,
  notEmpty,
  objects,
  sequences,
  owners,
  lookup,
  quiet,
  files,
  papers,
  logo,
];

/**
 * The checks for a restored set. Nobody recorded a hash of a legacy one's objects, so that check cannot run on it: it is
 * printed and counted, and does not keep the set from being proved by all the others.
 */
export const dataChecksFor = (recorded: boolean): readonly Check<DataContext>[] =>
  dataChecks.map((check) => check === stored && !recorded ? { ...check, required: false } : check);
