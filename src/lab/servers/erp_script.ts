/** The script `bin/erp start|stop|status prod|sandbox`, which stops and starts the lab's web servers. */

import { fileExists } from "../files.ts";

/** How a web server is started. */
export interface ErpServer {
  argv: string[];
  env: Record<string, string>;
  /** An argument of its command line that no other process has. */
  tag: string;
}

/** The script's text. It needs a POSIX shell, GNU grep, setsid and /proc. */
export function erpScript(root: string, servers: { prod: ErpServer; sandbox: ErpServer }): string {
  const branch = (name: "prod" | "sandbox") => {
    const { argv, env, tag } = servers[name];
    const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    return `  ${name})
    tag=${quote(tag)}
    set -- ${["env", ...assignments, ...argv].map(quote).join(" ")}
    ;;`;
  };
  return `#!/bin/sh
# erp start|stop|status prod|sandbox: the web server of one ERP of this lab.
# Written at each start of the lab: changes in this file are lost.
set -u
lab=${quote(root)}
verb=\${1:-} name=\${2:-}
case $name in
${branch("prod")}
${branch("sandbox")}
  *)
    echo "usage: erp start|stop|status prod|sandbox" >&2
    exit 2
    ;;
esac
pidfile=$lab/run/$name.pid

# The ids of the server's processes: the server and its workers, which may outlive it.
processes() {
  printf '%s\\n' "$tag" | grep -lzxF -f - /proc/[0-9]*/cmdline 2>/dev/null | tr -dc '0-9\\n'
}

case $verb in
  start)
    [ -z "$(processes)" ] || exit 0
    rm -f "$pidfile"
    # in a session of its own: it outlives the process that starts it, and no Ctrl-C reaches it
    setsid sh -c 'echo $$ >"$0"; exec "$@"' "$pidfile" "$@" </dev/null >>"$lab/log/$name.log" 2>&1 &
    tries=0
    while [ ! -s "$pidfile" ] && [ $tries -lt 200 ]; do
      sleep 0.01
      tries=$((tries + 1))
    done
    ;;
  stop)
    tries=0 empty=0
    # none twice in a row: a process that is becoming another program shows no arguments for a moment
    while [ $empty -lt 2 ]; do
      pids=$(processes)
      if [ -z "$pids" ]; then
        empty=$((empty + 1))
      else
        empty=0
        # repeatedly: it may still be starting workers
        [ $tries -ge 250 ] || kill -TERM $pids 2>/dev/null
        [ $tries -lt 250 ] || kill -KILL $pids 2>/dev/null
        if [ $tries -ge 500 ]; then
          echo "erp: cannot stop $name: still running:" $pids >&2
          exit 1
        fi
      fi
      sleep 0.02
      tries=$((tries + 1))
    done
    rm -f "$pidfile"
    ;;
  status)
    pids=$(processes)
    if [ -z "$pids" ]; then
      echo stopped
      exit 3
    fi
    echo running $pids
    ;;
  *)
    echo "usage: erp start|stop|status prod|sandbox" >&2
    exit 2
    ;;
esac
`;
}

/** The files of ours that the script at `path` starts and that do not exist: another version of this program wrote it. */
export function missingPrograms(path: string): string[] {
  if (!fileExists(path)) return [path];
  const files = [...Deno.readTextFileSync(path).matchAll(/'([^']+\.(?:php|ts))'/g)].map(([, file]) => file!);
  return files.filter((file) => !fileExists(file));
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
