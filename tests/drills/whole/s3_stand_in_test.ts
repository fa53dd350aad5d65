/** The whole way with an S3 service as the store, by a configuration file alone: backup, list, verify, restore. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { readSmall } from "../../../src/base/streams.ts";
import { takeLease } from "../../../src/store/lease/lease.ts";
import { openS3Store, type S3Store } from "../../../src/store/drivers/s3/s3.ts";
import { type CliEnd, resultOf, spawnCli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { startLab } from "../../support/lab/lab.ts";
import { type RadosGateway, startRadosgw, whyNoRadosgw } from "../../support/s3/radosgw.ts";

const skip = whyNoRadosgw();

/** What a machine may have set for other programs: nothing of it is ours. */
const OF_ANOTHER = {
  AWS_PROFILE: "nobody",
  AWS_REGION: "mars-north-1",
  AWS_ACCESS_KEY_ID: "another",
  AWS_SECRET_ACCESS_KEY: "another",
  AWS_SESSION_TOKEN: "another",
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_REQUEST_CHECKSUM_CALCULATION: "when_supported",
  AWS_USE_DUALSTACK_ENDPOINT: "true",
};

describe("a backup on an S3 service", { skip }, () => {
  const started = new AsyncDisposableStack();
  let gateway: RadosGateway;
  let store: S3Store;
  let folder: string;
  /** What processes were called with while ours ran. */
  const commandLines = new Set<string>();
  beforeAll(async () => {
    gateway = started.use(await startRadosgw());
    const { endpoint, accessKey, secretKey } = gateway;
    const url = `s3://${await gateway.makeBucket("company-backup")}/erp`;
    store = started.use(await openS3Store({ url, endpoint, accessKey, secretKey }));
    folder = started.use(await temporaryFolder()).path;
    const lab = started.use(await startLab("stand-in"));
    const text = await Deno.readTextFile(lab.configFile);
    const config = text.replace(
      /^store: .*$/m,
      `store: { url: "${url}", endpoint: "${endpoint}", access_key: env:STORE_KEY, secret_key: file:store-secret }`,
    );
    await Deno.writeTextFile(`${folder}/dolibarr-drill.yaml`, config);
    await Deno.writeTextFile(`${folder}/store-secret`, `${secretKey}\n`);
  });
  afterAll(async () => await started.disposeAsync());

  const run = async (...args: string[]): Promise<CliEnd> => {
    const child = spawnCli(args, { cwd: folder, env: { STORE_KEY: gateway.accessKey, ...OF_ANOTHER } });
    let over = false;
    const watching = (async () => {
      while (!over) {
        readCommandLines().forEach((line) => commandLines.add(line));
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    })();
    const { code, stdout, stderr } = await child.output();
    over = true;
    await watching;
    const end = { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
    assertEquals((end.stdout + end.stderr).includes(gateway.secretKey), false);
    return end;
  };
  let set = "";

  it("is taken, and is whole in the bucket", async () => {
    const { code, stdout, stderr } = await run("backup", "--env", "prod", "--json");
    assertEquals(code, 0, stdout + stderr);
    set = String(resultOf(stdout).set);
    const name = set.slice("prod/".length);
    const keys = await Array.fromAsync(store.list("prod/"), ({ key }) => key);
    for (const key of [`db/${name}.dump`, `docs/${name}.tar.gz`, `manifests/${name}.json`]) {
      assert(keys.includes(`prod/${key}`), `${key} is not among ${keys.join(", ")}`);
    }
    assertEquals(keys.filter((key) => /\/(lease|runs)\//.test(key)), []);
  });

  it("is listed", async () => {
    const { code, stdout, stderr } = await run("list", "--env", "prod");
    assertEquals(code, 0, stdout + stderr);
    assertMatch(stdout, new RegExp(set.slice("prod/".length)));
  });

  it("comes with the commands that fetch it from that service", async () => {
    const text = new TextDecoder().decode(await readSmall(store.get("prod/RESTORE.txt")));
    assertMatch(
      text,
      /^ {4}aws --endpoint-url http:\/\/127\.0\.0\.1:\d+ s3 cp s3:\/\/company-backup\S*\/erp\/prod\/db\/\d{8}T\d{6}Z\.dump \.$/m,
    );
  });

  it("is verified to its last byte", async () => {
    const { code, stdout, stderr } = await run("verify", set);
    assertEquals(code, 0, stdout + stderr);
  });

  it("is restored", async () => {
    const { code, stdout, stderr } = await run("restore", set);
    assertEquals(code, 0, stdout + stderr);
    assertMatch(stdout, /is restored into sandbox/);
  });

  it("waits for nobody: the second is told who works there since when, and ends with 2", async () => {
    await using lease = await takeLease(store, "prod", "prune");
    const { code, stdout, stderr } = await run("backup", "--env", "prod", "--force");
    assertEquals(code, 2, stdout + stderr);
    assertMatch(
      stdout + stderr,
      new RegExp(`prune has been running there since 2.*\\(process ${Deno.pid} on`),
    );
    await lease.confirm();
  });

  it("leaves the last good set as it was where the store is full or the key may not delete", async () => {
    const before = await Array.fromAsync(store.list("prod/"));
    const bytes = before.reduce((sum, one) => sum + one.bytes, 0);
    await gateway.limitBucket("company-backup", bytes + 20_000); // the run and the lease still fit
    const { code, stdout, stderr } = await run("backup", "--env", "prod", "--force");
    assertEquals(code, 2, stdout + stderr);
    assertMatch(stdout + stderr, /Cannot write prod\/.*: the store is full/);
    assertEquals(await Array.fromAsync(store.list("prod/")), before);
    await gateway.limitBucket("company-backup", 1e9);

    await gateway.forbid("company-backup", ["s3:DeleteObject"]);
    const refused = await run("backup", "--env", "prod", "--force");
    assertEquals(refused.code, 2, refused.stdout + refused.stderr);
    assertMatch(refused.stdout + refused.stderr, /Cannot delete prod\/.*: the key may not do that/);
    await gateway.forbid("company-backup", []);
    const verified = await run("verify", "--all"); // whatever it left: each set that shows is whole
    assertEquals(verified.code, 0, verified.stdout + verified.stderr);
    const keys = new Set(await Array.fromAsync(store.list("prod/"), ({ key }) => key));
    assertEquals(before.filter(({ key }) => !keys.has(key)), []);
  });

  it("never shows its secret key: in no output, no process list, no object that tells of it", async () => {
    assert([...commandLines].some((line) => line.includes("pg_dump")));
    assertEquals([...commandLines].filter((line) => line.includes(gateway.secretKey)), []);
    for await (const { key } of store.list("")) {
      if (!/\.(json|txt)$/.test(key)) continue;
      const text = new TextDecoder().decode(await readSmall(store.get(key)));
      assertEquals(text.includes(gateway.secretKey), false, key);
    }
  });

  it("says what is wrong when the secret is, in one line and with 2", async () => {
    await Deno.writeTextFile(`${folder}/store-secret`, "another\n");
    for (const args of [["list"], ["backup"], ["restore"]]) {
      const { code, stdout, stderr } = await run(...args);
      assertEquals(code, 2, stdout + stderr);
      assertMatch(stdout + stderr, /Cannot open the store s3:\/\/.*: the store refuses the secret key/);
      assertMatch(stdout + stderr, /Check the value of store\.secret_key/);
    }
  });
});

/** Of every process on this machine. */
function readCommandLines(): string[] {
  const lines: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      lines.push(Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " "));
    } catch {
      // it has ended meanwhile
    }
  }
  return lines;
}
