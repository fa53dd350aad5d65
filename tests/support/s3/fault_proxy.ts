/**
 * What may stand between us and an S3 service: it passes requests on (with their Host header, which is signed) and does
 * to some of them what a test says. One request a connection, so that none hides behind another.
 */

export interface ProxiedRequest {
  method: string;
  /** With its query: `/bucket/erp/prod/db/a.dump?partNumber=1&uploadId=...` */
  path: string;
  headers: Headers;
}

/** What happens to one request. Positions count the bytes of a body. */
export type Fault =
  | { fault: "cut the request"; after: number }
  | { fault: "flip in the request"; at: number }
  /** A slow line: 64 KiB at a time, with a pause after each. */
  /** `ms`: for each 64 KiB. `onPause` gets what each pause was. */
  | { fault: "take slowly"; ms: number; onPause?: (ms: number) => void }
  | { fault: "never answer" }
  | { fault: "answer late"; ms: number }
  | { fault: "lose the answer" }
  | { fault: "cut the answer"; after: number }
  | { fault: "stall the answer"; after: number }
  | { fault: "flip in the answer"; at: number }
  /** Also its Content-Length: as if the object were no longer. */
  | { fault: "shorten the answer"; to: number }
  /** The service never sees it: `status` and a code, as the service itself would say it. */
  | { fault: "answer"; status: number; code: string }
  /** The service never sees it: what is answered is up to the test. */
  | {
    fault: "instead";
    answer: (request: ProxiedRequest, body: Uint8Array<ArrayBuffer>) => Promise<Response>;
  };

export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Every request so far: `PUT /bucket/key?query`. */
  readonly requests: string[];
  /** Asked for each request from now on; it may count. */
  on(choose: (request: ProxiedRequest) => Fault | undefined): void;
}

/** Starts one in front of `upstream`, an `http://` address. */
export function startFaultProxy(upstream: string): FaultProxy {
  const { hostname, port } = new URL(upstream);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const requests: string[] = [];
  let choose: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  let over = false;
  const serve = async (client: Deno.Conn) => {
    const connect = async () => tracked(await Deno.connect({ hostname, port: Number(port) }));
    const tracked = (connection: Deno.Conn) => {
      open.add(connection);
      return connection;
    };
    tracked(client);
    const opened = [client];
    try {
      const message = await readHead(client);
      if (!message) return;
      const [method = "", path = ""] = message.lines[0]!.split(" ");
      const request = { method, path, headers: message.headers };
      requests.push(`${method} ${path}`);
      await handle(client, message, request, choose(request), async () => {
        const server = await connect();
        opened.push(server);
        return server;
      });
    } catch (error) {
      if (!isGone(error)) throw error;
    } finally {
      for (const connection of opened) closeQuietly(connection, open);
    }
  };
  const serving: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const client of listener) serving.push(serve(client));
  })();
  return {
    endpoint: `http://127.0.0.1:${listener.addr.port}`,
    requests,
    on: (other) => choose = other,
    async [Symbol.asyncDispose]() {
      if (over) return;
      over = true;
      listener.close();
      for (const connection of [...open]) closeQuietly(connection, open);
      await accepting;
      await Promise.allSettled(serving);
    },
  };
}

const GO_ON = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

async function handle(
  client: Deno.Conn,
  message: Message,
  request: ProxiedRequest,
  fault: Fault | undefined,
  connect: () => Promise<Deno.Conn>,
): Promise<void> {
  const waits = message.headers.has("expect"); // the client sends its body after 100 Continue
  if (fault?.fault === "instead") {
    if (waits) await write(client, GO_ON);
    return await respond(client, await fault.answer(request, await whole(message.body)));
  }
  if (fault?.fault === "answer") {
    if (!waits) await whole(message.body);
    const { status, code } = fault;
    const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
    return await respond(
      client,
      new Response(text, { status, headers: { "content-type": "application/xml" } }),
    );
  }
  const server = await connect();
  await write(server, headOf(message.lines));
  if (waits) {
    const first = await readHead(server);
    if (!first) return;
    if (!first.lines[0]!.includes(" 100 ")) return await passHead(client, first, fault);
    await write(client, GO_ON);
  }
  let refused = false; // the service has answered before it read all, and reads no more
  let at = 0;
  for await (const chunk of message.body) {
    if (fault?.fault === "cut the request" && at + chunk.length > fault.after) {
      return await write(server, chunk.subarray(0, fault.after - at));
    }
    if (fault?.fault === "flip in the request") flip(chunk, fault.at - at);
    at += chunk.length;
    if (fault?.fault === "take slowly") {
      const ms = fault.ms * chunk.length / 65_536;
      await pause(ms);
      fault.onPause?.(ms);
    }
    if (!refused) await write(server, chunk).catch(() => refused = true);
  }
  if (fault?.fault === "never answer") return await untilClosed(client);
  if (fault?.fault === "answer late") await pause(fault.ms);
  await passAnswer(client, server, fault);
}

