/** Dolibarr's own actions, done by its own PHP classes on a lab's production, in one transaction that is never committed. */

import type { Session } from "../../../src/postgres/connection/session.ts";

/** A process of PHP that does one thing after the other. Disposing undoes all of it, unless it stays. */
export interface DolibarrActs extends AsyncDisposable {
  /** What the action returns, most often the id of what it made. Throws what Dolibarr says where it refuses. */
  act<T = number>(name: string, given?: unknown): Promise<T>;
  /** PHP's own session: what it sees is not committed. */
  session: Session;
  /** Does that, and puts the database back to what it was before. */
  undone<T>(does: () => Promise<T>): Promise<T>;
}

export interface ActsOptions {
  /** PHP's time zone; without it UTC. */
  zone?: string;
  /** What is done stays, in this entity: its disposal commits it. */
  stays?: { entity: number };
}

/** Starts it. Webhooks are off: they lead to nowhere. */
export async function startActs(
  { folder }: { folder: string },
  { zone = "UTC", stays }: ActsOptions = {},
): Promise<DolibarrActs> {
  const php = new Deno.Command("php", {
    args: [
      ...["-d", "display_errors=stderr", "-d", "memory_limit=1G", "-d", `date.timezone=${zone}`],
      new URL("./acts/loop.php", import.meta.url).pathname,
      `${folder}/prod/htdocs`,
      ...(stays ? [`${stays.entity}`] : []),
    ],
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  const told = new Response(php.stderr).text();
  const lines = linesOf(php.stdout);
  const input = php.stdin.getWriter();

  async function ask<T>(question: unknown): Promise<T> {
    await input.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
    for (let line; (line = (await lines.next()).value) !== undefined;) {
      if (!line.startsWith("@")) continue; // a page of Dolibarr
      const { value, error } = JSON.parse(line.slice(1));
      if (error !== undefined) throw new Error(`${JSON.stringify(question).slice(0, 200)}: ${error}`);
      return value;
    }
    throw new Error(`PHP ended: ${(await told).slice(-2000)}`);
  }

  const query: Session["query"] = (sql, parameters = []) => ask({ sql, parameters });
  const act = <T>(name: string, given: unknown = {}) => ask<T>({ act: name, with: given });
  let points = 0;
  const acts: DolibarrActs = {
    act,
    session: {
      encryption: { plain: "socket" },
      query,
      ask: async <T>(sql: string) => Object.values((await query(sql))[0] ?? {})[0] as T,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    async undone(does) {
      const point = `case_${++points}`;
      await act("begin", { point });
      try {
        return await does();
      } finally {
        await act("undo", { point });
      }
    },
    async [Symbol.asyncDispose]() {
      await input.close();
      const { success } = await php.status;
      const words = await told;
      if (stays && !success) throw new Error(`PHP did not commit: ${words.slice(-2000)}`);
    },
  };
  await act("webhooksOff");
  return acts;
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  return undefined;
}
