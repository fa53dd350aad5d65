/** Times from the events of `--json`. Pure. */

/** An event, and the time at which it was read, in ms after the start of the process. */
export interface TimedEvent {
  at: number;
  event: Record<string, unknown>;
}

/** The event of a line of a program's output; undefined where the line is none. */
export function readEvent(line: string): Record<string, unknown> | undefined {
  return line.startsWith("{") ? JSON.parse(line) as Record<string, unknown> : undefined;
}

/** From the first event of these steps to the end of the last of them, in ms. They may run at the same time. */
export function spanOf(events: readonly TimedEvent[], titles: readonly string[]): number {
  const [first, last] = [[], []] as [number[], number[]];
  for (const title of titles) {
    const own = events.filter(({ event }) => isStep(event, title));
    const end = own.find(({ event }) => event.ended === true);
    if (!own[0] || !end) throw new Error(`there is no step "${title}" with a beginning and an end`);
    first.push(own[0].at);
    last.push(end.at);
  }
  return Math.max(...last) - Math.min(...first);
}

/** From the first step to the result, in ms: without the start and the end of the process. */
export function wholeOf(events: readonly TimedEvent[]): number {
  const first = events.find(({ event }) => event.event === "progress");
  const result = events.find(({ event }) => event.event === "result");
  if (!first || !result) throw new Error("there is no step, or no result, among the events");
  return result.at - first.at;
}

const isStep = (event: Record<string, unknown>, title: string): boolean =>
  event.event === "progress" && typeof event.step === "string" && event.step.startsWith(title);
