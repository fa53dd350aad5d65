/** A company's own certificate authorities: the files that `web.certificate_authority` names, read and judged. */

import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Remark } from "./problems/explain.ts";

/** What the files hold, and what is wrong with them. */
export interface Authorities {
  /** By the environment's name: each certificate that is valid today, as PEM. */
  of: ReadonlyMap<string, readonly string[]>;
  problems: Remark[];
}

/** Reads those of every environment; `value` is the file as read, `folder` where it lies. */
export async function readAuthorities(value: unknown, folder: string): Promise<Authorities> {
  const of = new Map<string, readonly string[]>();
  const problems: Remark[] = [];
  for (const [name, environment] of Object.entries(record(record(value).environments))) {
    const { url, certificate_authority: file } = record(record(environment).web);
    if (typeof file !== "string" || file === "") continue; // the schema says what is wrong with another kind
    const path = ["environments", name, "web", "certificate_authority"];
    const say = (text: string) => void problems.push({ path, text: `${path.join(".")} ${text}` });
    if (typeof url === "string" && /^http:/i.test(url)) {
      say("means nothing for an address with http://: take it out, or write https://");
    }
    const found = await readAuthority(resolve(folder, file));
    if ("problem" in found) say(found.problem);
    else of.set(name, found.certificates);
  }
  return { of, problems };
}

type Judged = { certificates: string[] } | { problem: string };

async function readAuthority(file: string): Promise<Judged> {
  try {
    return judgeAuthority(await Deno.readTextFile(file), new Date());
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return {
        problem: "names a file that is not there: write its path, absolute or from the folder of this file",
      };
    }
    const reason = messageOf(error).replace(/: \w+ '.*$/s, ""); // the rest is the path, a value of the file
    return { problem: `names a file that cannot be read (${reason}): it must be yours to read` };
  }
}

/** Which certificates of a PEM file may be relied on at `now`, each once; what else stands in it is passed over. */
export function judgeAuthority(text: string, now: Date): Judged {
  const written = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (written.length === 0) {
    return {
      problem:
        "names a file without a certificate: write one in PEM form, from openssl x509 -inform der -in FILE -out FILE.pem",
    };
  }
  const certificates = [...new Set(written)].map((pem) => ({ pem, read: readCertificate(pem) }));
  const damaged = certificates.findIndex(({ read }) => read === undefined);
  if (damaged >= 0) {
    return { problem: `names a file whose certificate no. ${damaged + 1} is damaged: get it anew` };
  }
  const known = certificates.flatMap(({ pem, read }) => read ? [{ pem, read }] : []);
  const current = known.filter(({ read }) => now < new Date(read.validTo));
  if (current.length === 0) {
    const last = known.map(({ read }) => Date.parse(read.validTo)).sort((a, b) => b - a)[0]!;
    const day = new Date(last).toISOString().slice(0, 10);
    return {
      problem: `names a file whose certificates have expired, the last on ${day}: get the current one`,
    };
  }
  // one of the first version says nothing of what it may sign; such an authority has signed itself
  const authorities = current.filter(({ read }) => read.ca || read.subject === read.issuer);
  if (authorities.length === 0) {
    return { problem: "names a file without an authority: write the certificate that signed the server's" };
  }
  return { certificates: authorities.map(({ pem }) => pem) };
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // the caller says which one
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
