/** Reads the configuration file, and reports every problem in it at once. */

import { resolve } from "node:path";
import { DrillError, messageOf } from "../base/errors.ts";
import { formatCount } from "../base/numbers.ts";
import { readAuthorities } from "./authorities.ts";
import type { Config, Environment } from "./config.ts";
import { durationMs, parseDuration } from "./durations.ts";
import { explain } from "./problems/explain.ts";
import { neutraliseRule } from "./problems/neutralise.ts";
import { notifyOf } from "./problems/notify.ts";
import { findProblems } from "./problems/problems.ts";
import { environmentStateIn, stateFolderOf } from "./state_folder.ts";
import { type EnvironmentShape, fileSchema, type FileShape } from "./schema/schema.ts";
import { looksLikeReference, plainSecret, type Secret, secretOf } from "./secrets.ts";
import { type Path, readYaml } from "./yaml_lines.ts";

/**
 * Reads and checks a configuration. No secret is read.
 * @param variables of the environment, for where this user's states are
 * @throws DrillError `CONFIG_INVALID`; each of its `details` is one problem, "FILE:LINE: what, why, what to do".
 */
export async function loadConfig(
  file: string,
  variables: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Promise<Config> {
  const yaml = readYaml(await readText(file));
  const problems = [...yaml.problems];
  const parsed = yaml.value === undefined ? undefined : fileSchema.safeParse(yaml.value);
  const authorities = await readAuthorities(yaml.value, folderOf(file));
  const states = stateFolderOf(variables);
  if (parsed) {
    const remarks = [
      ...explain(parsed.error?.issues ?? [], fileSchema, yaml.value),
      ...await findProblems(yaml.value, states),
      ...authorities.problems,
    ];
    for (const { path, text } of remarks) problems.push({ line: yaml.lineOf(path), text });
  }
  if (!parsed?.data || problems.length > 0) throw invalid(file, problems);
  return configOf(parsed.data, file, states, authorities.of, (path) => yaml.lineOf(path));
}

async function readText(file: string): Promise<string> {
  try {
    const text = await Deno.readTextFile(file);
    if (text.trim() === "") throw invalid(file, [{ line: 1, text: "the file is empty" }]);
    return text;
  } catch (error) {
    if (error instanceof DrillError) throw error;
    const [state, hint] = stateAndHint(error);
    throw new DrillError(
      "CONFIG_INVALID",
      `Cannot read ${file}: ${state}`,
      hint,
      {
        cause: error,
        details: [`${file}:1: ${state}`],
      },
    );
  }
}

function stateAndHint(error: unknown): [state: string, hint: string] {
  if (error instanceof Deno.errors.NotFound) return ["it does not exist", "Name a file with --config FILE."];
  return error instanceof Deno.errors.PermissionDenied
    ? ["permission denied", "Let this user read it, or run it as a user that may."]
    : [messageOf(error), "Name a file with --config FILE."];
}

function invalid(file: string, problems: { line: number; text: string }[]): DrillError {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const details = [...new Set(sorted.map(({ line, text }) => `${file}:${line}: ${text}`))];
  return new DrillError(
    "CONFIG_INVALID",
    `Cannot use ${file}: ${formatCount(details.length, "problem")}`,
    "Correct the lines above. docs/configuration.md shows a complete file.",
    {
      details,
    },
  );
}

function configOf(
  shape: FileShape,
  file: string,
  usersStates: string | undefined,
  authorities: ReadonlyMap<string, readonly string[]>,
  lineOf: (path: Path) => number,
): Config {
  const folder = folderOf(file);
  const secret = (ref: string, path: Path): Secret =>
    looksLikeReference(ref)
      ? secretOf(ref, { file, line: lineOf(path), key: path.join(".") }, folder)
      : plainSecret(ref);
  const optional = (ref: string | undefined, path: Path) => ref === undefined ? undefined : secret(ref, path);
  const { store, drill } = shape;
  const states = shape.state === undefined ? usersStates : withoutSlash(shape.state);
  return {
    file,
    ...(shape.lab ? { lab: shape.lab } : {}),
    store: {
      url: store.url.replace(/\/+$/, ""),
      endpoint: store.endpoint,
      accessKey: optional(store.access_key, ["store", "access_key"]),
      secretKey: optional(store.secret_key, ["store", "secret_key"]),
      region: store.region,
    },
    retention: {
      daily: duration(shape.retention.daily),
      monthly: duration(shape.retention.monthly),
      yearly: duration(shape.retention.yearly),
    },
    environments: Object.fromEntries(
      Object.entries(shape.environments).map((
        [name, one],
      ) => [name, environment(name, one, authorities.get(name), folder, states, secret)]),
    ),
    drill: {
      from: drill.from,
      into: drill.into,
      samples: drill.samples,
      level: drill.level,
      maxAgeMs: milliseconds(drill.max_age),
      ...(drill.max_quiet === undefined ? {} : { maxQuietMs: milliseconds(drill.max_quiet) }),
      maxDurationMs: milliseconds(drill.max_duration),
      rotaMs: drill.rota === "0d" ? 0 : milliseconds(drill.rota),
      harmless: drill.harmless,
      versions: drill.versions,
      control: drill.control,
    },
    ...(shape.notify ? { notify: notifyOf(shape.notify, secret) } : {}),
  };
}

function environment(
  name: string,
  shape: EnvironmentShape,
  certificateAuthority: readonly string[] | undefined,
  folder: string,
  states: string | undefined,
  secret: (ref: string, path: Path) => Secret,
): Environment {
  const at = (...keys: string[]): Path => ["environments", name, ...keys];
  const { database: { reader, sslmode, root_cert, client_cert, client_key, ...database }, documents, web } =
    shape;
  const optional = (ref: string | undefined, path: Path) => ref === undefined ? undefined : secret(ref, path);
  const path = (file: string | undefined) => file === undefined ? undefined : resolve(folder, file);
  return {
    name,
    disposable: shape.disposable,
    database: {
      ...database,
      user: secret(database.user, at("database", "user")),
      password: optional(database.password, at("database", "password")),
      tls: {
        mode: sslmode,
        rootCert: path(root_cert),
        clientCert: path(client_cert),
        clientKey: path(client_key),
      },
      ...(reader
        ? {
          reader: {
            user: secret(reader.user, at("database", "reader", "user")),
            password: optional(reader.password, at("database", "reader", "password")),
          },
        }
        : {}),
    },
    documents: documentsOf(documents),
    web: {
      url: web.url.replace(/\/+$/, ""),
      ...(certificateAuthority ? { certificateAuthority } : {}),
      user: web.user === undefined ? undefined : secret(web.user, at("web", "user")),
      password: web.password === undefined ? undefined : secret(web.password, at("web", "password")),
    },
    workload: shape.workload,
    ...(shape.htdocs === undefined ? {} : { htdocs: withoutSlash(shape.htdocs) }),
    ...(states === undefined
      ? {}
      : { state: environmentStateIn(states, name, placeOf(documentsOf(documents))) }),
    ...(shape.neutralise ? { neutralise: shape.neutralise.map(neutraliseRule) } : {}),
  };
}

function documentsOf(documents: EnvironmentShape["documents"]): Environment["documents"] {
  if (typeof documents === "string") return { folder: withoutSlash(documents) };
  if ("kubernetes" in documents) return documents;
  const { folder, more = {}, follow = {}, exclude } = documents;
  const further = Object.entries(more).map(([name, path]) => [name, withoutSlash(path)]);
  const followed = Object.entries(follow).map(([name, path]) => [name, withoutSlash(path)]);
  return {
    folder: withoutSlash(folder),
    ...(further.length > 0 ? { more: Object.fromEntries(further) } : {}),
    ...(followed.length > 0 ? { follow: Object.fromEntries(followed) } : {}),
    ...(exclude ? { exclude } : {}),
  };
}

const placeOf = (documents: Environment["documents"]): string =>
  "folder" in documents ? documents.folder : `claim:${documents.kubernetes.claim}`;

const withoutSlash = (path: string) => path.replace(/(.)\/+$/, "$1");

/** The schema has let only durations through. */
function duration(text: string) {
  const parsed = parseDuration(text);
  if (!parsed) throw new TypeError(`not a duration: ${text}`);
  return parsed;
}

function milliseconds(text: string): number {
  const ms = durationMs(duration(text));
  if (ms === undefined) throw new TypeError(`no length in ms: ${text}`);
  return ms;
}

function folderOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash < 0 ? "." : slash === 0 ? "/" : file.slice(0, slash);
}
