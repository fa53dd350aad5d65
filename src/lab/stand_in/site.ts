/** One served ERP: its configuration, who is signed in, and what a request carries. */

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
  /** Told apart in the footer: `prod`, `sandbox`. */
  title: string;
}

/** A visitor, kept in memory: who signs in again after a restart of the server is asked again. */
export interface Visitor {
  id: string;
  /** Travels in forms and in the way out. */
  token: string;
  login?: string;
  /** What the sign-in page shall say once. */
  refusal?: string;
}

export interface Site {
  config: SiteConfig;
  visitors: Map<string, Visitor>;
  /** For the fault `thumbnail-missing`: the company's page made them again. */
  thumbnailsRemade: boolean;
}

export interface User {
  id: number;
  login: string;
  admin: boolean;
  /** `facture.lire`, `fournisseur.facture.lire` */
  rights: ReadonlySet<string>;
}

/** A request on its way to a page. */
export interface Visit {
  site: Site;
  url: URL;
  method: string;
  /** A sent form's fields; empty for GET. */
  form: URLSearchParams;
  session: Visitor;
  user?: User;
  sql: Sql;
  constants: ReadonlyMap<string, string>;
  fault: Fault;
}

const COOKIE = "DOLSESSID_standin";

/** The visitor that a Cookie header names, or a new one. */
export function requestVisitor(site: Site, cookies: string | null): { visitor: Visitor; cookie?: string } {
  const id = cookies?.match(new RegExp(`${COOKIE}=([0-9a-f]{32})`))?.[1];
  const known = id ? site.visitors.get(id) : undefined;
  if (known) return { visitor: known };
  const visitor: Visitor = { id: randomBytes(16).toString("hex"), token: randomBytes(16).toString("hex") };
  site.visitors.set(visitor.id, visitor);
  return { visitor, cookie: `${COOKIE}=${visitor.id}; path=/; HttpOnly; SameSite=Lax` };
}
