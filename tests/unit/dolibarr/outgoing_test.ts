import { assertEquals, assertGreater } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countCalls, unknownCalls } from "../../../src/dolibarr/outgoing/count.ts";
import { type Kind, OUTGOING } from "../../../src/dolibarr/outgoing/kinds.ts";
import { KNOWN_CALLS } from "../../../src/dolibarr/outgoing/known.ts";
import { callsNotRead, searchCode } from "../../../src/dolibarr/outgoing/search.ts";
import { findLocalDolibarr } from "../../../src/lab/dolibarr/release.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { whyNoDolibarr } from "../../support/lab/lab.ts";

/** A call of each kind, and what only looks like one. */
const CALLS: Record<Kind, [call: string, none: string]> = {
  url: ["$a = getURLContent($url);", "$a = getURLContents($url);"],
  curl: ["$c = curl_init();", "curl_close($c);"],
  stream: ["file_get_contents('https://example.org/rates')", "file_get_contents($dir.'/rates.xml')"],
  client: ["new \\GuzzleHttp\\Client()", "new Client($db)"],
  socket: ["$fp = fsockopen($host, 25);", "$this->fsockopen_error = 1;"],
  soap: ["new SoapClient($wsdl)", "new SoapFault('x')"],
  mail: ["$ok = mail($to, $subject, $text);", "$this->mail($to); sendmail($to);"],
  smtp: ["new SMTPs()", "$smtps = null;"],
  imap: ["imap_open($mailbox, $login, $pass)", "imap_close($c)"],
  ldap: ["ldap_connect($host)", "ldap_bind($c)"],
  ftp: ["ftp_connect($host)", "ftp_get($c, 'a', 'b')"],
  stripe: ["\\Stripe\\Charge::create($all)", "\\Stripe\\Stripe::setApiKey($key)"],
  oauth: ["$api->requestAccessToken($code)", "$api->getAccessToken()"],
  printer: ["new NetworkPrintConnector($host, 9100)", "new DummyPrintConnector()"],
  cache: ["new Memcached()", "$memcached->get('a')"],
  database: ["getDoliDBInstance('mysqli', $host)", "$db->query('SELECT 1')"],
  dns: ["checkdnsrr($domain, 'MX')", "$dns = 1;"],
  browser: [`print '<script src="https://cdn.example/x.js">';`, `print '<img src="'.$url.'">';`],
  process: ["shell_exec($command)", "$this->shell_exec = 1; $query.exec(text)"],
};

describe("places in code that ask other machines", () => {
  for (const kind of Object.keys(OUTGOING) as Kind[]) {
    it(`are known by their kind: ${kind}`, () => {
      const [call, none] = CALLS[kind];
      const file = "custom/shop/lib.php";
      assertEquals(countCalls(file, `<?php ${call}\n${call}`), [{ file, kind, count: 2 }]);
      assertEquals(countCalls(file, `<?php ${none}`), []);
      assertEquals(countCalls(file, `<?php // ${call}\n# ${call}\n/* ${call}\n*/`), []);
    });
  }

  it("are new where there is another file, another kind, or one more of a kind", () => {
    const [file, other] = ["core/a.php", "custom/b.php"];
    const known = [{ file, kind: "url", count: 2 }] as const;
    assertEquals(unknownCalls([{ file, kind: "url", count: 2 }], known), []);
    assertEquals(unknownCalls([{ file, kind: "url", count: 1 }], known), []);
    assertEquals(unknownCalls([{ file, kind: "url", count: 3 }], known), [{ file, kind: "url", count: 1 }]);
    assertEquals(unknownCalls([{ file, kind: "curl", count: 1 }], known), [{ file, kind: "curl", count: 1 }]);
    assertEquals(unknownCalls([{ file: other, kind: "url", count: 1 }], known).length, 1);
  });

  it("are looked for in code of a company's own, and not in libraries", async () => {
    await using folder = await temporaryFolder();
    const call = "<?php curl_init();";
    for (const path of ["custom/shop/lib.php", "includes/lib.php", "custom/shop/readme.txt"]) {
      await Deno.mkdir(`${folder.path}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      await Deno.writeTextFile(`${folder.path}/${path}`, call);
    }
    assertEquals(await searchCode(folder.path), {
      files: 1,
      calls: [{ file: "custom/shop/lib.php", kind: "curl", count: 1 }],
    });
  });
});

describe("places in Dolibarr 22.0.4 that ask other machines", { skip: await whyNoDolibarr() }, () => {
  it("are those that were read, each of a kind that the rules of neutralising close", async () => {
    const { named, cached } = findLocalDolibarr();
    const { home } = named ?? cached;
    const found = await searchCode(home);
    assertGreater(found.files, 2_000);
    const missing = unknownCalls(KNOWN_CALLS, found.calls);
    assertEquals(missing, [], "it was read, and is not there");
    const own = await ownFiles(home);
    assertEquals(callsNotRead(found).filter(({ file }) => own.has(file)), []);
  });
});

/** The files that are as Dolibarr's own list has them: a copy of it may have strangers' files, and changes of theirs. */
async function ownFiles(home: string): Promise<Set<string>> {
  const { createHash } = await import("node:crypto");
  const list = await Deno.readTextFile(`${home}/install/filelist-22.0.4.xml`);
  const own = new Set<string>();
  let folder = "";
  for (
    const [, dir, name, md5] of list.matchAll(/<dir name="([^"]*)"|<md5file name="([^"]*)"[^>]*>([0-9a-f]+)/g)
  ) {
    if (dir !== undefined) folder = dir;
    else if (name!.endsWith(".php")) {
      const file = `${folder}/${name}`.replace(/^\/+/, "");
      const bytes = await Deno.readFile(`${home}/${file}`).catch(() => undefined);
      if (bytes && createHash("md5").update(bytes).digest("hex") === md5) own.add(file);
    }
  }
  return own;
}
