/** A configuration for a verb that reads a store and opens no environment. */

/** Writes it to `file`. @returns its path */
export async function configFor(
  file: string,
  store: { url: string; endpoint?: string },
): Promise<string> {
  const keys = store.endpoint
    ? `, endpoint: "${store.endpoint}", access_key: env:ACCESS_KEY, secret_key: env:SECRET_KEY`
    : "";
  const database = (name: string) =>
    `{ host: 127.0.0.1, port: 1, name: ${name}, owner: ${name}, user: ${name}, password: env:DB_PASSWORD }`;
  await Deno.writeTextFile(
    file,
    `
store: { url: "${store.url}"${keys} }
environments:
  prod: { database: ${database("erp")}, documents: /nowhere/prod, web: { url: https://erp.example } }
  sandbox: { disposable: true, database: ${
      database("practice")
    }, documents: /nowhere/sandbox, web: { url: https://practice.example } }
drill: { from: prod, into: sandbox }
state: ${file}.states
`,
  );
  return file;
}
