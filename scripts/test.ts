/**
 * The test command: formatting, linting, types, the schema, the examples of the code, and all tests. The last line is always
 * `N passed, N failed, N skipped`; a stage that is not right counts as a failure. Arguments are those of
 * `deno test` (a path, --filter), and `--long`: also the tests that repeat and soak, which take an hour.
 */

import { parse, RECORDS_FILE } from "../tests/support/std/records.ts";
import { addCounts, type Counts, countTests, isGreen, readJunit, summaryLines } from "./test_counts.ts";
import { hasExample, nameOfExample } from "./test_examples.ts";
import { isLong, lanesOf } from "./test_lanes.ts";

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
  { title: "the README's table of checks", args: ["run", "-A", "scripts/checks.ts", "--check"] },
];

/** How often what the tests print is passed on. */
const PRINT_EVERY_MS = 200;

/** Asks for the long tests too. */
const LONG = "--long";

const root = new URL("..", import.meta.url).pathname;
/** Children have colours exactly where we have a terminal. */
// Moments are shown in the zone of who reads them; what the tests expect is written in UTC.
const env: Record<string, string> = { TZ: "UTC", ...(Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" }) };

/** Runs everything; true when all of it is right. */
export async function test(args: readonly string[]): Promise<boolean> {
  const failedStages: string[] = [];
  for (const stage of STAGES) {
    const ok = await runStage(stage);
    if (!ok) failedStages.push(`${stage.title}: deno ${stage.args.join(" ")}`);
  }
  const counts: Counts = { passed: 0, failed: failedStages, skipped: [] };
  if (!args.some((arg) => exists(arg))) addCounts(counts, await runExamples(args));
  addCounts(counts, await runTests(args));
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

/** In lanes side by side, for most tests wait for something; with paths among the arguments in one. */
async function runTests(given: readonly string[]): Promise<Counts> {
  const args = given.filter((arg) => arg !== LONG);
  const files = await filesBelow("tests", "_test.ts");
  const wanted = given.includes(LONG) ? files : files.filter((file) => !isLong(file.path));
  const lanes = args.some((arg) => exists(arg)) ? [[]] : lanesOf(wanted);
  const [first, ...others] = lanes.map((files, at) => runLane([...files, ...args], at === 0));
  const counts = await first!;
  for (const lane of others) addCounts(counts, await lane);
  return counts;
}

/** The examples in doc comments, with their types: each is a test. */
async function runExamples(given: readonly string[]): Promise<Counts> {
  const files = (await filesBelow("src", ".ts")).filter(({ text }) => hasExample(text));
  const folder = await Deno.makeTempDir({ prefix: "drill-test-" });
  try {
    const junit = `${folder}/junit.xml`;
    const args = [
      ...["test", "-A", "--doc", `--junit-path=${junit}`],
      ...given.filter((arg) => arg !== LONG),
      ...files.map(({ path }) => path),
    ];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root, env })
      .output();
    if (code !== 0) { for (const bytes of [stdout, stderr]) writeAll(bytes); }
    const cases = exists(junit) ? readJunit(await Deno.readTextFile(junit)) : [];
    const counted = countTests([], cases.map((one) => ({ ...one, name: nameOfExample(one.name) })), code);
    return { ...counted, failed: counted.failed.map((line) => `the examples of the code: ${line}`) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @param shown passes on what the tests print as it comes, else when they have ended: two lanes at once read badly */
async function runLane(args: readonly string[], shown: boolean): Promise<Counts> {
  const folder = await Deno.makeTempDir({ prefix: "drill-test-" });
  try {
    const [junit, records, log] = [`${folder}/junit.xml`, `${folder}/records.ndjson`, `${folder}/log`];
    await Deno.writeTextFile(records, "");
    const test = ["test", "-A", "--no-check", `--junit-path=${junit}`, ...args];
    const child = new Deno.Command("sh", {
      // Into a file and not a pipe: what a test left running would hold the pipe open.
      args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", log, Deno.execPath(), ...test],
      cwd: root,
      env: { ...env, [RECORDS_FILE]: records },
      stdin: "null",
    }).spawn();
    const shownBytes = shown ? await passOn(log, child.status) : 0;
    const { code } = await child.status;
    const printed = await Deno.readFile(log);
    writeAll(printed.subarray(shownBytes));
    return countTests(
      parse(await Deno.readTextFile(records)),
      exists(junit) ? readJunit(await Deno.readTextFile(junit)) : [],
      code,
      new TextDecoder().decode(printed),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Prints what is written to a file as it grows, until `end`. Returns how many bytes of it were printed. */
async function passOn(path: string, end: Promise<unknown>): Promise<number> {
  let ended = false;
  void end.then(() => ended = true);
  let printed = 0;
  while (!ended) {
    await new Promise((resolve) => setTimeout(resolve, PRINT_EVERY_MS));
    if (!exists(path)) continue;
    using file = await Deno.open(path);
    await file.seek(printed, Deno.SeekMode.Start);
    for await (const bytes of file.readable) {
      writeAll(bytes);
      printed += bytes.length;
    }
  }
  return printed;
}

async function filesBelow(folder: string, ending: string): Promise<{ path: string; text: string }[]> {
  const found: { path: string; text: string }[] = [];
  const entries = await Array.fromAsync(Deno.readDir(`${root}${folder}`));
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesBelow(path, ending));
    else if (name.endsWith(ending)) {
      found.push({ path, text: await Deno.readTextFile(`${root}${path}`) });
    }
  }
  return found;
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
