/** The three ways of showing progress: a bar on a terminal, lines in a log, events with --json. */

import type { Ora } from "ora";
import type { Colours } from "./colours.ts";
import { progressBar, progressText } from "./progress_text.ts";
import type { Reporter, Step, Unit } from "./reporter.ts";
import { cutTo, formatMs } from "./text.ts";

/** A reporter that others may write beside. Disposing leaves the terminal as it was. */
export interface LiveReporter extends Reporter, Disposable {
  /** Runs `write`, which prints to the same terminal, with the bar out of the way. */
  aside(write: () => void): void;
}

/** How often a log hears of a step that still runs, and an event stream of one that moves. */
const LOG_EVERY_MS = 10_000;
const EVENT_EVERY_MS = 500;
/** How often the text beside the spinner is made anew. */
const REFRESH_MS = 100;

type Timer = ReturnType<typeof setInterval>;

/** A step's own numbers, and what is the same in all three: ending once, also by disposal. */
interface Running {
  readonly title: string;
  readonly unit?: Unit;
  readonly began: number;
  done: number;
  total?: number;
}

const numbersOf = (step: Running) => ({ ...step, ms: performance.now() - step.began });

function makeStep(
  title: string,
  unit: Unit | undefined,
  moved: (step: Running) => void,
  over: (step: Running, summary: string | undefined, told: boolean) => void,
): { step: Step; running: Running } {
  const running: Running = { title, unit, began: performance.now(), done: 0 };
  let ended = false;
  const end = (summary: string | undefined, told: boolean) => {
    if (ended) return;
    ended = true;
    over(running, summary, told);
  };
  return {
    running,
    step: {
      progress(done, total) {
        running.done = done;
        if (total !== undefined) running.total = total;
        if (!ended) moved(running);
      },
      end: (summary) => end(summary, true),
      [Symbol.dispose]: () => end(undefined, false),
    },
  };
}

/** What stands after a step's title when it has ended. */
function ending(running: Running, summary: string | undefined): string {
  const ms = performance.now() - running.began;
  return `${summary === undefined || summary === "" ? "" : `: ${summary}`} (${formatMs(ms)})`;
}

/** For a log: a line when a step begins and ends, and one every ten seconds while it runs. */
export function logReporter(write: (line: string) => void): LiveReporter {
  const running = new Set<Timer>();
  return {
    step(title, unit) {
      write(`${title} ...`);
      const timer = setInterval(() => {
        const more = progressText(numbersOf(made.running));
        write(`${title} ... ${more || `${formatMs(performance.now() - made.running.began)} so far`}`);
      }, LOG_EVERY_MS);
      Deno.unrefTimer(timer);
      running.add(timer);
      const made = makeStep(title, unit, () => {}, (step, summary) => {
        clearInterval(timer);
        running.delete(timer);
        write(`${title}${ending(step, summary)}`);
      });
      return made.step;
    },
    note: write,
    warn: (line) => write(`Warning: ${line}`),
    aside: (print) => print(),
    [Symbol.dispose]() {
      for (const timer of running) clearInterval(timer);
    },
  };
}

/** For programs: `progress` events on stdout; notes and warnings stay on stderr. */
export function jsonReporter(event: (event: object) => void, write: (line: string) => void): LiveReporter {
  return {
    step(title, unit) {
      let last = -Infinity;
      const say = ({ done, total }: Running, more: object = {}) => {
        last = performance.now();
        event({ event: "progress", step: title, done, total, unit, ...more });
      };
      const { step, running } = makeStep(
        title,
        unit,
        (step) => performance.now() - last >= EVENT_EVERY_MS && say(step),
        (step, summary) =>
          say(step, { ended: true, summary, ms: Math.round(performance.now() - step.began) }),
      );
      say(running);
      return step;
    },
    note: write,
    warn: (line) => write(`Warning: ${line}`),
    aside: (print) => print(),
    [Symbol.dispose]() {},
  };
}

/** For a person: a spinner, a line for each step that runs, and what each came to above it. */
export async function terminalReporter(
  write: (line: string) => void,
  columns: () => number,
  colours: Colours,
): Promise<LiveReporter> {
  const { default: ora } = await import("ora");
  // Its own handling of stdin and of the cursor would end the process on Ctrl-C before anything is cleaned up.
  const spinner: Ora = ora({
    discardStdin: false,
    hideCursor: false,
    isEnabled: true,
    color: colours.on ? "cyan" : false,
  });
  const running = new Set<Running>();
  let timer: Timer | undefined;

  const aside = (print: () => void) => {
    spinner.clear();
    print();
    if (spinner.isSpinning) spinner.render();
  };
  const refresh = () => {
    spinner.text = [...running].map((step) => line(step, columns() - 4, colours)).join("\n  ");
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    spinner.stop();
  };
  return {
    step(title, unit) {
      const made = makeStep(title, unit, () => {}, (step, summary, told) => {
        running.delete(step);
        if (running.size === 0) stop();
        else refresh();
        const mark = told ? colours.green("✓") : colours.dim("·"); // a step that was only disposed may have failed
        aside(() => write(`${mark} ${title}${colours.dim(ending(step, summary))}`));
      });
      running.add(made.running);
      refresh();
      if (timer === undefined) {
        timer = setInterval(refresh, REFRESH_MS);
        Deno.unrefTimer(timer);
        spinner.start();
      }
      return made.step;
    },
    note: (text) => aside(() => write(text)),
    warn: (text) => aside(() => write(colours.yellow(`Warning: ${text}`))),
    aside,
    [Symbol.dispose]() {
      running.clear();
      if (timer !== undefined) stop();
    },
  };
}

/** A running step on one line of the terminal. */
function line(step: Running, width: number, colours: Colours): string {
  const numbers = numbersOf(step);
  const bar = progressBar(numbers);
  const more = progressText(numbers) ||
    (numbers.ms > 2_000 ? formatMs(Math.floor(numbers.ms / 1000) * 1000) : "");
  const rest = [bar, more].filter(Boolean).join("  ");
  const title = cutTo(step.title, Math.max(20, width - rest.length - 2));
  return cutTo(rest ? `${title}  ${colours.dim(rest)}` : title, width);
}
