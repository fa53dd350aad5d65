import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { DataContext } from "../../../src/checks/data/context.ts";
import { codeOfSandbox } from "../../../src/checks/platform/code.ts";
import { runCheck } from "../../../src/checks/run.ts";
import { KNOWN_CALLS } from "../../../src/dolibarr/outgoing/known.ts";
import { temporaryFolder } from "../../support/folder.ts";

const signal = new AbortController().signal;
const contextOf = (htdocs?: string) => ({ sandbox: { htdocs } }) as DataContext;

/** An htdocs with these files. */
async function code(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${folder.path}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${folder.path}/${path}`, text);
  }
  return folder;
}

describe("the code of a sandbox", () => {
  it("passes where it asks other machines as Dolibarr's own does, and in comments", async () => {
    const { file } = KNOWN_CALLS.find(({ kind, count }) => kind === "url" && count === 1)!;
    await using htdocs = await code({
      [file]: "<?php $answer = getURLContent($address);",
      "custom/shop/lib.php": "<?php // curl_init($address)\n",
    });
    const result = await runCheck(codeOfSandbox, contextOf(htdocs.path), signal);
    assertEquals([result.verdict, result.compared?.found], ["pass", 2]);
  });

  it("is a finding for each file and way that nobody read, with how many places there are", async () => {
    await using htdocs = await code({
      "custom/shop/lib.php": "<?php curl_init($a); curl_init($b); mail($to, $subject, $text);",
      "core/lib/geturl.lib.php": "<?php fsockopen($host, 25);",
    });
    const { verdict, findings } = await runCheck(codeOfSandbox, contextOf(htdocs.path), signal);
    assertEquals(verdict, "fail");
    assertEquals(findings?.map(({ id, sentence }) => [id, sentence]), [
      [
        "platform.code/core/lib/geturl.lib.php/socket",
        "core/lib/geturl.lib.php opens a connection in 1 place that no rule of neutralising was made for",
      ],
      [
        "platform.code/custom/shop/lib.php/curl",
        "custom/shop/lib.php asks an address by curl in 2 places that no rule of neutralising was made for",
      ],
      [
        "platform.code/custom/shop/lib.php/mail",
        "custom/shop/lib.php sends mail by PHP in 1 place that no rule of neutralising was made for",
      ],
    ]);
  });

  it("is not whole where there is no code at all, and could not be looked at where there is no folder", async () => {
    await using htdocs = await code({});
    const empty = await runCheck(codeOfSandbox, contextOf(htdocs.path), signal);
    assertEquals([empty.verdict, empty.findings?.[0]?.id], ["fail", "platform.code/all/nothing-to-compare"]);
    const gone = await runCheck(codeOfSandbox, contextOf(`${htdocs.path}/gone`), signal);
    assertEquals([gone.verdict, gone.code], ["not_run", "CONFIG_INVALID"]);
  });

  it("fails on its twin", async () => {
    const twin = await codeOfSandbox.twin.apply(contextOf());
    assertEquals((await runCheck(codeOfSandbox, twin, signal)).verdict, "fail");
    await Deno.remove(twin.sandbox.htdocs!, { recursive: true });
  });
});
