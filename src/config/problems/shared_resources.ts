/** Environments that share a database, a folder, a claim, a web address or a Deployment. */

import { type Remark, remark } from "./remark.ts";

/** An environment, as far as its values have the right type. */
export interface Known {
  name: string;
  disposable: boolean;
  /** Of the database: a name, or a reference to it. */
  user?: string;
  /** Of the database's reader, likewise. */
  reader?: string;
  database?: { host: string; port: number; name: string };
  /** The documents folder. */
  folder?: string;
  /** Whether it is written as a text, and not as `folder` in a map. */
  plain: boolean;
  /** Further folders by name. */
  further: Readonly<Record<string, string>>;
  /** Links that are followed, by name. */
  followed: Readonly<Record<string, string>>;
  excludes: readonly string[];
  claim?: string;
  web: { url?: string; user?: string; password?: string };
  /** The folder of its PHP code. */
  htdocs?: string;
  namespace?: string;
  deployment?: string;
}

/** What two environments share: a restore into one would overwrite the other. */
export async function sharedProblems(environments: readonly Known[], store: unknown): Promise<Remark[]> {
  const found: Remark[] = [];
  const folders = await Promise.all(environments.map(realFolders));
  environments.forEach((one, at) => {
    const say = (keys: string[], text: string) =>
      found.push(remark(["environments", one.name, ...keys], text));
    for (const [before, other] of environments.slice(0, at).entries()) {
      const both = `${other.name} and ${one.name}`;
      const why = "each environment needs its own, or a restore into one would overwrite the other";
      if (one.database && other.database && databaseKey(one.database) === databaseKey(other.database)) {
        say(["database"], `${both} share the database ${one.database.name} on ${one.database.host}: ${why}`);
      }
      const shared = folders[at]!.flatMap((mine) => folders[before]!.map((theirs) => [mine, theirs] as const))
        .find(([mine, theirs]) => nested(mine, theirs));
      if (shared) say(["documents"], `${both} share documents, ${shared[1]} and ${shared[0]}: ${why}`);
      if (one.claim !== undefined && one.claim === other.claim && !apart(one, other)) {
        say(["documents"], `${both} share the claim ${one.claim}: ${why}`);
      }
      const origin = originOf(one.web.url);
      if (origin !== undefined && origin === originOf(other.web.url)) {
        say(["web"], `${both} share the web address ${origin}: ${why}`);
      }
      if (one.deployment !== undefined && one.deployment === other.deployment && !apart(one, other)) {
        say(
          ["workload"],
          `${both} share the Deployment ${one.deployment}: stopping one would stop the other`,
        );
      }
    }
  });
  const followed = await Promise.all(environments.map(({ followed }) => realPaths(Object.values(followed))));
  folders.forEach((swapped, at) => {
    const own = [...swapped, ...followed[at]!];
    const [one, other] = own.flatMap((a, at) =>
      own.slice(at + 1).filter((b) => nested(a, b)).map((b) => [a, b])
    )[0] ?? [];
    if (one === undefined) return;
    const path = ["environments", environments[at]!.name, "documents"];
    found.push(
      remark(
        path,
        `${path.join(".")}: ${one} and ${other} overlap: files would be backed up twice`,
      ),
    );
  });
  const stored = await storeFolder(store);
  folders.forEach((own, at) => {
    if (stored === undefined || !own.some((folder) => nested(stored, folder))) return;
    const text = `store.url and the documents of ${
      environments[at]?.name
    } overlap: a backup would contain itself`;
    found.push(remark(["store", "url"], text));
  });
  return found;
}

/**
 * A folder of states in a documents folder: whoever can write documents could tell the next run what to do.
 * @param written `state`, as it is in the file
 * @param usual the folder that is used where the file has none
 */
export async function stateProblems(
  environments: readonly Known[],
  written: unknown,
  usual: string | undefined,
): Promise<Remark[]> {
  const states = written === undefined ? usual : written;
  if (typeof states !== "string" || !states.startsWith("/")) return [];
  const real = await realPath(states);
  const found: Remark[] = [];
  for (const one of environments) {
    const folders = await realFolders({ ...one, further: { ...one.further, ...one.followed } });
    const inside = folders.find((folder) => `${real}/`.startsWith(`${folder}/`));
    if (inside === undefined) continue;
    const what = written === undefined ? `the folder of this user's states, ${states},` : "state";
    const text =
      `${what} lies in the documents of ${one.name} (${inside}): whoever writes documents could tell the next run what to do. Name a folder outside of all documents, as in state: /var/lib/dolibarr-drill`;
    found.push(remark(written === undefined ? ["environments", one.name, "documents"] : ["state"], text));
  }
  return found;
}

/** The documents folder and the further ones that are absolute paths, with their links resolved. */
function realFolders({ folder, further }: Known): Promise<string[]> {
  return realPaths([...folder === undefined ? [] : [folder], ...Object.values(further)]);
}

const realPaths = (paths: readonly string[]): Promise<string[]> =>
  Promise.all(paths.filter((path) => path.startsWith("/")).map(realPath));

/** Whether the same name means two objects: in two namespaces. Where a namespace is not known they may be one. */
function apart(one: Known, other: Known): boolean {
  return one.namespace !== undefined && other.namespace !== undefined && one.namespace !== other.namespace;
}

function databaseKey({ host, port, name }: { host: string; port: number; name: string }): string {
  const plain = host.toLowerCase().replace(/\.$/, "");
  return `${["localhost", "127.0.0.1", "::1"].includes(plain) ? "localhost" : plain}:${port}/${name}`;
}

async function storeFolder(value: unknown): Promise<string | undefined> {
  const url = typeof value === "object" && value !== null && "url" in value ? value.url : undefined;
  if (typeof url !== "string" || !url.startsWith("file:///")) return undefined;
  return await realPath(url.slice("file://".length));
}

const nested = (a: string, b: string) => `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);

/** The path with its links resolved, as far as it exists. */
async function realPath(path: string): Promise<string> {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  for (let there = parts.length; there > 0; there--) {
    try {
      const real = await Deno.realPath(`/${parts.slice(0, there).join("/")}`);
      return [real === "/" ? "" : real, ...parts.slice(there)].join("/");
    } catch {
      // it does not exist, or may not be entered: the part above it decides
    }
  }
  return `/${parts.join("/")}`;
}

const originOf = (text: string | undefined) =>
  text !== undefined && isWebAddress(text) ? URL.parse(text)?.origin : undefined;

/** Whether `text` is an http or https address without user, query and fragment. */
export function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" &&
    url.search === "" && url.hash === "";
}
