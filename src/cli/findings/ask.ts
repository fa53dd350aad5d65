/** A question to a person at a terminal. */

import { textWriter } from "../command/output.ts";

/** Whether somebody can be asked: both what they type and what they read is a terminal. */
export const canAsk = (): boolean => Deno.stdin.isTerminal() && Deno.stderr.isTerminal();

/**
 * Asks `QUESTION [y/N] ` on stderr. Only `y` and `yes` are a yes.
 * @throws the reason of `signal`, as soon as that is aborted.
 */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  textWriter(Deno.stderr)(`${question} [y/N] `);
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
  const stop = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  let answer = "";
  try {
    while (!answer.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) break;
      answer += value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await reader.cancel().catch(() => {});
  }
  signal.throwIfAborted();
  return /^y(es)?$/i.test(answer.trim());
}
