/** Ports of a lab: free ones, kept from one start to the next. */

export interface Ports {
  postgres: number;
  pooler: number;
  prod: number;
  sandbox: number;
}

const NAMES = ["postgres", "pooler", "prod", "sandbox"] as const;

/**
 * The ports of the next start: the ones of the last start as far as they are still free, and new ones for the rest.
 * No two are the same.
 */
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

/** A port that nobody listens on now; the system chooses it. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether a server could listen on this port of the loopback address. */
export function isFreePort(port: number): boolean {
  try {
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/** Whether something accepts connections there now. */
export async function answersOn(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false; // refused or reset: nobody is there yet, and the caller asks again
  }
}
