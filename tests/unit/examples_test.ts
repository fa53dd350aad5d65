/** The modules that others build on show how they are used, by examples that the test command runs. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { documentedIn, hasExample, nameOfExample } from "../../scripts/test_examples.ts";

/** Each function that they export has an example; of interfaces those that others implement or call. */
const MODULES: Record<string, { interfaces: string[] }> = {
  "checks/check.ts": { interfaces: [] },
  "store/store.ts": { interfaces: ["Store"] },
  "platform/workload.ts": { interfaces: ["Workload"] },
  "restore/checkpoint/checkpoint.ts": { interfaces: [] },
  "restore/reset/reset.ts": { interfaces: [] },
};
const SOURCES = new URL("../../src/", import.meta.url);

describe("the examples", () => {
  for (const [path, { interfaces }] of Object.entries(MODULES)) {
    it(`show how to use all that ${path} exports`, async () => {
      const documented = documentedIn(await Deno.readTextFile(new URL(path, SOURCES)))
        .filter(({ name, kind }) => kind === "function" || interfaces.includes(name));
      const shown = documented.filter(({ name, example }) => example?.includes(name));
      assertEquals(shown.map(({ name }) => name), documented.map(({ name }) => name));
      assertEquals(documented.length > 0, true);
    });
  }

  const MODULE = `/** A shape. */
export interface Shape {
  area(): number;
}

/**
 * Doubles.
 *
 * @example
 * \`\`\`ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(double(2), 4);
 * \`\`\`
 */
export const double = (n: number): number => 2 * n;

export async function without(): Promise<void> {}
export const LIMIT = 3;
`;

  it("are found with what they belong to", () => {
    const found = documentedIn(MODULE);
    assertEquals(found.map(({ name, kind, example }) => [name, kind, example !== undefined]), [
      ["Shape", "interface", false],
      ["double", "function", true],
      ["without", "function", false],
    ]);
    assertStringIncludes(
      found[1]!.example!,
      'import { assertEquals } from "@std/assert";\n\nassertEquals(double',
    );
    assertEquals([hasExample(MODULE), hasExample("/** Nothing. */")], [true, false]);
  });

  it("are named by their module and their lines", () =>
    assertEquals(
      nameOfExample("file:///home/anne/drill/src/checks/check.ts#62-68.ts"),
      "the example in src/checks/check.ts, lines 62-68",
    ));
});
