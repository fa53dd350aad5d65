/** What a program says on stderr while it runs, and when it had said all of something. */

/** So much of its beginning and of its end is kept, in characters: the first error is the reason, the last may be one too. */
const KEPT = 64 * 1024;

export interface ToolMessages {
  /** For `ToolOptions.onStderr`. */
  take(piece: Uint8Array): void;
  /** What was said since this was asked last; of very much its beginning and its end. */
  text(): string;
  /** Resolves once a line is `mark`, a text that nobody else can say; that line is forgotten. */
  until(mark: string): Promise<void>;
}

export function collectMessages(): ToolMessages {
  const decoder = new TextDecoder();
  let beginning = "";
  let end = "";
  /** Whether something between the two was dropped: the end then begins in the middle of a line. */
  let cut = false;
  let awaited: { mark: string; seen: () => void } | undefined;
  let found = "";
  const isThere = (mark: string) =>
    (beginning.slice(-mark.length) + end).includes(mark) || beginning.includes(mark);
  return {
    take(piece) {
      const text = decoder.decode(piece, { stream: true });
      if (beginning.length < KEPT) beginning += text;
      else {
        cut ||= end.length + text.length > KEPT;
        end = (end + text).slice(-KEPT);
      }
      if (awaited && isThere(awaited.mark)) awaited.seen();
    },
    text() {
      const text = cut ? `${beginning}\n${end.slice(end.indexOf("\n") + 1)}` : beginning + end;
      beginning = end = "";
      cut = false;
      return found === "" ? text : text.replace(`${found}\n`, "");
    },
    async until(mark) {
      const { promise, resolve } = Promise.withResolvers<void>();
      awaited = { mark, seen: resolve };
      if (isThere(mark)) resolve();
      await promise;
      awaited = undefined;
      found = mark;
    },
  };
}
