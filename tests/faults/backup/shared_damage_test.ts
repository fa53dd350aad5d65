/** An object that quiet nights share is damaged: it is told once, with all the sets, and the next backup makes a new one. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type SmallPair, startSmallPair } from "../../support/platform/small_pair.ts";

for (const [half, kind, folder] of [["database", "dump", "db"], ["documents", "tar\\.gz", "docs"]] as const) {
  describe(`a damaged object of the ${half} that three quiet nights share`, () => {
    let pair: SmallPair;
    let nights: string[];
    let key: string;

    beforeAll(async () => {
      pair = await startSmallPair();
      for (let night = 0; night < 3; night++) assertEquals((await pair.cli("backup")).code, 0);
      nights = names("manifests").toReversed();
      key = `prod/${folder}/${names(folder).find((name) => new RegExp(`${kind}$`).test(`${name}`))}`;
      const file = `${pair.folder}/store/${key}`;
      const bytes = await Deno.readFile(file);
      bytes[bytes.length >> 1]! ^= 1;
      await Deno.writeFile(file, bytes);
    });
    afterAll(() => pair[Symbol.asyncDispose]());

    const names = (below: string): string[] =>
      [...Deno.readDirSync(`${pair.folder}/store/prod/${below}`)].map(({ name }) =>
        name.replace(/\.json$/, "")
      ).sort();
    const said = (text: string) => text.split(`${key} has other bytes`).length - 1;

    it("is told by verify of one set with the names of the others that share it", async () => {
      const { code, stderr, stdout } = await pair.cli("verify", "latest");
      assertEquals(code, 1, stderr);
      assertEquals(said(stdout), 1);
      assertMatch(stderr, /1 of 1 set cannot be trusted/);
      assertStringIncludes(stderr, `No better, for they share it: ${nights[1]}, ${nights[2]}`);
    });

    it("is told once by verify of all, with the sets from the first to the last", async () => {
      const { code, stderr, stdout } = await pair.cli("verify", "--all");
      assertEquals([code, said(stdout), said(stderr)], [1, 1, 1], stdout + stderr);
      assertStringIncludes(stderr, `shared by 3 sets, from ${nights[2]} to ${nights[0]}`);
      for (const older of nights.slice(1)) {
        assertMatch(stdout, new RegExp(`${older}: FAIL\n +bad +${key}, as in ${nights[0]}`));
      }
    });

    it("is told once by list, with all three", async () => {
      const { code, stdout } = await pair.cli("list");
      assertEquals(code, 1);
      assertEquals(stdout.split(`${key} was found damaged`).length - 1, 1, stdout);
      assertMatch(stdout, /the same of the 2 sets before/);
    });

    it("is made anew by the next backup, which is latest and can be trusted", async () => {
      const { code, stdout, stderr } = await pair.cli("backup");
      assertEquals(code, 0, stderr);
      assertMatch(
        stderr,
        /A new (dump|archive) of the (database|documents) is made: \S+ was found damaged once/,
      );
      const [newest] = names("manifests").toReversed();
      assertMatch(stdout, new RegExp(`prod/${folder}/${newest}\\.${kind} +[\\d.]+ k?B\n`));
      const verified = await pair.cli("verify", "latest");
      assertEquals(verified.code, 0, verified.stderr);
      assertStringIncludes(verified.stdout, `prod/${newest}: PASS`);
    });

    it("and is not used again the night after that, but the new one is", async () => {
      const [newest] = names("manifests").toReversed();
      const { code, stdout, stderr } = await pair.cli("backup");
      assertEquals(code, 0, stderr);
      assertMatch(stdout, new RegExp(`prod/${folder}/${newest}\\.${kind} +[\\d.]+ k?B +unchanged`));
    });
  });
}
