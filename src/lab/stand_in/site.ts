/** The served ERP: its configuration, its visitors, and a request with what a page needs. */

import { randomBytes } from "node:crypto";
import type { Session as Sql } from "../../postgres/connection/session.ts";
import type { Fault } from "./faults.ts";
import type { StandInDatabase } from "./fill.ts";

/** The configuration file, JSON. */
export interface SiteConfig {
  port: number;
  documents: string;
  database: Omit<StandInDatabase, "password"> & { passwordFile: string };
  /** See `faults.ts`; the file need not exist. */
  faultsFile?: string;
  /** Shown in the footer: `prod`, `sandbox`. */
  title: string;
}

/** A visitor's session, in memory: a restart of the server signs everybody out. */
interface Visitor {
  id: string;
  /** The token of forms and of the sign-out link. */
  token: string;
  login?: string;
  /** The message that the sign-in page shows next, once. */
  refusal?: string;
}

export interface Site {
  config: SiteConfig;
  visitors: Map<string, Visitor>;
  /** For the fault `thumbnail-missing`: the company's page has created them again. */
  thumbnailsRemade: boolean;
}

export interface User {
  id: number;
  login: string;
  admin: boolean;
  /** `facture.lire`, `fournisseur.facture.lire` */
  rights: ReadonlySet<string>;
}

/** A request, with what a page needs to answer it. */
export interface Visit {
  site: Site;
  url: URL;
  method: string;
  /** The fields of a form that was sent; empty for GET. */
  form: URLSearchParams;
  session: Visitor;
  user?: User;
  sql: Sql;
  constants: ReadonlyMap<string, string>;
  fault: Fault;
}

const COOKIE = "DOLSESSID_standin";

/** The visitor of a Cookie header, or a new one. */
export function requestVisitor(site: Site, cookies: string | null): { visitor: Visitor; cookie?: string } {
  const id = cookies?.match(new RegExp(`${COOKIE}=([0-9a-f]{32})`))?.[1];
  const known = id ? site.visitors.get(id) : undefined;
  if (known) return { visitor: known };
  const visitor: Visitor = { id: randomBytes(16).toString("hex"), token: randomBytes(16).toString("hex") };
  site.visitors.set(visitor.id, visitor);
  return { visitor, cookie: `${COOKIE}=${visitor.id}; path=/; HttpOnly; SameSite=Lax` };
}
