/** Drills night after night on one lab: nothing piles up that makes a later one fail. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { temporaryFolder } from "../support/folder.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NIGHTS = 25;

describe(`${NIGHTS} drills of one lab`, () => {
  it("are all a PASS", { timeout: 3_600_000 }, async () => {
    await using folder = await temporaryFolder();
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "scripts/soak.ts", "--drills", `${NIGHTS}`],
        ...["--lab", `${folder.path}/lab`, "--report", `${folder.path}/report`],
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    assertStringIncludes(new TextDecoder().decode(stderr), `${NIGHTS} of ${NIGHTS} were a PASS`);
    assertEquals(code, 0);
  });
});
