/** The three ways of showing progress: a bar on a terminal, lines in a log, events with --json. */

import type { Colours } from "./colours.ts";
import { progressBar, progressText } from "./progress_text.ts";
import type { Reporter, Step, Unit } from "./reporter.ts";
import { displayWidth, shorten, UNBROKEN, wrap, wrapIndented } from "../columns.ts";
import { formatDuration } from "../numbers.ts";

/** A reporter beside which others may print. Disposing leaves the terminal as it was. */
export interface LiveReporter extends Reporter, Disposable {
  /** Runs `write`, which prints to the same terminal, with the bar out of the way. */
  aside(write: () => void): void;
}

/** How often a log gets a line about a running step, and an event stream an event. */
const LOG_EVERY_MS = 10_000;
const EVENT_EVERY_MS = 500;
/** The spinner's pictures, and how long each is shown. */
const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
const FRAME_MS = 100;

type Timer = ReturnType<typeof setInterval>;

/** The numbers of a step. */
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
  over: (step: Running, summary: string | undefined, succeeded: boolean) => void,
): { step: Step; running: Running } {
  const running: Running = { title, unit, began: performance.now(), done: 0 };
  let ended = false;
  const end = (summary: string | undefined, succeeded: boolean) => {
    if (ended) return;
    ended = true;
    over(running, summary, succeeded);
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

/** The text after the title of a step that has ended. */
function ending(running: Running, summary: string | undefined): string {
  const ms = performance.now() - running.began;
  return `${summary === undefined || summary === "" ? "" : `: ${summary}`} (${formatDuration(ms)})`;
}

/** For a log: a line when a step begins and ends, and one every ten seconds while it runs. */
export function logReporter(write: (line: string) => void): LiveReporter {
  const running = new Set<Timer>();
  return {
    step(title, unit, { passing = false } = {}) {
      if (!passing) write(`${title} ...`);
      const timer = setInterval(() => {
        const more = progressText(numbersOf(made.running));
        write(`${title} ... ${more || `${formatDuration(performance.now() - made.running.began)} so far`}`);
      }, LOG_EVERY_MS);
      Deno.unrefTimer(timer);
      running.add(timer);
      const made = makeStep(title, unit, () => {}, (step, summary) => {
        clearInterval(timer);
        running.delete(timer);
        if (!passing) write(`${title}${ending(step, summary)}`);
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
    step(title, unit, { passing = false } = {}) {
      let last = -Infinity;
      const say = ({ done, total }: Running, more: object = {}) => {
        last = performance.now();
        event({ event: "progress", step: title, done, total, unit, ...more });
      };
      const { step, running } = makeStep(
        title,
        unit,
        (step) => performance.now() - last >= EVENT_EVERY_MS && say(step),
        (step, summary) => {
          if (!passing) say(step, { ended: true, summary, ms: Math.round(performance.now() - step.began) });
        },
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

/**
 * For a person: a spinner, a line for each running step, and above them one for each that has ended.
 * @param print writes to the terminal as it is; `columns` tells how wide that is now.
 */
export function terminalReporter(
  print: (text: string) => void,
  columns: () => number,
  colours: Colours,
): LiveReporter {
  const running = new Set<Running>();
  let timer: Timer | undefined;
  /** How many lines are to be replaced. */
  let shown = 0;

  const erase = () => {
    if (shown > 0) print(`\r${shown > 1 ? `\x1b[${shown - 1}A` : ""}\x1b[0J`);
    shown = 0;
  };
  const draw = () => {
    // one column stays free, so that the terminal never breaks a line
    const lines = [...running].map((step) => line(step, columns() - 3, colours));
    const frame = FRAMES[Math.floor(performance.now() / FRAME_MS) % FRAMES.length] ?? "";
    const text = lines.map((text, at) => `${at === 0 ? colours.cyan(frame) : " "} ${text}`).join("\n");
    erase();
    print(text);
    shown = lines.length;
  };
  const aside = (write: () => void) => {
    erase();
    write();
    if (running.size > 0) draw();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    running.clear();
    erase();
  };
  return {
    step(title, unit, { passing = false } = {}) {
      const made = makeStep(title, unit, () => {}, (step, summary, succeeded) => {
        running.delete(step);
        if (running.size === 0) stop();
        if (passing) return;
        const mark = succeeded ? colours.green("✓") : colours.dim("·"); // one that was only disposed may have failed
        const end = ending(step, summary);
        const lines = displayWidth(title + end) <= columns() - 2
          ? [`${title}${colours.dim(end)}`]
          : wrap(title + end.replace(/\([^()]*\)$/, (took) => took.replaceAll(" ", UNBROKEN)), columns() - 2);
        aside(() => print(`${mark} ${lines.join("\n  ")}\n`));
      });
      running.add(made.running);
      if (timer === undefined) {
        timer = setInterval(draw, FRAME_MS);
        Deno.unrefTimer(timer);
      }
      draw();
      return made.step;
    },
    note: (text) => aside(() => print(`${wrapIndented(text, columns()).join("\n")}\n`)),
    warn: (text) =>
      aside(() => print(`${wrap(`Warning: ${text}`, columns()).map(colours.yellow).join("\n")}\n`)),
    aside,
    [Symbol.dispose]: stop,
  };
}

/** A running step on one line of the terminal; without room the bar is left out first. */
function line(step: Running, width: number, colours: Colours): string {
  const numbers = numbersOf(step);
  const { title, ms } = numbers;
  const more = progressText(numbers) || (ms > 2_000 ? formatDuration(Math.floor(ms / 1000) * 1000) : "");
  const whole = [progressBar(numbers), more].filter(Boolean).join("  ");
  const rest = [whole, more].find((text) => displayWidth(title) + 2 + displayWidth(text) <= width) ?? more;
  const shown = shorten(title, Math.max(20, width - displayWidth(rest) - 2));
  return shorten(rest ? `${shown}  ${colours.dim(rest)}` : shown, width);
}
