/** Where the links of a documents tree lead, one through another, as the kernel would follow them. Pure. */

interface Link {
  path: string;
  /** As it is written. */
  target: string;
}

/** The kernel gives up after as many (path_resolution(7)): a link that leads in a circle leads nowhere. */
const MOST_LINKS = 40;

/**
 * The paths of those among `links` that lead out of their tree, by themselves or through another of them: `a -> b/../..` does
 * where `b -> .` is a link, though by its letters it does not.
 * @param links all of one tree
 * @param further names at its top, each of which is a tree of its own: what lies under it is somewhere else on a disk
 */
export function leavingLinks(links: readonly Link[], further: readonly string[] = []): Set<string> {
  if (further.length > 0) return leavingOfEach(links, new Set(further));
  const targets = new Map(links.map(({ path, target }) => [path, target]));
  return new Set(links.filter(({ path }) => leaves(path, targets)).map(({ path }) => path));
}

function leavingOfEach(links: readonly Link[], further: ReadonlySet<string>): Set<string> {
  const trees = Map.groupBy(links, ({ path }) => {
    const top = path.slice(0, Math.max(0, path.indexOf("/")));
    return further.has(top) ? `${top}/` : "";
  });
  return new Set([...trees].flatMap(([under, own]) => {
    const inner = own.map(({ path, target }) => ({ path: path.slice(under.length), target }));
    return [...leavingLinks(inner)].map((path) => under + path);
  }));
}

/** The links among the entries of a tree. */
export const linksOf = (entries: readonly { path: string; target?: string }[]): Link[] =>
  entries.flatMap(({ path, target }) => target === undefined ? [] : [{ path, target }]);

function leaves(link: string, targets: ReadonlyMap<string, string>): boolean {
  const at: string[] = [];
  const ahead = link.split("/").reverse();
  let followed = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at.pop() === undefined) return true;
      continue;
    }
    at.push(name);
    const target = targets.get(at.join("/"));
    if (target === undefined) continue;
    if (target.startsWith("/")) return true;
    if (++followed > MOST_LINKS) return false;
    at.pop();
    ahead.push(...target.split("/").reverse());
  }
  return false;
}
