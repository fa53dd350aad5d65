import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { exists } from "../../../src/base/files.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;

/** A machine with what stands in `bin` alone: `scripts/run` is to find nothing else on it. */
let machine: string;

async function which(program: string): Promise<string> {
  for (const folder of ["/usr/bin", "/bin"]) {
    if (await exists(`${folder}/${program}`)) return `${folder}/${program}`;
  }
  throw new Error(`no ${program} here`);
}

/** Runs the script in an empty folder with nothing of the environment but what is given; Deno's modules are those here. */
async function run(
  args: string[],
  { path = "bin", env = {} }: { path?: string; env?: Record<string, string> } = {},
) {
  const home = Deno.env.get("HOME");
  const modules = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`}/deno`;
  const { code, stdout, stderr } = await new Deno.Command(`${machine}/bin/bash`, {
    args: [`${ROOT}scripts/run`, ...args],
    cwd: `${machine}/empty`,
    clearEnv: true,
    env: {
      PATH: path.startsWith("/") ? path : `${machine}/${path}`,
      HOME: `${machine}/home`,
      XDG_STATE_HOME: `${machine}/state`,
      DENO_DIR: modules,
      NO_COLOR: "1",
      ...env,
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

describe("scripts/run", () => {
  beforeAll(async () => {
    machine = await Deno.makeTempDir({ prefix: "dolibarr-drill-test-" });
    for (const folder of ["bin", "bare", "home", "empty"]) await Deno.mkdir(`${machine}/${folder}`);
    for (const program of ["bash", "cksum", "env"]) {
      await Deno.symlink(await which(program), `${machine}/bin/${program}`);
      await Deno.symlink(await which(program), `${machine}/bare/${program}`);
    }
    await Deno.symlink(Deno.execPath(), `${machine}/bin/deno`);
  });
  afterAll(() => Deno.remove(machine, { recursive: true }));

  it("ends a backup without a configuration with 2, and builds no lab", async () => {
    const { code, err } = await run(["backup", "--env", "prod"], { path: "/usr/bin:/bin" });
    assertEquals(code, 2, err);
    assertStringIncludes(err, "Cannot find a configuration");
    assertFalse(await exists(`${machine}/empty/.lab`));
  });

  it("does not drill the lab where a job runs it, or for a named environment", async () => {
    for (const [args, env] of [[["drill"], { CI: "true" }], [["drill", "--from", "prod"], {}]] as const) {
      const { code, err } = await run([...args], { path: "/usr/bin:/bin", env });
      assertEquals(code, 2, err);
      assertStringIncludes(err, "the embedded lab does not stand in for it");
    }
  });

  it("does not drill the lab once this user has worked with a configuration, from whatever folder", async () => {
    await Deno.mkdir(`${machine}/store`);
    const environment = (name: string, disposable: boolean) =>
      `  ${name}: { disposable: ${disposable}, database: { host: h, name: ${name}, owner: o, user: u }, documents: /srv/${name}, web: { url: "https://${name}.example.org" } }`;
    await Deno.writeTextFile(
      `${machine}/own.yaml`,
      `store: { url: "file://${machine}/store" }
environments:
${environment("prod", false)}
${environment("sandbox", true)}
drill: { from: prod, into: sandbox }
`,
    );
    const list = await run(["list", "--config", `${machine}/own.yaml`]);
    assertStringIncludes(list.err, "There is no set of prod");
    assertEquals(await exists(`${machine}/state/dolibarr-drill/configured`), true);
    const { code, err } = await run(["drill"], { path: "/usr/bin:/bin" });
    assertEquals(code, 2, err);
    assertStringIncludes(err, "this user has worked with a configuration on this machine before");
    assertFalse(await exists(`${machine}/empty/.lab`));
  });

  it("needs nothing but Deno for help, and for what reads the store", async () => {
    const help = await run(["backup", "--help"]);
    assertEquals([help.code, help.err], [0, ""]);
    assertStringIncludes(help.out, "Usage: dolibarr-drill backup");
    const list = await run(["list"]);
    assertEquals(list.code, 2);
    assertStringIncludes(list.err, "Cannot find a configuration");
  });

  it("ends with 2 and the packages to install where a verb's programs are missing", async () => {
    // where this machine has PostgreSQL's own folder, its client is found without the PATH
    const { code, err } = await run(["drill", "--config", "x.yaml"]);
    assertEquals(code, 2, err);
    assertStringIncludes(err, "chromium-headless-shell");
    assertFalse(/pgbouncer|php/.test(err), err);
  });

  it("ends with 2 where Deno is missing and nothing can be installed", async () => {
    const { code, err } = await run(["list"], { path: "bare" });
    assertEquals(code, 2, err);
    assertStringIncludes(err, "npm install --global deno@");
  });

  it("ends with 2 where the libraries cannot be had from the registry", async () => {
    const { code, err } = await run(["list"], {
      env: {
        DENO_DIR: `${machine}/no-modules`,
        HTTPS_PROXY: "http://127.0.0.1:9",
        HTTP_PROXY: "http://127.0.0.1:9",
      },
    });
    assertEquals(code, 2, err);
    assertStringIncludes(err, "Cannot fetch the libraries");
  });
});
