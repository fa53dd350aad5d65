/** A company's own certificate authorities: the files that `web.certificate_authority` names, read and checked. */

import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { messageOf } from "../base/errors.ts";
import { type Remark, remarkOn } from "./problems/remark.ts";
import { record } from "./problems/unchecked.ts";

/** What the files hold, and what is wrong with them. */
interface Authorities {
  /** By the environment's name: each certificate that is valid today, as PEM. */
  of: ReadonlyMap<string, readonly string[]>;
  problems: Remark[];
}

/** Reads the authorities of every environment. `value`: the configuration as read; `folder`: where its file is. */
export async function readAuthorities(value: unknown, folder: string): Promise<Authorities> {
  const of = new Map<string, readonly string[]>();
  const problems: Remark[] = [];
  for (const [name, environment] of Object.entries(record(record(value).environments))) {
    const { url, certificate_authority: file } = record(record(environment).web);
    if (typeof file !== "string" || file === "") continue; // the schema says what is wrong with another kind
    const path = ["environments", name, "web", "certificate_authority"];
    const say = (text: string) => void problems.push(remarkOn(path, text));
    if (typeof url === "string" && /^http:/i.test(url)) {
      say("has no effect with an http:// address: remove it, or write https://");
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
        problem:
          "names a file that does not exist: write its path, absolute or relative to the folder of this configuration",
      };
    }
    const reason = messageOf(error).replace(/: \w+ '.*$/s, ""); // the rest is the path, a value of the file
    return { problem: `names a file that cannot be read (${reason}): make it readable for this user` };
  }
}

/** The certificates of authorities in a PEM file that are valid at `now`, each once; anything else in it is ignored. */
export function judgeAuthority(text: string, now: Date): Judged {
  const written = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (written.length === 0) {
    return {
      problem:
        "names a file without a certificate in PEM form. To convert one: openssl x509 -inform der -in FILE -out FILE.pem",
    };
  }
  const certificates = [...new Set(written)].map((pem) => ({ pem, read: readCertificate(pem) }));
  const damaged = certificates.findIndex(({ read }) => read === undefined);
  if (damaged >= 0) {
    return { problem: `names a file whose certificate no. ${damaged + 1} is damaged: get the file again` };
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
  // a certificate of X.509 version 1 does not say whether it may sign; that of an authority is signed by itself
  const authorities = current.filter(({ read }) => read.ca || read.subject === read.issuer);
  if (authorities.length === 0) {
    return {
      problem:
        "names a file without the certificate of an authority: name the one that signed the server's certificate",
    };
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
