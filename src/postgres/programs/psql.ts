/**
 * One psql on a pipe that stays open: the only client that understands what pg_restore writes (`\restrict`, COPY data),
 * used for the restoring transaction. Queries are answered in between; a line of its own ends each answer.
 * AUTOCOMMIT is off: all of it is one transaction until a COMMIT, and without one nothing is changed.
 */

import { DrillError } from "../../base/errors.ts";
import { startTool, type Tool } from "../../base/process/processes.ts";
import type { Bytes } from "../../base/streams.ts";
import { connectionEnvironment, type Database } from "../connection/database.ts";
import { cause, classifyMessages } from "./message_classes.ts";
import type { Programs } from "./programs.ts";
import { serverProblemOf } from "./server_problems.ts";
import { collectMessages, type ToolMessages } from "./tool_messages.ts";
import { KNOWS_TRANSACTION_TIMEOUT_SQL, withoutTransactionTimeout } from "./script_head.ts";
import type { Ask } from "../connection/session.ts";

interface Psql extends AsyncDisposable {
  /** Runs statements. @throws DrillError `RESTORE_FAILED` with the server's words when one fails; the transaction is then gone. */
  run(sql: string): Promise<void>;
  /** Runs one query and returns its one JSON value. */
  ask: Ask;
  /**
   * Feeds a script; what it prints is thrown away. Ends when psql has read and run all of it.
   * @throws DrillError `RESTORE_FAILED` where the server reported that something was not loaded, though no statement failed.
   */
  feed(script: AsyncIterable<Bytes>): Promise<void>;
  /** Ends the session; whatever transaction is open rolls back. Disposing does the same. */
  close(): Promise<void>;
}

/** Starts psql and waits until it is connected. @throws DrillError `DATABASE_UNREACHABLE` or what the server said. */
export async function startPsql(database: Database, programs: Programs, signal: AbortSignal): Promise<Psql> {
  const messages = collectMessages();
  const tool = startTool(programs.psql, {
    args: [
      "--no-psqlrc",
      "--no-password",
      "--quiet",
      "--tuples-only",
      "--no-align",
      "--set=ON_ERROR_STOP=1",
      "--set=AUTOCOMMIT=off",
      // a DETAIL or a CONTEXT quotes rows: password hashes, keys. They must not come into a message or a report.
      "--set=VERBOSITY=terse",
      "--set=SHOW_CONTEXT=never",
    ],
    env: connectionEnvironment(database),
    stdin: "piped",
    onStderr: messages.take,
    signal,
  });
  const psql = conversation(tool, messages, database, signal);
  try {
    await psql.run("SET statement_timeout = 0"); // one that the server has for this login is for the ERP's pages
    if (await psql.ask<boolean>(KNOWS_TRANSACTION_TIMEOUT_SQL)) return psql;
    return { ...psql, feed: (script) => psql.feed(withoutTransactionTimeout(script)) };
  } catch (error) {
    await psql[Symbol.asyncDispose]();
    throw error;
  }
}

function conversation(tool: Tool, messages: ToolMessages, database: Database, signal: AbortSignal): Psql {
  const writer = tool.stdin.getWriter();
  const lines = readLines(tool.stdout);
  let closed = false;

  async function failure(): Promise<unknown> {
    tool.kill("SIGTERM"); // it has ended or is about to: make sure, then read why
    await tool.ended;
    if (signal.aborted) return signal.reason;
    return serverError(database, cause(messages.text()) ?? "psql gave no reason");
  }

  async function send(bytes: Uint8Array): Promise<void> {
    try {
      await writer.write(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe || error instanceof TypeError) throw await failure();
      throw error;
    }
  }

  /** All lines up to one that nothing else can print. */
  async function answerTo(sql: string): Promise<string[]> {
    const end = crypto.randomUUID();
    await send(new TextEncoder().encode(`${sql}\n\\echo ${end}\n`));
    const answer: string[] = [];
    while (true) {
      const { value, done } = await lines.next();
      if (done) throw await failure();
      if (value === end) return answer;
      answer.push(value);
    }
  }

  return {
    async run(sql) {
      await answerTo(`\\o /dev/null\n${sql}\n;\n\\o`);
    },
    async ask<T>(sql: string): Promise<T> {
      const answer = await answerTo(`${sql}\n;`);
      return JSON.parse(answer.join("\n")) as T;
    },
    async feed(script) {
      await answerTo("\\o /dev/null");
      messages.text(); // those of earlier statements
      for await (const chunk of script) await send(chunk);
      const end = crypto.randomUUID();
      await answerTo(`\\o\n\\warn ${end}`);
      await Promise.race([messages.until(end), tool.ended]);
      refuseLosses(database, messages.text());
    },
    async close() {
      if (closed) return;
      closed = true;
      await writer.close().catch(() => undefined); // psql may be gone already
      await lines.return(undefined);
      await tool[Symbol.asyncDispose]();
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

async function* readLines(stream: ReadableStream<Bytes>): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** @throws DrillError `RESTORE_FAILED` naming the first loss. */
function refuseLosses(database: Database, stderr: string): void {
  const losses = classifyMessages(stderr).filter(({ meaning }) => meaning !== "harmless");
  if (losses.length === 0) return;
  throw new DrillError(
    "RESTORE_FAILED",
    `Cannot load all of the dump into ${database.name}: ${losses[0]!.line}`,
    "No statement failed, but the server reported that something was not loaded. The transaction was rolled back: nothing was changed.",
    { details: losses.slice(0, 10).map(({ line }) => line) },
  );
}

function serverError(database: Database, message: string): DrillError {
  const reason = message.replace(/^psql:[^:]*:\d+: /, "");
  const { code, hint } = serverProblemOf(reason) ?? { code: "RESTORE_FAILED" as const, hint: "" };
  return new DrillError(
    code,
    `Cannot work in ${database.name}: ${reason}`,
    `The transaction was rolled back: nothing was changed. ${hint}`.trim(),
  );
}
