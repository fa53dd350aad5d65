import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import {
  mountIn,
  peopleIn,
  readableBy,
  type SecretFileFacts,
  whoCanRead,
} from "../../../src/config/exposed_secret.ts";
import { secretOf } from "../../../src/config/secrets.ts";
import { temporaryFolder } from "../../support/folder.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
anna:x:1000:1000:Anna:/home/anna:/bin/bash
ben:x:1001:1001:Ben:/home/ben:/bin/zsh
robot:x:1002:1002::/home/robot:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;
const MOUNTS = `24 30 0:22 / /proc rw,nosuid shared:13 - proc proc rw
30 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 30 0:35 / /run/secrets rw,relatime shared:9 - tmpfs tmpfs rw,size=64k
41 30 254:2 / /etc/with\\040blank ro,relatime - ext4 /dev/vdb ro
42 30 254:3 / /mnt/disk rw,relatime - ext4 /dev/vdc ro
`;

describe("a file with a secret", () => {
  const open: SecretFileFacts = {
    mode: 0o644,
    above: [0o755, 0o755],
    others: ["anna", "ben"],
    mount: { type: "ext4", readOnly: false },
  };
  const cases: [what: string, facts: Partial<SecretFileFacts>, by: string | undefined][] = [
    ["that others may read", {}, "anna and 1 other user"],
    ["of a machine with one other user", { others: ["anna"] }, "anna"],
    ["whose mounts are not known", { mount: undefined }, "anna and 1 other user"],
    ["for its owner", { mode: 0o600 }, undefined],
    ["for a group", { mode: 0o640 }, undefined],
    ["in a folder that others may not enter", { above: [0o700, 0o755] }, undefined],
    ["of a machine that nobody else uses", { others: [] }, undefined],
    ["on a disk that is read-only", { mount: { type: "ext4", readOnly: true } }, undefined],
    ["that a pod's Secret is", { mount: { type: "tmpfs", readOnly: false } }, undefined],
  ];
  for (const [what, facts, by] of cases) {
    it(`${what} is read by ${by ?? "nobody else"}`, () =>
      assertEquals(readableBy({ ...open, ...facts }), by));
  }

  it("is shared with the people of the machine, and not with its services", () => {
    assertEquals(peopleIn(PASSWD, 0), ["anna", "ben"]);
    assertEquals(peopleIn(PASSWD, 1000), ["ben"]);
    assertEquals(peopleIn("", 0), []);
  });

  it("lies on the mount that is nearest to it", () => {
    const rw = { type: "ext4", readOnly: false };
    assertEquals(mountIn(MOUNTS, "/etc/erp/password"), rw);
    assertEquals(mountIn(MOUNTS, "/run/secrets/password"), { type: "tmpfs", readOnly: false });
    assertEquals(mountIn(MOUNTS, "/run/secrets2/password"), rw);
    assertEquals(mountIn(MOUNTS, "/etc/with blank/password"), { type: "ext4", readOnly: true });
    assertEquals(mountIn(MOUNTS, "/mnt/disk/password"), { type: "ext4", readOnly: true });
    assertEquals(mountIn("", "/etc/erp/password"), undefined);
  });

  it("is refused with its line and the command that mends it, and read once that was done", async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/password`;
    await Deno.writeTextFile(path, "hunter-7\n", { mode: 0o644 });
    await Deno.chmod(folder.path, 0o755);
    const place = { file: "dolibarr-drill.yaml", line: 7, key: "environments.prod.database.password" };
    const read = () => secretOf(`file:${path}`, place, "/").read();
    if (await whoCanRead(path) !== undefined) { // not where nobody else can log in
      const error = await assertRejects(read, DrillError);
      assertEquals(error.code, "SECRET_EXPOSED");
      assertStringIncludes(error.message, "(dolibarr-drill.yaml:7): the file");
      assertStringIncludes(error.hint, `chmod 600 ${path}`);
      assertEquals([error.message, error.hint, ...error.details].join().includes("hunter-7"), false);
    }
    await Deno.chmod(path, 0o600);
    assertEquals(await read(), "hunter-7");
  });
});
