/** A mail server and a web address that only receive what an ERP sends. */

export interface MailSink extends AsyncDisposable {
  port: number;
  /** What was delivered since it was last asked: the recipients and the text of each mail. */
  taken(): { to: string[]; text: string }[];
}

/** A mail server that accepts every mail, without a login (RFC 5321, as much as a sender needs). */
export function startMailSink(): MailSink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let mails: { to: string[]; text: string }[] = [];
  const conversations = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const connection of listener) {
      const one = converse(connection, (mail) => mails.push(mail))
        .catch(() => undefined) // a sender that disconnects has delivered nothing
        .finally(() => conversations.delete(one));
      conversations.add(one);
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    taken() {
      const all = mails;
      mails = [];
      return all;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      await Promise.all(conversations);
    },
  };
}

async function converse(
  connection: Deno.Conn,
  deliver: (mail: { to: string[]; text: string }) => void,
): Promise<void> {
  using _connection = connection;
  const say = (line: string) => connection.write(new TextEncoder().encode(line + "\r\n"));
  await say("220 sink.invalid ESMTP");
  let to: string[] = [];
  let text: string[] | undefined;
  let rest = "";
  for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (text && line !== ".") text.push(line);
      else if (text) {
        deliver({ to, text: text.join("\n") });
        [to, text] = [[], undefined];
        await say("250 taken");
      } else if (/^DATA$/i.test(line)) {
        text = [];
        await say("354 go on");
      } else if (/^QUIT$/i.test(line)) {
        await say("221 bye");
        return;
      } else {
        const recipient = /^RCPT TO:\s*<([^>]*)>/i.exec(line)?.[1];
        if (recipient !== undefined) to.push(recipient);
        await say("250 ok");
      }
    }
  }
}

export interface WebSink extends AsyncDisposable {
  url: string;
  /** The bodies that were sent to it since it was last asked. */
  taken(): string[];
}

/** A web address that answers 200 to everything. */
export function startWebSink(): WebSink {
  let bodies: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    bodies.push(await request.text());
    return new Response("taken");
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/hook`,
    taken() {
      const all = bodies;
      bodies = [];
      return all;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
