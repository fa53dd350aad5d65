/** Ctrl-C and other signals: the first asks for an orderly end, the second ends at once. */

/** Signals that ask to stop; also a closed terminal (SIGHUP), so that everything is cleaned up. */
const SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/**
 * Signals within this time count as one: a Ctrl-C comes from the terminal, and again from `deno task`, which passes it on.
 */
const SAME_SIGNAL_MS = 300;

/** Listens until it is disposed. */
interface Interrupts extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
}

/**
 * Listens for signals.
 *
 * @param first called with the first signal, before anything is aborted.
 * @param second called with the next one: must end the process.
 */
export function listenForInterrupts(
  first: (signal: Deno.Signal) => void,
  second: (signal: Deno.Signal) => void,
): Interrupts {
  const controller = new AbortController();
  let since = 0;
  const listeners = SIGNALS.map((name) => {
    const listener = () => {
      if (!controller.signal.aborted) {
        since = performance.now();
        first(name);
        controller.abort(new DOMException("Interrupted", "AbortError"));
      } else if (performance.now() - since > SAME_SIGNAL_MS) {
        second(name);
      }
    };
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
    },
  };
}
