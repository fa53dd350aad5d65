import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { codeChecks, dataChecks } from "../../../src/checks/all_checks.ts";
import { WOUNDS } from "../../drills/checks/books_wounds.ts";

/** Each row of the page's table: the check, and the kinds of its findings. */
async function readTable(): Promise<Map<string, string[]>> {
  const page = await Deno.readTextFile(new URL("../../../docs/findings.md", import.meta.url));
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const code = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
  return new Map(rows.map((row) => row.split("|")).map((cells) => [code(cells[1])[0]!, code(cells[3])]));
}

describe("the page about findings", () => {
  it("has a row for each check of the books", async () => {
    const books = [...dataChecks, ...codeChecks].filter(({ judges }) => judges === "books").map(({ id }) =>
      id
    );
    assertEquals([...(await readTable()).keys()].toSorted(), books.toSorted());
  });

  it("names the kind of every finding that a known wound gives", async () => {
    const table = await readTable();
    const unnamed = WOUNDS.flatMap(({ check, expected }) =>
      typeof expected === "function" ? [] : expected.map(({ kind }) => ({ check, kind }))
    ).filter(({ check, kind }) => !table.get(check)?.includes(kind));
    assertEquals(unnamed, []);
  });
});
