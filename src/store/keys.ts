/**
 * The keys below `<environment>/`: the one place that builds, parses and lists them. The bucket may be shared: a key of
 * any other form is not ours, and is neither read nor deleted. Pure but for the listing.
 */

import { isTimestamp, momentOf, timestampOf } from "../base/time.ts";
import type { ObjectInfo, Store } from "./store.ts";

/**
 * What lies in each folder: the first group of a name is the moment that it is named after (of a lease the id of the
 * claim, of a finding its hash), the others are what the name says beside it.
 */
const NAMES = {
  db: /^(\w+)\.(dump)$/,
  docs: /^(\w+)\.(tar\.gz|index\.json\.gz)$/,
  manifests: /^(\w+)\.(json)$/,
  registers: /^(\w+)\.(json\.gz)$/,
  rosters: /^(\w+)\.(json)$/,
  trees: /^(\w+)\.(json)$/,
  runs: /^(\w+)\.(json)$/,
  verified: /^(\w+)\.(\d{8}T\d{6}Z)-(verify|drill)-(pass|fail)-[0-9a-f]{8}\.json$/,
  holds: /^(\w+)\.(json)$/,
  accepted: /^(\w+)\.(json)$/,
  prunes: /^(\w+)\.(json)$/,
  drills: /^(\w+)\.(json|html)$/,
  findings: /^([0-9a-f]{32})\.(\d{8}T\d{6}Z)\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json$/,
  lease: /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(json)$/,
} as const;

/** The folders whose names are no moments. */
const NOT_OF_A_MOMENT: readonly string[] = ["findings", "lease"];

export type Folder = keyof typeof NAMES;

/** A key of ours in its parts. */
interface ParsedKey {
  folder: Folder;
  /** `20260630T155313Z`; of a lease the id of the claim, of a finding its hash. */
  name: string;
  /** What the key says beside the name: its ending; of a proof the moment, the verb and the verdict; of a finding the moment. */
  parts: readonly string[];
}

/**
 * The parts of `key`; undefined where it does not have exactly the form of one of ours.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { folder, name, parts } = parseKey("prod", "prod/docs/20260630T155313Z.tar.gz")!;
 * assertEquals([folder, name, parts], ["docs", "20260630T155313Z", ["tar.gz"]]);
 *
 * assertEquals(parseKey("prod", "prod/docs/notes.txt"), undefined);
 * assertEquals(parseKey("prod", "prod/db/20260631T155313Z.dump"), undefined); // June has 30 days
 * ```
 */
export function parseKey(environment: string, key: string): ParsedKey | undefined {
  if (!key.startsWith(`${environment}/`)) return undefined;
  const [folder = "", file = "", ...deeper] = key.slice(environment.length + 1).split("/");
  if (deeper.length > 0 || !isFolder(folder)) return undefined;
  const [, name, ...parts] = NAMES[folder].exec(file) ?? [];
  if (name === undefined || !NOT_OF_A_MOMENT.includes(folder) && !isTimestamp(name)) return undefined;
  return { folder, name, parts };
}

/** Every key of ours in that folder, in the order of their keys. */
export async function* listKeys(
  store: Store,
  environment: string,
  folder: Folder,
): AsyncGenerator<ObjectInfo & ParsedKey> {
  for await (const info of store.list(`${environment}/${folder}/`)) {
    const parsed = parseKey(environment, info.key);
    if (parsed) yield { ...info, ...parsed };
  }
}

/** The moments that the keys in that folder are named after, oldest first. */
export async function listMoments(store: Store, environment: string, folder: Folder): Promise<string[]> {
  return (await Array.fromAsync(listKeys(store, environment, folder))).map(({ name }) => name);
}

/** The key of the record of that name: `prod/holds/20260630T155313Z.json`. */
export const recordKey = (
  environment: string,
  folder: Exclude<Folder, "db" | "docs" | "registers" | "verified" | "findings">,
  name: string,
): string => `${environment}/${folder}/${name}.json`;

export const manifestKey = (environment: string, set: string): string =>
  recordKey(environment, "manifests", set);

/** The key of the page of the drill whose record has that name. */
export const drillPageKey = (environment: string, name: string): string =>
  `${environment}/drills/${name}.html`;

/** The key of a proof of `set`. `id`: 8 hex digits, so that two proofs of one second do not meet. */
export const proofKey = (
  environment: string,
  set: string,
  { at, verb, verdict, id }: { at: Date; verb: string; verdict: string; id: string },
): string => `${environment}/verified/${set}.${timestampOf(at)}-${verb}-${verdict}-${id}.json`;

/** The key of what a person said of the finding with that hash. `id`: a UUID, so that two people of one second do not meet. */
export const acceptanceKey = (environment: string, hash: string, at: Date, id: string): string =>
  `${environment}/findings/${hash}.${timestampOf(at)}.${id}.json`;

/** The keys of the objects that a backup of this name makes: the dump, the archive, its index, the register. */
export const objectKeysOf = (
  environment: string,
  set: string,
): [dump: string, archive: string, index: string, register: string] => [
  `${environment}/db/${set}.dump`,
  `${environment}/docs/${set}.tar.gz`,
  `${environment}/docs/${set}.index.json.gz`,
  registerKey(environment, set),
];

export const registerKey = (environment: string, set: string): string =>
  `${environment}/registers/${set}.json.gz`;

/** When the object under `key` was made: it is named after the moment of the set that made it. */
export const madeAt = (key: string): Date => momentOf(/(\d{8}T\d{6}Z)\./.exec(key)?.[1] ?? "") ?? new Date(0);

const isFolder = (name: string): name is Folder => Object.hasOwn(NAMES, name);
