import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { VERSION } from "../../../src/base/version.ts";

const ROOT = new URL("../../..", import.meta.url).pathname;
const PAGE = await Deno.readTextFile(`${ROOT}docs/installation.md`);

/** The command of the page that begins with `start`, in one line. */
function commandOf(start: string): string {
  const commands = [...PAGE.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text]) =>
    text!.replaceAll("\\\n", " ")
  );
  const command = commands.find((text) => text.startsWith(start))?.trim();
  assert(command, `docs/installation.md has no command that begins with ${start}`);
  return command;
}

describe("the program", () => {
  let folder: string;
  let configFile: string;

  /** Runs `command` in a shell, with the installed program in the PATH and the modules of this machine. */
  async function sh(command: string, cwd = folder, env: Record<string, string> = {}) {
    const home = Deno.env.get("HOME");
    const caches = Deno.env.get("XDG_CACHE_HOME") ?? `${home}/.cache`;
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", command],
      cwd,
      clearEnv: true,
      env: {
        PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
        HOME: `${folder}/home`,
        XDG_STATE_HOME: `${folder}/state`, // of root it would be one folder of the machine
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${caches}/deno`,
        DENO_INSTALL_ROOT: folder,
        NPM_CONFIG_REGISTRY: Deno.env.get("NPM_CONFIG_REGISTRY") ?? "https://registry.npmjs.org",
        NO_COLOR: "1",
        ...env,
      },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  beforeAll(async () => {
    folder = await Deno.makeTempDir({ prefix: "dolibarr-drill-test-" });
    await Deno.mkdir(`${folder}/home`);
    configFile = `${folder}/drill.yaml`;
    const environment = (name: string, more: string) =>
      `  ${name}: { ${more}documents: ${folder}/${name}, web: { url: "http://${name}.example" }, database: ` +
      `{ host: 127.0.0.1, name: ${name}, owner: ${name}_role, user: ${name}, password: "file:${folder}/password" } }\n`;
    await Deno.writeTextFile(
      configFile,
      `store: { url: "file://${ROOT}fixtures/stores/2026-11-30" }\nenvironments:\n` +
        environment("prod", 'workload: { command: { stop: ["true"], start: ["true"] } }, ') +
        environment("sandbox", "disposable: true, ") +
        "drill: { from: prod, into: sandbox }\n",
    );
  });
  afterAll(() => Deno.remove(folder, { recursive: true }));

  it("has one version, in deno.json, in the code and at the top of the list of changes", async () => {
    const { version, exports } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
    assertEquals([version, exports], [VERSION, "./src/main.ts"]);
    const [, newest] = /^## (\S+?),/m.exec(await Deno.readTextFile(`${ROOT}CHANGELOG.md`)) ?? [];
    assertEquals(newest, VERSION);
  });

  it("is installed by the command of the page, and its hints are commands that work", async () => {
    const installed = await sh(commandOf("deno install"), ROOT);
    assertEquals(installed.code, 0, installed.err);

    const wrong = await sh("dolibarr-drill lst");
    assertEquals(wrong.code, 2);
    const [, hint] = /^See: (.*)$/m.exec(wrong.err)!;
    assertEquals(hint, "dolibarr-drill help");
    assertEquals((await sh(hint!)).code, 0);
    assertEquals((await sh("dolibarr-drill backup --env prod")).code, 2); // there is no configuration

    const listed = await sh(`dolibarr-drill list --config ${configFile}`);
    assertEquals(listed.code, 0, listed.err);
    assertStringIncludes(listed.out, "20261103T194954Z");
  });

  for (const verb of ["list", "list latest", "status", "find FA2512", "findings"]) {
    it(`needs no more for ${verb} than the page says`, async () => {
      const command = commandOf("deno run").replace(/ list --config \S+$/, ` ${verb} --config ${configFile}`);
      assertStringIncludes(command, verb);
      const { code, out, err } = await sh(command, ROOT);
      // the store's newest set is old by now, which status ends with 1 over
      assertEquals([code, err], [verb === "status" ? 1 : 0, ""]);
      assertStringIncludes(out, verb === "findings" ? "prod: no finding" : "20261103T194954Z");
    });
  }

  it("ends with 2 and the permission's name where Deno was started without one", async () => {
    const command = commandOf("deno run").replace(/--allow-sys=\S+/, "").replace(/\S+$/, configFile);
    const { code, err } = await sh(command, ROOT);
    assertEquals(code, 2);
    assertStringIncludes(err, 'Deno was started without a permission: Requires sys access to "hostname"');
    assertStringIncludes(err, "docs/installation.md");
  });
});
