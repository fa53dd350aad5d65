/** What runs of this test process leave on its machine lies here, and not in the home of who tests, nor in /var/lib. */

export const STATE_FOLDER = `${Deno.env.get("TMPDIR") ?? "/tmp"}/dolibarr-drill-test-state-${Deno.pid}`;
Deno.env.set("XDG_STATE_HOME", STATE_FOLDER); // also for what reads a configuration in this process
globalThis.addEventListener("unload", () => {
  try {
    Deno.removeSync(STATE_FOLDER, { recursive: true });
  } catch {
    // nothing was left
  }
});
