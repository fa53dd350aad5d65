/** What the restored database says of the company and of itself. */

import type { Session } from "../postgres/connection/session.ts";
import { readConstants } from "./constants.ts";

export interface CompanyFacts {
  /** Empty where none is set. */
  name: string;
  /** The file's name under `mycompany/logos`; empty where none is set. */
  logo: string;
  /** The version that last ran on this database, `22.0.4`; empty where it does not say. */
  version: string;
  users: number;
  /** Those of them who are switched on and may set the ERP up: without one nobody can let others in. */
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

/** What is the company's own, and not a paper of its business: the logo, the templates. Below the documents folder. */
export const COMPANY_FOLDER = "mycompany";

/** Below the documents folder. */
export const logoPath = (logo: string): string => `${COMPANY_FOLDER}/logos/${logo}`;
