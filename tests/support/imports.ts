/** Which module imports which, read from their text. */

export interface SourceFile {
  /** Below src/: `store/file.ts`. */
  path: string;
  text: string;
}

export interface Import {
  from: string;
  /** Below src/ for one of ours, else the specifier: `zod`, `node:path`. */
  to: string;
  ours: boolean;
  /** Only types come over: nothing is left of it when it runs. */
  typeOnly: boolean;
  /** Loaded when the code comes to it, not with the module. */
  dynamic: boolean;
}

/** All source files below `root`, a folder's URL. */
export async function readSources(root: URL): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const visit = async (folder: string): Promise<void> => {
    for await (const entry of Deno.readDir(new URL(folder, root))) {
      const path = folder + entry.name;
      if (entry.isDirectory) await visit(`${path}/`);
      else if (path.endsWith(".ts")) files.push({ path, text: await Deno.readTextFile(new URL(path, root)) });
    }
  };
  await visit("");
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The code without its comments; strings that contain what looks like one are left as they are. */
export const withoutComments = (text: string): string =>
  text.replaceAll(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|(?<=^|[\s;,{}()[\]])\/\/[^\n]*/g,
    (_, quoted) => quoted ?? "",
  );

/** Static, dynamic and type imports, and re-exports. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, dynamic = false) => {
    const ours = specifier.startsWith(".");
    found.push({ from: path, to: ours ? resolve(path, specifier) : specifier, ours, typeOnly, dynamic });
  };
  for (
    const [, kind = "", names = "", specifier = ""] of code.matchAll(
      /^\s*(?:import|export)(\s+type)?\s+([^;"'`=()]*?)\s*from\s*["']([^"']+)["']/gm,
    )
  ) {
    add(specifier, kind !== "" || onlyTypes(names));
  }
  for (const [, specifier = ""] of code.matchAll(/^\s*import\s*["']([^"']+)["']/gm)) add(specifier, false);
  for (
    const [, isType, specifier = ""] of code.matchAll(/(typeof\s+)?\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)/g)
  ) add(specifier, isType !== undefined, true);
  return found;
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const inside = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  if (inside === undefined) return false;
  const parts = inside.split(",").map((part) => part.trim()).filter(Boolean);
  return parts.length > 0 && parts.every((part) => part.startsWith("type "));
}

const resolve = (from: string, specifier: string): string =>
  new URL(specifier, `file:///${from}`).pathname.slice(1);
