/** `bin/erp start|stop|status prod|sandbox`: how the lab's two web servers are stopped and started, by anybody. */

/** What one server is started with. */
export interface ErpServer {
  argv: string[];
  env: Record<string, string>;
  /** An argument of its command line that no other program has: what tells its processes from all others. */
  mark: string;
}

/** The script's text. It needs a POSIX shell, GNU grep, setsid and /proc. */
export function erpScript(root: string, servers: { prod: ErpServer; sandbox: ErpServer }): string {
  const branch = (name: "prod" | "sandbox") => {
    const { argv, env, mark } = servers[name];
    const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    return `  ${name})
    mark=${quote(mark)}
    set -- ${["env", ...assignments, ...argv].map(quote).join(" ")}
    ;;`;
  };
  return `#!/bin/sh
# erp start|stop|status prod|sandbox: the web server of one ERP of this lab.
# Written at each start of the lab; a change in here is lost.
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

# The ids of the server's processes: itself and its workers, also when it was killed and they were not.
processes() {
  printf '%s\\n' "$mark" | grep -lzxF -f - /proc/[0-9]*/cmdline 2>/dev/null | tr -dc '0-9\\n'
}

case $verb in
  start)
    [ -z "$(processes)" ] || exit 0
    rm -f "$pidfile"
    # In a session of its own: it outlives whoever starts it, and no Ctrl-C reaches it.
    setsid sh -c 'echo $$ >"$0"; exec "$@"' "$pidfile" "$@" </dev/null >>"$lab/log/$name.log" 2>&1 &
    tries=0
    while [ ! -s "$pidfile" ] && [ $tries -lt 200 ]; do
      sleep 0.01
      tries=$((tries + 1))
    done
    ;;
  stop)
    tries=0 empty=0
    # Twice nothing, for a process that is just becoming another program shows no arguments for a moment.
    while [ $empty -lt 2 ]; do
      pids=$(processes)
      if [ -z "$pids" ]; then
        empty=$((empty + 1))
      else
        empty=0
        # Again and again: it may still be making its workers.
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

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
