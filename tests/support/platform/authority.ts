/** A company's own certificate authority, and web servers with certificates of it: made by openssl, in a folder. */

export interface Authority {
  /** Its certificate's file, and what stands there. */
  file: string;
  pem: string;
  /** A server's certificate for `name`, `IP:127.0.0.1` or `DNS:erp.example`; with -1 days it has expired. Of a client: its login. */
  sign(name: string, days?: number, commonName?: string): Promise<{ cert: string; key: string }>;
}

/** With -1 days it has expired itself. */
export async function makeAuthority(folder: string, days = 2): Promise<Authority> {
  const own = `${folder}/${crypto.randomUUID()}`;
  const extensions = (file: string, text: string) => Deno.writeTextFile(`${file}.ext`, text);
  await extensions(own, "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n");
  await request(own, "Example Company Root");
  await sign(own, days, "-signkey", `${own}.key`);
  return {
    file: `${own}.pem`,
    pem: await Deno.readTextFile(`${own}.pem`),
    async sign(name, days = 1, commonName = "erp") {
      const file = `${folder}/${crypto.randomUUID()}`;
      await extensions(file, `subjectAltName=${name}\nextendedKeyUsage=serverAuth,clientAuth\n`);
      await request(file, commonName);
      await sign(file, days, "-CA", `${own}.pem`, "-CAkey", `${own}.key`, "-CAcreateserial");
      return { cert: await Deno.readTextFile(`${file}.pem`), key: await Deno.readTextFile(`${file}.key`) };
    },
  };
}

/** A web server on this machine with that certificate. */
export function serveTls(
  certificate: { cert: string; key: string },
  handler: (request: Request) => Response | Promise<Response>,
): AsyncDisposable & { url: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...certificate }, handler);
  return {
    url: `https://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const request = (file: string, name: string) =>
  openssl(
    ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", `${file}.key`, "-out", `${file}.csr`, "-subj", `/O=Example/CN=${name}`],
  );

const sign = (file: string, days: number, ...by: string[]) =>
  openssl(
    ...["x509", "-req", "-in", `${file}.csr`, "-out", `${file}.pem`, "-days", String(days)],
    ...["-extfile", `${file}.ext`, ...by],
  );

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, stdin: "null" }).output();
  if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
