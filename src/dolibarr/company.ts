/** The company, its accounts and the version of Dolibarr, as the restored database has them. */

import type { Session } from "../postgres/connection/session.ts";
import { readConstants } from "./constants.ts";

export interface CompanyFacts {
  /** Empty where none is set. */
  name: string;
  /** The file's name under `mycompany/logos`; empty where none is set. */
  logo: string;
  /** The version of Dolibarr that last upgraded this database, `22.0.4`; empty where none is recorded. */
  version: string;
  users: number;
  /** Enabled accounts that are administrators: without one, no account can be created or enabled. */
  administrators: number;
}

export async function readCompany(session: Session): Promise<CompanyFacts> {
  const constants = await readConstants(session, [
    "MAIN_INFO_SOCIETE_NOM",
    "MAIN_INFO_SOCIETE_LOGO",
    "MAIN_VERSION_LAST_UPGRADE",
    "MAIN_VERSION_LAST_INSTALL",
  ]);
  const [users] = await session.query<{ count: number; administrators: number }>(
    `SELECT count(*)::integer AS count, (count(*) FILTER (WHERE admin = 1 AND statut = 1))::integer AS administrators
       FROM public.llx_user`,
  );
  return {
    name: constants.MAIN_INFO_SOCIETE_NOM ?? "",
    logo: constants.MAIN_INFO_SOCIETE_LOGO ?? "",
    version: constants.MAIN_VERSION_LAST_UPGRADE || constants.MAIN_VERSION_LAST_INSTALL || "",
    users: users?.count ?? 0,
    administrators: users?.administrators ?? 0,
  };
}

/** The folder of the logo and the templates, relative to the documents folder. */
export const COMPANY_FOLDER = "mycompany";

/** The path of a logo, relative to the documents folder. */
export const logoPath = (logo: string): string => `${COMPANY_FOLDER}/logos/${logo}`;
