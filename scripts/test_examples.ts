/** The examples in doc comments, which `deno test --doc` runs as tests. Pure. */

/** Whether a module has an example that is run: a block of TypeScript in a doc comment. */
export const hasExample = (text: string): boolean => /^ *\* ```ts$/m.test(text);

/** `file:///drill/src/checks/check.ts#62-68.ts` as a person would name it: by the module and its lines. */
export const nameOfExample = (name: string): string =>
  name.replace(/^file:.*?\/(src\/[^#]+)#(\d+-\d+)\.ts$/, "the example in $1, lines $2");

/** An exported function or interface of a module, with the code of its example. */
export interface Documented {
  name: string;
  kind: "function" | "interface";
  example?: string;
}

const EXPORTED =
  /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n)?^export (?:(async function|function\*?|interface) (\w+)|const (\w+) = (?:async )?(?:<[^>]*>)?\()/gm;

/** What a module exports to be called or to be implemented. */
export const documentedIn = (text: string): Documented[] =>
  [...text.matchAll(EXPORTED)].map(([, comment = "", word, declared, constant]) => ({
    name: (declared ?? constant)!,
    kind: word === "interface" ? "interface" : "function",
    example: exampleIn(comment),
  }));

function exampleIn(comment: string): string | undefined {
  const [, code] = /@example\n \* ```ts\n([^]*?) \* ```/.exec(comment) ?? [];
  return code?.replaceAll(/^ \* ?/gm, "");
}
