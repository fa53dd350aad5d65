/**
 * What is wrong with a configuration whose form is right: addresses, pairs that belong together, what a drill may
 * name, and (shared.ts) environments that are not really two. Each part is looked at as far as its own form allows, so that one mistake hides no other.
 */

import { nearest, suggestion } from "../../base/nearest.ts";
import { durationDays, LONG_DURATION, parseDuration, writtenDuration } from "../durations.ts";
import type { Remark } from "./explain.ts";
import { neutraliseProblems } from "./neutralise.ts";
import { notifyProblems } from "./notify.ts";
import { retentionSchema } from "../schema/schema.ts";
import { SECRET_REFERENCE } from "../schema/parts.ts";
import { looksLikeReference } from "../secrets.ts";
import { isWebAddress, type Known, sharedProblems } from "./shared.ts";
import type { Path } from "../yaml_lines.ts";

/** All of them; `value` is the file as read, not yet known to be right anywhere. */
export async function findProblems(value: unknown): Promise<Remark[]> {
  const file = record(value);
  const environments = Object.entries(record(file.environments)).map(([name, one]) =>
    known(name, record(one))
  );
  return [
    ...storeProblems(file.store),
    ...retentionProblems(file.retention),
    ...environments.flatMap(environmentProblems),
    ...Object.entries(record(file.environments)).flatMap(([name, one]) =>
      neutraliseProblems(name, record(one))
    ),
    ...await sharedProblems(environments, file.store),
    ...drillProblems(file.drill, environments),
    ...notifyProblems(file.notify),
    ...(isEmpty(file.environments)
      ? [remark(["environments"], "environments is empty: name at least two")]
      : []),
  ];
}

function known(name: string, value: Record<string, unknown>): Known {
  const database = record(value.database);
  const { host, name: databaseName, user } = texts(database);
  const port = database.port ?? 5432;
  const kubernetes = texts(record(value.workload).kubernetes);
  return {
    name,
    disposable: value.disposable === true,
    user,
    reader: texts(database.reader).user,
    database: host && databaseName && typeof port === "number"
      ? { host, port, name: databaseName }
      : undefined,
    folder: typeof value.documents === "string" ? value.documents : texts(value.documents).folder,
    plain: typeof value.documents === "string",
    further: texts(record(value.documents).more) as Record<string, string>,
    excludes: list(record(value.documents).exclude),
    claim: texts(record(value.documents).kubernetes).claim,
    web: texts(value.web),
    namespace: kubernetes.namespace,
    deployment: kubernetes.deployment,
  };
}

