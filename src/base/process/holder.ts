/** Which process on which machine holds something, so that what a killed process left can be cleaned up. */

import { hostname } from "node:os";

export interface Holder {
  host: string;
  /** Changes with each boot of the machine: process numbers are used again after one. */
  boot: string;
  pid: number;
  /** The process's start in clock ticks since boot (field 22 of /proc/PID/stat). */
  start: string;
  /**
   * What /etc/machine-id says; empty where there is none, as in most containers. Two machines may have one hostname.
   * Absent in what an earlier version wrote.
   */
  machine?: string;
  /** The number of the PID namespace: in another one, as in another container, the same number is another process. */
  namespace?: string;
}

/** Whether a value that was read is a holder. */
export function isHolder(value: unknown): value is Holder {
  if (typeof value !== "object" || value === null) return false;
  const { host, boot, start, pid, machine = "", namespace = "" } = value as Record<string, unknown>;
  return [host, boot, start, machine, namespace].every((one) => typeof one === "string") &&
    typeof pid === "number";
}

export const thisProcess = (): Required<Holder> => ({
  host: hostname(),
  boot: bootId(),
  pid: Deno.pid,
  start: startOf(Deno.pid) ?? "",
  machine: machineId(),
  namespace: namespaceId(),
});

/**
 * True only where it is certain: the holder ran on this machine, in this PID namespace, and no longer does. False where
 * that cannot be known, as of a process in a container that is gone.
 */
export function isGone(holder: Holder, here: Required<Holder> = thisProcess()): boolean {
  const { host, boot, pid, start, machine = "", namespace = "" } = holder;
  if (host !== here.host || machine !== here.machine || namespace !== here.namespace) return false;
  if (boot === "" || here.boot === "") return false; // one of the two runs was not allowed to know it
  // without a machine-id another boot may be another machine of that name
  if (boot !== here.boot) return machine !== "";
  return startOf(pid) !== start;
}

export const holderName = (holder: Holder): string => `process ${holder.pid} on ${holder.host}`;

/** Empty where this run may not read it: Deno lets only a run with all permissions read what lies in /proc. */
function bootId(): string {
  try {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "";
    throw error;
  }
}

/** 32 hexadecimal digits; in an image that was never booted it is `uninitialized`. */
function machineId(): string {
  try {
    const text = Deno.readTextFileSync("/etc/machine-id").trim();
    return /^[0-9a-f]{32}$/.test(text) ? text : "";
  } catch {
    return ""; // it does not exist, or may not be read
  }
}

/** The digits of `pid:[4026531836]`. The first namespace has that same number on every machine. */
function namespaceId(): string {
  try {
    return /\d+/.exec(Deno.readLinkSync("/proc/self/ns/pid"))?.[0] ?? "";
  } catch {
    return ""; // a kernel without namespaces
  }
}

function startOf(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch (error) {
    // no such process, or a run that may not read it
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
