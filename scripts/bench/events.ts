/** What the events of `--json` tell about time. Pure. */

/** A line of NDJSON, and when it came, in ms after the process was started. */
export interface TimedEvent {
  at: number;
  event: Record<string, unknown>;
}

/** The events among the lines of a program's output; a line that is none is passed over. */
export function readEvent(line: string): Record<string, unknown> | undefined {
  return line.startsWith("{") ? JSON.parse(line) as Record<string, unknown> : undefined;
}

/** From the first sign of these steps to the end of the last of them, in ms. They may run side by side. */
export function spanOf(events: readonly TimedEvent[], titles: readonly string[]): number {
  const [first, last] = [[], []] as [number[], number[]];
  for (const title of titles) {
    const own = events.filter(({ event }) => isStep(event, title));
    const end = own.find(({ event }) => event.ended === true);
    if (!own[0] || !end) throw new Error(`no step "${title}" began and ended`);
    first.push(own[0].at);
    last.push(end.at);
  }
  return Math.max(...last) - Math.min(...first);
}

/** From the first step to the result, in ms: what is left when the process's start and end are taken off. */
export function wholeOf(events: readonly TimedEvent[]): number {
  const first = events.find(({ event }) => event.event === "progress");
  const result = events.find(({ event }) => event.event === "result");
  if (!first || !result) throw new Error("no step and no result was told");
  return result.at - first.at;
}

const isStep = (event: Record<string, unknown>, title: string): boolean =>
  event.event === "progress" && typeof event.step === "string" && event.step.startsWith(title);
