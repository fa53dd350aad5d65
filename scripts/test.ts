/**
 * The test command: formatting, linting, types, the schema, and all tests. The last line is always
 * `N passed, N failed, N skipped`; a stage that is not right counts as a failure. Arguments are those of
 * `deno test`: a path, --filter.
 */

import { parse, RECORDS_FILE } from "../tests/support/std/records.ts";
import { countTests, isGreen, readJunit, summaryLines } from "./test_counts.ts";

interface Stage {
  title: string;
  args: string[];
}

const CODE = ["src", "scripts", "tests"];
const STAGES: readonly Stage[] = [
  { title: "formatting", args: ["fmt", "--check"] },
  { title: "linting", args: ["lint"] },
  { title: "types", args: ["check", ...CODE] },
  { title: "the schema for editors", args: ["run", "-A", "scripts/schema.ts", "--check"] },
];

const root = new URL("..", import.meta.url).pathname;
/** Children have colours exactly where we have a terminal. */
const env: Record<string, string> = Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" };

/** Runs everything; true when all of it is right. */
export async function test(args: readonly string[]): Promise<boolean> {
  const failedStages: string[] = [];
  for (const stage of STAGES) {
    const ok = await runStage(stage);
    if (!ok) failedStages.push(`${stage.title}: deno ${stage.args.join(" ")}`);
  }
  const counts = await runTests(args);
  counts.failed.unshift(...failedStages);
  say("");
  for (const line of summaryLines(counts)) say(line);
  return isGreen(counts);
}

/** One stage; what it prints is shown only when it is not right. */
async function runStage({ title, args }: Stage): Promise<boolean> {
  const began = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root, env })
    .output();
  say(`${title}: ${success ? "ok" : "NOT OK"} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  if (!success) { for (const bytes of [stdout, stderr]) writeAll(bytes); }
  return success;
}

async function runTests(args: readonly string[]) {
  const folder = await Deno.makeTempDir({ prefix: "drill-test-" });
  try {
    const [junit, records] = [`${folder}/junit.xml`, `${folder}/records.ndjson`];
    await Deno.writeTextFile(records, "");
    const paths = args.some((arg) => exists(arg)) ? [] : ["tests/"];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", `--junit-path=${junit}`, ...paths, ...args],
      cwd: root,
      env: { ...env, [RECORDS_FILE]: records },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const { code } = await child.status;
    return countTests(
      parse(await Deno.readTextFile(records)),
      exists(junit) ? readJunit(await Deno.readTextFile(junit)) : [],
      code,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path.startsWith("/") ? path : `${root}${path}`);
    return true;
  } catch {
    return false; // an option, or a word that is none of our files
  }
}

const say = (line: string) => writeAll(new TextEncoder().encode(line + "\n"));

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

if (import.meta.main) {
  // A Ctrl-C goes to the tests too: they clean up, and what they came to is still counted.
  Deno.addSignalListener("SIGINT", () => {});
  Deno.exit(await test(Deno.args) ? 0 : 1);
}
