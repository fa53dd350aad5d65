/** Runs a script of the tests in the Dolibarr of a lab. */

import { assert } from "@std/assert";

/** The last line that `script` writes, with the htdocs of that environment and `step` as its arguments. */
export async function runPhp(
  script: URL,
  { folder }: { folder: string },
  environment: "prod" | "sandbox",
  step = "",
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("php", {
    args: ["-d", "display_errors=stderr", script.pathname, `${folder}/${environment}/htdocs`, step],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr) + text.decode(stdout));
  return text.decode(stdout).trim().split("\n").at(-1)!;
}
