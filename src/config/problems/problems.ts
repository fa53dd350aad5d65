/**
 * Problems that the schema cannot see: addresses, values that belong together, the environments of a drill, and what two
 * environments share. Each part is checked as far as its types allow, so that one problem hides no other.
 */

import { nearest, suggestion } from "../../base/nearest.ts";
import { durationDays, LONG_DURATION, parseDuration, writtenDuration } from "../durations.ts";
import { type Remark, remark, remarkOn } from "./remark.ts";
import { list, record, texts } from "./unchecked.ts";
import { neutraliseProblems } from "./neutralise.ts";
import { notifyProblems } from "./notify.ts";
import { tlsProblems } from "./tls.ts";
import { retentionSchema } from "../schema/schema.ts";
import { SECRET_REFERENCE } from "../schema/parts.ts";
import { looksLikeReference } from "../secrets.ts";
import { isWebAddress, type Known, sharedProblems, stateProblems } from "./shared_resources.ts";

/**
 * All of them.
 * @param value the file as read, of which nothing is checked yet
 * @param states the folder of this user's states, where the file names none
 */
export async function findProblems(value: unknown, states?: string): Promise<Remark[]> {
  const file = record(value);
  const environments = Object.entries(record(file.environments)).map(([name, one]) =>
    known(name, record(one))
  );
  return [
    ...storeProblems(file.store),
    ...retentionProblems(file.retention),
    ...environments.flatMap(environmentProblems),
    ...Object.entries(record(file.environments)).flatMap(([name, one]) =>
      tlsProblems(name, record(one).database)
    ),
    ...Object.entries(record(file.environments)).flatMap(([name, one]) =>
      neutraliseProblems(name, record(one))
    ),
    ...await sharedProblems(environments, file.store),
    ...await stateProblems(environments, file.state, states),
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
    followed: texts(record(value.documents).follow) as Record<string, string>,
    further: texts(record(value.documents).more) as Record<string, string>,
    excludes: list(record(value.documents).exclude),
    claim: texts(record(value.documents).kubernetes).claim,
    web: texts(value.web),
    ...(typeof value.htdocs === "string" ? { htdocs: value.htdocs } : {}),
    namespace: kubernetes.namespace,
    deployment: kubernetes.deployment,
  };
}

function storeProblems(value: unknown): Remark[] {
  const store = texts(value);
  if (store.url === undefined) return [];
  const found: Remark[] = [];
  const say = (key: string, text: string) => found.push(remarkOn(["store", key], text));
  if (store.url.startsWith("s3://")) {
    if (!/^s3:\/\/[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](\/[^?#@\s]*)?$/.test(store.url)) {
      say("url", "is not the address of a bucket: write s3://BUCKET/PREFIX, without keys");
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
        "is not a folder: write file:// and an absolute path without .., as in file:///var/backups/erp",
      );
    }
    for (const key of ["endpoint", "access_key", "secret_key", "region"] as const) {
      if (store[key] !== undefined) say(key, "has no effect with a folder (file://): remove it");
    }
  } else {
    say("url", "is neither s3://BUCKET/PREFIX nor file:///FOLDER");
  }
  if (store.endpoint !== undefined && !isWebAddress(store.endpoint)) {
    say("endpoint", "is not an http:// or https:// address. For example: https://storage.googleapis.com");
  }
  return found;
}

/** By that many days months differ, and 30d from 1mo. */
const SAME_DAYS = 3;

/** Each of the three must reach further back than the one before: otherwise sets are dropped that were meant to be kept. */
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
    const difference = key === then
      ? `is shorter than retention.${first} (${writtenDuration(short)})`
      : `is longer than retention.${then} (${writtenDuration(long)})`;
    return [
      remark(
        ["retention", key],
        `retention.${key} ${difference}: each of daily, monthly and yearly must be longer than the one before`,
      ),
    ];
  });
}

function environmentProblems(known: Known): Remark[] {
  const { name, user, reader, web, htdocs } = known;
  const found: Remark[] = [];
  const say = (keys: string[], text: string) => {
    const path = ["environments", name, ...keys];
    found.push(remarkOn(path, text));
  };
  if (user !== undefined && looksLikeReference(user) && !SECRET_REFERENCE.test(user)) {
    say(
      ["database", "user"],
      "is not a valid reference: write env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY",
    );
  }
  if (reader !== undefined && looksLikeReference(reader) && !SECRET_REFERENCE.test(reader)) {
    say(
      ["database", "reader", "user"],
      "is not a valid reference: write env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY",
    );
  }
  if (reader !== undefined && reader === user) {
    say(
      ["database", "reader", "user"],
      "is the same as database.user: the reader must be another login, one that cannot write",
    );
  }
  found.push(...documentsProblems(known));
  if (htdocs !== undefined && !htdocs.startsWith("/")) {
    say(["htdocs"], "is not an absolute path: a relative one would depend on where the program is started");
  }
  if (web.url !== undefined && !isWebAddress(web.url)) {
    say(
      ["web", "url"],
      "is not an http:// or https:// address without a user, ? and #. For example: https://erp.example.org",
    );
  }
  if (web.user !== undefined && looksLikeReference(web.user) && !SECRET_REFERENCE.test(web.user)) {
    say(
      ["web", "user"],
      "is not a valid reference: write env:NAME, file:PATH or kubernetes:NAMESPACE/SECRET/KEY",
    );
  }
  if ((web.user === undefined) !== (web.password === undefined)) {
    const [there, other] = web.user === undefined ? ["password", "user"] : ["user", "password"];
    say(
      ["web", there],
      `is set without web.${other}: set both, or neither (the drill then creates its own account)`,
    );
  }
  return found;
}

function documentsProblems({ name, folder, further, followed, excludes, plain }: Known): Remark[] {
  const found: Remark[] = [];
  const say = (keys: (string | number)[], text: string) => {
    const path = ["environments", name, "documents", ...keys];
    found.push(remarkOn(path, text));
  };
  const folders: [string[], string | undefined][] = [
    [plain ? [] : ["folder"], folder],
    ...Object.entries(further).map(([key, path]): [string[], string] => [["more", key], path]),
    ...Object.entries(followed).map(([key, path]): [string[], string] => [["follow", key], path]),
  ];
  for (const [keys, path] of folders) {
    if (path === undefined) continue;
    if (!path.startsWith("/")) {
      say(keys, "is not an absolute path: a relative one would depend on where the program is started");
    }
    if (path.split("/").includes("..")) say(keys, "contains ..: write the path without it");
    if (/^\/+$/.test(path)) say(keys, "is the root folder: name the documents folder itself");
    if (/\p{Cc}/u.test(path)) say(keys, "contains a line break or another control character");
  }
  excludes.forEach((pattern, at) => {
    if (/^[*/]+$/.test(pattern)) say(["exclude", at], "excludes everything: nothing would be backed up");
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
          `drill.${key} is not an environment of this file: ${suggestion(wanted, names)}`,
        ),
      );
    }
  }
  const into = environments.find((one) => one.name === drill.into);
  if (drill.into !== undefined && drill.from === drill.into) {
    found.push(
      remark(
        ["drill", "into"],
        "drill.into is the same as drill.from: a set must be restored into another environment",
      ),
    );
  } else if (into && !into.disposable) {
    found.push(remark(
      ["drill", "into"],
      `drill.into names ${into.name}, which is protected: a drill restores only into an environment with "disposable: true"`,
    ));
  }
  return found;
}

const isEmpty = (value: unknown) =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0;
