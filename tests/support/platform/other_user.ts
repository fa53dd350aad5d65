/** The command line as an ordinary user, who may do less than who runs the tests. */

import { type CliEnd, DENO_FOLDER, runCli } from "../cli.ts";

const ROOT = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");
/** `nobody` */
const UID = 65534;

export interface OtherUser {
  /** The user's words in messages. */
  name: string;
  cli(args: readonly string[], env?: Record<string, string>): Promise<CliEnd>;
}

/** @param folder a folder that this user may enter: Deno's modules are linked into it. */
export async function ordinaryUser(folder: string): Promise<OtherUser> {
  const plain = { NO_COLOR: "1", DOLIBARR_DRILL_COMMAND: "dolibarr-drill" };
  if (Deno.uid() !== 0) {
    return {
      name: `(uid ${Deno.uid()})`,
      cli: (args, env = {}) => runCli(args, { env: { ...plain, ...env } }),
    };
  }
  const modules = `${folder}/deno`;
  await Deno.mkdir(modules);
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'cp -al "$1" "$2" || cp -a "$1" "$2"', "sh", `${DENO_FOLDER.DENO_DIR}/npm`, modules],
  }).output();
  if (!success) throw new Error("Deno's modules cannot be linked");
  return {
    name: `nobody (uid ${UID})`,
    async cli(args, env = {}) {
      const run = ["run", "-A", "--no-check", `--config=${ROOT}/deno.json`, `${ROOT}/src/main.ts`];
      const { code, stdout, stderr } = await new Deno.Command("setpriv", {
        args: [`--reuid=${UID}`, `--regid=${UID}`, "--clear-groups", Deno.execPath(), ...run, ...args],
        cwd: "/",
        clearEnv: true,
        env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", ...plain, ...env, DENO_DIR: modules },
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, stdout: text(stdout), stderr: text(stderr) };
    },
  };
}
