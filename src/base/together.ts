/** Two tasks at once: when one fails, the other is stopped and waited for. */

/**
 * Runs both side by side, each with a signal that is aborted when the other fails, and waits for both.
 * @throws the first failure.
 */
export async function together<A, B>(
  signal: AbortSignal,
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let first: { error: unknown } | undefined;
  const watched = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await run(either);
    } catch (error) {
      first ??= { error };
      stop.abort();
      throw error;
    }
  };
  const [a, b] = await Promise.allSettled([watched(one), watched(other)]);
  if (a.status === "fulfilled" && b.status === "fulfilled") return [a.value, b.value];
  throw first?.error;
}
