/**
 * A real S3 server of one's own, in memory, in about a second: Ceph's radosgw with one monitor and one store (docs/facts.md,
 * "A real S3 service for tests"). Each has its own folder and ports, so that several run side by side.
 */

import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { findTool, runTool } from "../../../src/base/process/processes.ts";
import { waitUntil } from "../../../src/base/time.ts";
import { cephConfiguration } from "./radosgw_conf.ts";
import { findFreePort } from "../../../src/lab/servers/ports.ts";

export interface Keys {
  accessKey: string;
  secretKey: string;
}

export interface RadosGateway extends AsyncDisposable, Keys {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Makes a bucket of our own user, and returns its name. */
  makeBucket(name: string): Promise<string>;
  /** Limits what a bucket may hold. */
  limitBucket(name: string, bytes: number): Promise<void>;
  /** Another user, who may do `actions` (`s3:GetObject`) in our `bucket` and nothing else. */
  makeUser(name: string, bucket: string, actions: string[]): Promise<Keys>;
  /** Nobody may do `actions` in our `bucket` any more, its owner neither; none of them: all may be done again. */
  forbid(bucket: string, actions: string[]): Promise<void>;
  /** Takes a user's key away. */
  revoke(name: string, keys: Keys): Promise<void>;
  /** Ends the gateway at once; what it holds stays. */
  stopGateway(): Promise<void>;
  startGateway(): Promise<void>;
}

const PROGRAMS = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool", "ceph"];
/** Two of 290 starts took 6 s. */
const STARTS_WITHIN = 30_000;

/** Why no radosgw can be started here, or undefined: it can. */
export function whyNoRadosgw(): string | undefined {
  const missing = PROGRAMS.filter((name) => !findTool(name));
  return missing.length === 0
    ? undefined
    : `${missing.join(", ")} not installed: apt-get install ceph-mon ceph-osd radosgw`;
}

/** Starts one; disposing ends it and removes all that it held. */
export async function startRadosgw(): Promise<RadosGateway> {
  await using started = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "drill-s3-" }); // short: it holds sockets
  started.defer(() => Deno.remove(folder, { recursive: true }));
  const port = findFreePort();
  const ids = { cluster: crypto.randomUUID(), osd: crypto.randomUUID() };
  const monitor = findFreePort();
  await Deno.writeTextFile(
    `${folder}/ceph.conf`,
    cephConfiguration({ folder, cluster: ids.cluster, monitor, osd: findFreePort(), gateway: port }),
  );
  for (const name of ["mon", "osd", "rgw", "log"]) await Deno.mkdir(`${folder}/${name}`);

  const conf = ["-c", `${folder}/ceph.conf`];
  const tool = (name: string, ...args: string[]) => run(folder, name, args);
  const daemon = (name: string, ...args: string[]) => startDaemon(folder, name, [...conf, ...args]);
  const monmap = `${folder}/monmap`;
  await tool(
    "monmaptool",
    "--create",
    "--fsid",
    ids.cluster,
    "--addv",
    "a",
    `[v2:127.0.0.1:${monitor}]`,
    monmap,
  );
  await tool("ceph-mon", ...conf, "-i", "a", "--mkfs", "--monmap", monmap);
  started.use(daemon("ceph-mon", "-i", "a", "-f"));
  await Promise.all([
    tool("ceph-osd", ...conf, "-i", "0", "--mkfs", "--osd-uuid", ids.osd),
    tool("ceph", ...conf, "osd", "new", ids.osd),
  ]);
  started.use(daemon("ceph-osd", "-i", "0", "-f"));

  const admin = (...args: string[]) => tool("radosgw-admin", ...conf, "-n", "client.rgw", ...args);
  const user = async (name: string): Promise<Keys> => {
    const keys = { accessKey: `${name}access`, secretKey: crypto.randomUUID() };
    await admin(
      "user",
      "create",
      `--uid=${name}`,
      `--display-name=${name}`,
      `--access-key=${keys.accessKey}`,
      `--secret-key=${keys.secretKey}`,
    );
    return keys;
  };
  const keys = await user("test");
  const endpoint = `http://127.0.0.1:${port}`;
  let gateway: AsyncDisposable | undefined;
  const startGateway = async () => {
    gateway = daemon("radosgw", "-n", "client.rgw", "-f");
    if (await waitUntil(() => answers(endpoint), STARTS_WITHIN)) return;
    throw new Error(`radosgw does not answer: ${await lastLines(folder)}`);
  };
  const stopGateway = async () => await gateway?.[Symbol.asyncDispose]();
  started.defer(stopGateway);
  await startGateway();

  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  started.defer(() => client.destroy());
  const setPolicy = async (bucket: string, Effect: "Allow" | "Deny", user: string, actions: string[]) => {
    const statement = {
      Effect,
      Principal: { AWS: [user] },
      Action: actions,
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
  };
  const resources = started.move();
  return {
    endpoint,
    ...keys,
    async makeBucket(name) {
      await client.send(new CreateBucketCommand({ Bucket: name }));
      return name;
    },
    async limitBucket(name, bytes) {
      await admin("quota", "set", "--quota-scope=bucket", `--bucket=${name}`, `--max-size=${bytes}`);
      await admin("quota", "enable", "--quota-scope=bucket", `--bucket=${name}`);
    },
    async makeUser(name, bucket, actions) {
      const made = await user(name);
      await setPolicy(bucket, "Allow", `arn:aws:iam:::user/${name}`, actions);
      return made;
    },
    async forbid(bucket, actions) {
      if (actions.length > 0) await setPolicy(bucket, "Deny", "*", actions);
      else await client.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    },
    async revoke(name, { accessKey }) {
      await admin("key", "rm", `--uid=${name}`, "--key-type=s3", `--access-key=${accessKey}`);
    },
    stopGateway,
    startGateway,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A server of Ceph's. Its data is in memory only, so that it may be ended at once. */
function startDaemon(folder: string, name: string, args: string[]): AsyncDisposable {
  const child = new Deno.Command(name, {
    args,
    env: { CEPH_CONF: `${folder}/ceph.conf` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let over = false;
  const ended = child.status.then(() => over = true);
  return {
    async [Symbol.asyncDispose]() {
      if (!over) child.kill("SIGKILL");
      await ended;
    },
  };
}

async function run(folder: string, name: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool(findTool(name) ?? name, {
    args,
    env: { CEPH_CONF: `${folder}/ceph.conf` },
    signal: AbortSignal.timeout(STARTS_WITHIN),
  });
  if (code === 0) return stdout;
  throw new Error(
    `${name} ${args.join(" ")} ended with ${code}: ${stderr.trim()}\n${await lastLines(folder)}`,
  );
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(endpoint);
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false; // not yet
  }
}

async function lastLines(folder: string): Promise<string> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir(`${folder}/log`)) {
    const text = await Deno.readTextFile(`${folder}/log/${name}`);
    lines.push(`${name}:`, ...text.trimEnd().split("\n").slice(-5));
  }
  return lines.join("\n");
}
