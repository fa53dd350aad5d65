/** Tells of a service that does not answer while it is tried, so that nobody waits for a minute before an empty screen. */

import { formatDuration } from "../../../base/numbers.ts";

export interface SilenceLimits {
  /** In ms: when it is told first, and how often after that. */
  isTold: number;
  isToldAgain: number;
}

/** One for all requests to a service: they fail together. Disposing ends it. */
export interface Silence extends Disposable {
  /** Something was asked at `since` (of `performance.now()`), and there is no answer yet. */
  began(since: number): void;
  /** It has answered. */
  ended(): void;
}

/** @param tell takes a line for a person. */
export function watchSilence(name: string, limits: SilenceLimits, tell: (line: string) => void): Silence {
  let since: number | undefined;
  let wasTold = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forHowLong = () => formatDuration(Math.floor((performance.now() - since!) / 1000) * 1000);
  const next = (ms: number) => {
    timer = setTimeout(() => {
      wasTold = true;
      tell(`${name} does not answer, for ${forHowLong()} by now; trying again`);
      next(limits.isToldAgain);
    }, ms);
    Deno.unrefTimer(timer);
  };
  const stop = () => {
    clearTimeout(timer);
    since = undefined;
  };
  return {
    began(at) {
      if (since !== undefined) return;
      since = at;
      next(Math.max(0, limits.isTold - (performance.now() - at)));
    },
    ended() {
      if (since !== undefined && wasTold) tell(`${name} answers again, after ${forHowLong()}`);
      wasTold = false;
      stop();
    },
    [Symbol.dispose]: stop,
  };
}
