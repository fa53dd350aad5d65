/** Ctrl-C and its relatives: the first asks for an orderly end, the second ends at once. */

/** What is taken as a wish to stop; a closed terminal (SIGHUP) too, or nothing would be cleaned up. */
const SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/**
 * Signals that come so close after each other are one: a Ctrl-C reaches us from the terminal and once more from
 * `deno task`, which passes on what it got itself.
 */
const SAME_WISH_MS = 300;

/** Listens until it is disposed. */
export interface Interrupts extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
}

/**
 * Listens for signals.
 *
 * @param first called with the first signal, before anything is aborted: say that the end is coming.
 * @param second called with the next one: end the process, whatever is left.
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
      } else if (performance.now() - since > SAME_WISH_MS) {
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
