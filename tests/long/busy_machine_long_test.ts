/** The tests that wait for other processes, on a machine that is busy with something else: they wait for states, not for a time. */

import { assertEquals } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";

const ROOT = new URL("../../", import.meta.url).pathname;
/** So many endless loops run beside them. */
const LOOPS = 3;
/** So often each is run. */
const TIMES = 5;
/** None of them uses a lab that other tests use at the same time. */
const FILES = [
  "tests/faults/restore/killed_test.ts",
  "tests/faults/lab/lab_test.ts",
  "tests/unit/base/holder_test.ts",
  "tests/unit/cli/process_test.ts",
];

describe(`beside ${LOOPS} endless loops`, () => {
  let loops: Deno.ChildProcess[] = [];
  beforeAll(() => {
    loops = Array.from(
      { length: LOOPS },
      () => new Deno.Command("sh", { args: ["-c", "while :; do :; done"] }).spawn(),
    );
  });
  afterAll(async () => {
    for (const loop of loops) loop.kill("SIGKILL");
    await Promise.all(loops.map(({ status }) => status));
  });

  for (const file of FILES) {
    it(`${file} passes ${TIMES} times of ${TIMES}`, { timeout: 3_600_000 }, async () => {
      for (let time = 1; time <= TIMES; time++) {
        const { success, stdout } = await new Deno.Command(Deno.execPath(), {
          args: ["test", "-A", "--no-check", file],
          cwd: ROOT,
          env: { NO_COLOR: "1" },
          stdout: "piped",
          stderr: "inherit",
        }).output();
        assertEquals(success, true, `time ${time}: ${new TextDecoder().decode(stdout).slice(-4000)}`);
      }
    });
  }
});