function storeProblems(value: unknown): Remark[] {
  const store = texts(value);
  if (store.url === undefined) return [];
  const found: Remark[] = [];
  const say = (key: string, text: string) => found.push(remark(["store", key], `store.${key} ${text}`));
  if (store.url.startsWith("s3://")) {
    if (!/^s3:\/\/[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](\/[^?#@\s]*)?$/.test(store.url)) {
      say("url", "is no address of a bucket: write s3://BUCKET/PREFIX, without keys in it");
    }
    for (const key of ["access_key", "secret_key"] as const) {
      if (!Object.keys(record(value)).some((there) => nearest(there, [key]))) {
        say(key, `is missing: an s3:// store needs both keys. For example: ${key}: env:STORE_KEY`);
      }
    }
  } else if (store.url.startsWith("file://")) {
    if (!/^file:\/\/\/[^?#%]+$/.test(store.url) || store.url.split("/").includes("..")) {
      say(
        "url",
        "is no folder: write file:// and an absolute path without .., as in file:///var/backups/erp",
      );
    }
    for (const key of ["endpoint", "access_key", "secret_key", "region"] as const) {
      if (store[key] !== undefined) say(key, "means nothing for a folder (file://): take it out");
    }
  } else {
    say("url", "is neither s3://BUCKET/PREFIX nor file:///FOLDER");
  }
  if (store.endpoint !== undefined && !isWebAddress(store.endpoint)) {
    say("endpoint", "is no address with http:// or https://, for example https://storage.googleapis.com");
  }
  return found;
}

/** Months differ by that many days, and so do 30d and 1mo. */
const SAME_DAYS = 3;

/** Each of the three reaches further back than the one before: what is not is a slip, and drops what was to be kept. */
function retentionProblems(value: unknown): Remark[] {
  const written = texts(value);
  const defaults = retentionSchema.parse({});
  return ([["daily", "monthly"], ["monthly", "yearly"]] as const).flatMap(([first, then]) => {
    const [short, long] = [first, then].map((key) => {
      const text = written[key] ?? defaults[key];
      return LONG_DURATION.test(text) ? parseDuration(text) : undefined;
    });
    if (!short || !long || durationDays(short) - durationDays(long) <= SAME_DAYS) return [];
    const key = written[then] === undefined ? first : then;
    const said = key === then
      ? `is shorter than retention.${first} (${writtenDuration(short)})`
      : `is longer than retention.${then} (${writtenDuration(long)})`;
    return [
      remark(
        ["retention", key],
        `retention.${key} ${said}: daily, monthly, yearly, each reaches further back`,
      ),
    ];
  });
}

function environmentProblems(known: Known): Remark[] {
  const { name, user, reader, web } = known;
  const found: Remark[] = [];
  const say = (keys: string[], text: string) => {
    const path = ["environments", name, ...keys];
    found.push(remark(path, `${path.join(".")} ${text}`));
  };
  if (user !== undefined && looksLikeReference(user) && !SECRET_REFERENCE.test(user)) {
    say(
      ["database", "user"],
      "is no reference: write env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY",
    );
  }
  if (reader !== undefined && looksLikeReference(reader) && !SECRET_REFERENCE.test(reader)) {
    say(
      ["database", "reader", "user"],
      "is no reference: write env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY",
    );
  }
  if (reader !== undefined && reader === user) {
    say(
      ["database", "reader", "user"],
      "is the same as database.user: a reader is another login, which may write nothing",
    );
  }
  found.push(...documentsProblems(known));
  if (web.url !== undefined && !isWebAddress(web.url)) {
    say(
      ["web", "url"],
      "is no address with http:// or https://, without a user, ? or #: for example https://erp.example.org",
    );
  }
  if (web.user !== undefined && looksLikeReference(web.user) && !SECRET_REFERENCE.test(web.user)) {
    say(["web", "user"], "is no reference: write env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY");
  }
  if ((web.user === undefined) !== (web.password === undefined)) {
    const [there, other] = web.user === undefined ? ["password", "user"] : ["user", "password"];
    say(
      ["web", there],
      `stands without web.${other}: write both, or neither (the drill then makes its own account)`,
    );
  }
  return found;
}

function documentsProblems({ name, folder, further, excludes, plain }: Known): Remark[] {
  const found: Remark[] = [];
  const say = (keys: (string | number)[], text: string) => {
    const path = ["environments", name, "documents", ...keys];
    found.push(remark(path, `${path.join(".")} ${text}`));
  };
  const folders: [string[], string | undefined][] = [
    [plain ? [] : ["folder"], folder],
    ...Object.entries(further).map(([key, path]): [string[], string] => [["more", key], path]),
  ];
  for (const [keys, path] of folders) {
    if (path === undefined) continue;
    if (!path.startsWith("/")) {
      say(keys, "is not an absolute path: from where it is run must not decide which folder is meant");
    }
    if (path.split("/").includes("..")) say(keys, "has .. in it: write the plain path");
    if (/^\/+$/.test(path)) say(keys, "is the whole disk: name the folder itself");
    if (/\p{Cc}/u.test(path)) say(keys, "has a new line or another control character in it");
  }
  excludes.forEach((pattern, at) => {
    if (/^[*/]+$/.test(pattern)) say(["exclude", at], "leaves everything out: nothing would be backed up");
  });
  return found;
}

function drillProblems(value: unknown, environments: readonly Known[]): Remark[] {
  const drill = texts(value);
  if (environments.length === 0) return [];
  const names = environments.map((one) => one.name);
  const found: Remark[] = [];
  for (const key of ["from", "into"] as const) {
    const wanted = drill[key];
    if (wanted !== undefined && !names.includes(wanted)) {
      found.push(
        remark(
          ["drill", key],
          `drill.${key} names no environment of this file: ${suggestion(wanted, names)}`,
        ),
      );
    }
  }
  const into = environments.find((one) => one.name === drill.into);
  if (drill.into !== undefined && drill.from === drill.into) {
    found.push(
      remark(
        ["drill", "into"],
        "drill.into is the same as drill.from: a set is restored into another environment",
      ),
    );
  } else if (into && !into.disposable) {
    found.push(remark(
      ["drill", "into"],
      `drill.into names ${into.name}, which is protected: only an environment with "disposable: true" is restored into`,
    ));
  }
  return found;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};

/** Of a map, what is a text: the rest is wrong, and the schema says so. */
function texts(value: unknown): Record<string, string | undefined> {
  const entries = Object.entries(record(value)).filter((entry): entry is [string, string] =>
    typeof entry[1] === "string"
  );
  return Object.fromEntries(entries);
}

const list = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

const isEmpty = (value: unknown) =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;

const remark = (path: Path, text: string): Remark => ({ path, text });
