/** What a program writes to stderr while it runs, and when it has written all of something. */

/** So much of its beginning and of its end is remembered, in characters: the first error is the reason, the last may be one too. */
const REMEMBERED = 64 * 1024;

export interface ToolMessages {
  /** For `ToolOptions.onStderr`. */
  take(piece: Uint8Array): void;
  /** What was written since this was called last; of very much its beginning and its end. */
  text(): string;
  /** Resolves once a line is `end`, a text that nothing else can write; that line is forgotten. */
  until(end: string): Promise<void>;
}

export function collectMessages(): ToolMessages {
  const decoder = new TextDecoder();
  let first = "";
  let last = "";
  /** Whether something between the two was dropped: `last` then begins in the middle of a line. */
  let cut = false;
  let awaited: { end: string; seen: () => void } | undefined;
  let found = "";
  const isThere = (end: string) => (first.slice(-end.length) + last).includes(end) || first.includes(end);
  return {
    take(piece) {
      const text = decoder.decode(piece, { stream: true });
      if (first.length < REMEMBERED) first += text;
      else {
        cut ||= last.length + text.length > REMEMBERED;
        last = (last + text).slice(-REMEMBERED);
      }
      if (awaited && isThere(awaited.end)) awaited.seen();
    },
    text() {
      const text = cut ? `${first}\n${last.slice(last.indexOf("\n") + 1)}` : first + last;
      first = last = "";
      cut = false;
      return found === "" ? text : text.replace(`${found}\n`, "");
    },
    async until(end) {
      const { promise, resolve } = Promise.withResolvers<void>();
      awaited = { end, seen: resolve };
      if (isThere(end)) resolve();
      await promise;
      awaited = undefined;
      found = end;
    },
  };
}