async function passAnswer(client: Deno.Conn, server: Deno.Conn, fault: Fault | undefined): Promise<void> {
  const answer = await readHead(server);
  if (!answer || fault?.fault === "lose the answer") return;
  await passHead(client, answer, fault);
}

async function passHead(client: Deno.Conn, answer: Message, fault: Fault | undefined): Promise<void> {
  const shorter = fault?.fault === "shorten the answer" ? fault.to : Infinity;
  await write(
    client,
    headOf(answer.lines.map((line) => {
      const length = /^content-length: (\d+)$/i.exec(line)?.[1];
      return length !== undefined && Number(length) > shorter ? `Content-Length: ${shorter}` : line;
    })),
  );
  let at = 0;
  for await (const chunk of answer.body) {
    const end = fault?.fault === "cut the answer" || fault?.fault === "stall the answer"
      ? fault.after
      : shorter;
    if (at + chunk.length > end) {
      await write(client, chunk.subarray(0, end - at));
      return fault?.fault === "stall the answer" ? await untilClosed(client) : undefined;
    }
    if (fault?.fault === "flip in the answer") flip(chunk, fault.at - at);
    at += chunk.length;
    await write(client, chunk);
  }
}

interface Message {
  /** The first line and the headers. */
  lines: string[];
  headers: Headers;
  /** To Content-Length, else until the other side closes. */
  body: AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
}

async function readHead(connection: Deno.Conn): Promise<Message | undefined> {
  let bytes = new Uint8Array(0);
  while (true) {
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const lines = text.slice(0, end).split("\r\n");
      const headers = new Headers(
        lines.slice(1).map((line) => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
        }),
      );
      const isRequest = !text.startsWith("HTTP/");
      const length = Number(headers.get("content-length") ?? (isRequest ? 0 : Infinity));
      return { lines, headers, body: bodyOf(connection, bytes.slice(end + 4), length) };
    }
    const buffer = new Uint8Array(64 * 1024);
    const read = await connection.read(buffer);
    if (read === null) return undefined;
    const joined = new Uint8Array(bytes.length + read);
    joined.set(bytes);
    joined.set(buffer.subarray(0, read), bytes.length);
    bytes = joined;
  }
}

async function* bodyOf(connection: Deno.Conn, first: Uint8Array<ArrayBuffer>, length: number) {
  let left = length;
  for (let chunk: Uint8Array<ArrayBuffer> | null = first; chunk !== null;) {
    left -= chunk.length;
    if (chunk.length > 0) yield chunk;
    if (left <= 0) return;
    const buffer: Uint8Array<ArrayBuffer> = new Uint8Array(256 * 1024);
    const read: number | null = await connection.read(buffer);
    chunk = read === null ? null : buffer.subarray(0, read);
  }
}

/** With the header that closes the connection after this request. */
const headOf = (lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(
    [...lines.filter((line) => !/^(connection|keep-alive):/i.test(line)), "Connection: close", "", ""].join(
      "\r\n",
    ),
  );

async function respond(client: Deno.Conn, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  const lines = [`HTTP/1.1 ${response.status} X`, ...[...response.headers].map((pair) => pair.join(": "))];
  await write(client, headOf([...lines, `Content-Length: ${body.length}`]));
  await write(client, body);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function flip(chunk: Uint8Array, at: number): void {
  if (at >= 0 && at < chunk.length) chunk[at]! ^= 1;
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

async function whole(body: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(ReadableStream.from(body)).arrayBuffer());
}

async function untilClosed(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  while (await connection.read(buffer) !== null) { /* nothing is answered */ }
}

/** One of the two sides has closed: that is what faults are about. */
const isGone = (error: unknown): boolean =>
  error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
  error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
  error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.NotConnected;

function closeQuietly(connection: Deno.Conn, open: Set<Deno.Conn>): void {
  if (open.delete(connection)) connection.close();
}
