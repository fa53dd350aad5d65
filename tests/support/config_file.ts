/** A whole configuration file for tests, and a folder for its broken versions. */

/** Right from end to end; a test breaks one thing of it. */
export const GOOD_CONFIG = `
store:
  url: s3://company-backup/erp
  endpoint: https://storage.example.org
  access_key: env:DRILL_TEST_KEY
  secret_key: file:secret_key
environments:
  prod:
    database: { host: db.example.org, port: 5432, name: erp, owner: erp_role, user: env:DRILL_TEST_USER, password: env:DRILL_TEST_PASSWORD }
    documents: /var/www/documents
    web: { url: https://erp.example.org }
    workload: { kubernetes: { namespace: erp, deployment: erp, argocd: argocd/erp } }
  sandbox:
    disposable: true
    database: { host: db.example.org, name: erp-sandbox, owner: erp_sandbox_role, user: sandbox, password: kubernetes:erp/db/password }
    documents: /srv/sandbox/documents/
    web: { url: https://sandbox.example.org/, user: tester, password: env:DRILL_TEST_WEB }
    workload: { command: { stop: [systemctl, stop, erp], start: [systemctl, start, erp] } }
drill: { from: prod, into: sandbox }
`.trimStart();

/** Where the files of this test file lie; gone when it ends. */
export const folder = Deno.makeTempDirSync({ prefix: "drill-config-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** Writes a configuration and returns its path. */
export async function writeConfig(text: string): Promise<string> {
  const file = `${folder}/${crypto.randomUUID()}.yaml`;
  await Deno.writeTextFile(file, text);
  return file;
}
