/** Which process on which machine holds something, so that what a killed one left is known to be nobody's. */

import { hostname } from "node:os";

export interface Holder {
  host: string;
  /** Changes with each boot of the machine, so that a process number is never mistaken after one. */
  boot: string;
  pid: number;
  /** The process's start in clock ticks since boot (field 22 of /proc/PID/stat). */
  start: string;
}

/** Whether a value that was read from somewhere tells a holder. */
export const isHolder = (value: unknown): value is Holder =>
  typeof value === "object" && value !== null &&
  ["host", "boot", "start"].every((key) => typeof (value as Record<string, unknown>)[key] === "string") &&
  typeof (value as Record<string, unknown>).pid === "number";

export function thisProcess(): Holder {
  return { host: hostname(), boot: bootId(), pid: Deno.pid, start: startOf(Deno.pid) ?? "" };
}

/** True only where it is sure: the holder ran on this machine, and no longer does. */
export function isGone(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  if (holder.boot !== bootId()) return true;
  return startOf(holder.pid) !== holder.start;
}

export const holderName = (holder: Holder): string => `process ${holder.pid} on ${holder.host}`;

function bootId(): string {
  return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
}

function startOf(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined; // no such process
    throw error;
  }
}
