/** The example of a doc comment as a module of its own, for one that needs a server and so is run inside of a test. */

import { documentedIn } from "../../scripts/test_examples.ts";

/**
 * Loads the example of what `module` exports as `name`: what it declares is exported.
 * @param folder for the file that is made of it.
 */
export async function loadExample(
  module: URL,
  name: string,
  folder: string,
  // deno-lint-ignore no-explicit-any -- its types were checked by deno test --doc
): Promise<Record<string, any>> {
  const example = documentedIn(await Deno.readTextFile(module)).find((one) => one.name === name)?.example;
  if (example === undefined) throw new Error(`${name} of ${module} has no example`);
  const code = example
    .replaceAll(/ from "(\.[^"]+)"/g, (_, path) => ` from "${new URL(path, module)}"`)
    .replaceAll(/^(async function|function|const) /gm, "export $1 ");
  const file = `${folder}/example_of_${name}.ts`;
  await Deno.writeTextFile(file, `import { ${name} } from "${module}";\n${code}`);
  return await import(`file://${file}`);
}
