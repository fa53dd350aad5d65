import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { shellWord } from "../../../src/base/shell_words.ts";
import { oneLine } from "../../../src/base/text.ts";

describe("a word of a command", () => {
  it("is quoted only where a shell needs it", () => {
    assertEquals(shellWord("facture/FA2512-0007.pdf"), "facture/FA2512-0007.pdf");
    assertEquals(shellWord("a b"), "'a b'");
    assertEquals(shellWord("l'été"), "'l'\\''été'");
  });

  it("is what it was when it was printed on one line, pasted into a shell and read by it", async () => {
    for (
      const word of [
        "a\nb",
        "l'\t\"$x`\\ \r\n1",
        "\x01\x7f7",
        "é\u0085x",
        "-n",
        "",
        "*",
        "$(id)",
        "a\n'; echo no '",
      ]
    ) {
      const command = oneLine(`printf %s. ${shellWord(word)}`);
      const { stdout } = await new Deno.Command("bash", { args: ["-c", command] }).output();
      assertEquals(new TextDecoder().decode(stdout), `${word}.`, command);
      const other = await new Deno.Command("sh", { args: ["-c", command.replace("printf %s.", "true")] })
        .output();
      assertEquals([other.code, other.stdout.length, other.stderr.length], [0, 0, 0], command);
    }
  });
});
