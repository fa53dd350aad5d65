/** Shell scripts for the tests. */

/** Runs a script, which ends at its first error. @returns its output. @throws Error with what it wrote on stderr. */
export async function sh(script: string, input = "", env: Record<string, string> = {}): Promise<string> {
  const child = new Deno.Command("sh", {
    args: ["-ec", script],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  if (code !== 0) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
