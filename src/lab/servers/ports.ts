/** The ports of a lab: free ones, which stay the same from one start to the next. */

export interface Ports {
  postgres: number;
  pooler: number;
  prod: number;
  sandbox: number;
}

const NAMES = ["postgres", "pooler", "prod", "sandbox"] as const;

/** The ports of the next start: those of the last start that are still free, and new ones for the rest; all different. */
export function choosePorts(
  last: Partial<Ports>,
  isFree: (port: number) => boolean,
  findFree: () => number,
): Ports {
  const taken = new Set<number>();
  const choose = (port: number | undefined): number => {
    let chosen = port !== undefined && !taken.has(port) && isFree(port) ? port : findFree();
    while (taken.has(chosen)) chosen = findFree();
    taken.add(chosen);
    return chosen;
  };
  return Object.fromEntries(NAMES.map((name) => [name, choose(last[name])])) as unknown as Ports;
}

/** A port that is free now, chosen by the system. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether this port of the loopback address is free. */
export function isFreePort(port: number): boolean {
  try {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/** Whether a server accepts connections on this port. */
export async function isListening(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false; // refused or reset: not yet, and the caller asks again
  }
}
