/** A web address whose certificate a company's own authority has signed, and such as must not be trusted. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { OwnFolder } from "../../../src/base/own_folder.ts";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import { openEnvironment } from "../../../src/cli/command/clients.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { openBrowser, openErp } from "../../../src/dolibarr/pages/visit/browser.ts";
import { makeBrowserHome } from "../../../src/dolibarr/pages/visit/browser_home.ts";
import { fetchServedFile } from "../../../src/dolibarr/pages/served_files.ts";
import { visit } from "../../../src/dolibarr/pages/visit/visit.ts";
import { localWorkload } from "../../../src/platform/local/commands.ts";
import { type Authority, makeAuthority, serveTls } from "../../support/platform/authority.ts";
import { temporaryFolder } from "../../support/folder.ts";

type Kind = "right" | "unknown" | "misnamed" | "expired";
const REFUSED: [Kind, RegExp][] = [
  [
    "unknown",
    /its certificate was issued by an authority that is not trusted here \(.*(AUTHORITY_INVALID|UnknownIssuer|BadSignature)/,
  ],
  ["misnamed", /its certificate is for another name \(.*(COMMON_NAME_INVALID|not valid for name)/],
  ["expired", /its certificate has expired, or is not valid yet .*\(.*(DATE_INVALID|[Ee]xpired)/],
];
const PAGE = "<!DOCTYPE html><title>Sign in</title><h1 id=here>Example Company</h1><p>Who are you?</p>";

describe("a web address with a certificate of a company's own authority", () => {
  const started = new AsyncDisposableStack();
  let folder: string;
  let authority: Authority;
  let urls: Record<Kind, string>;
  const asked: string[] = [];
  beforeAll(async () => {
    folder = started.use(await temporaryFolder()).path;
    const other = await makeAuthority(folder);
    authority = await makeAuthority(folder);
    const serve = (certificate: { cert: string; key: string }) =>
      started.use(serveTls(certificate, (request) => {
        asked.push(request.headers.get("cookie") ?? "");
        return new URL(request.url).pathname === "/file"
          ? new Response("%PDF-1.4\n%%EOF\n", { headers: { "content-type": "application/pdf" } })
          : new Response(PAGE, {
            headers: { "content-type": "text/html", "set-cookie": "session=1; Secure" },
          });
      })).url;
    urls = {
      right: serve(await authority.sign("IP:127.0.0.1")),
      unknown: serve(await other.sign("IP:127.0.0.1")),
      misnamed: serve(await authority.sign("DNS:erp.example")),
      expired: serve(await authority.sign("IP:127.0.0.1", -1)),
    };
  });
  afterAll(() => started.disposeAsync());

  /** Homes of browsers that trust our authority. */
  const homes = async () => {
    const there = Deno.env.get("TMPDIR") ?? "/tmp";
    const names = [...Deno.readDirSync(there)].map(({ name }) => name).filter((name) =>
      name.startsWith("drill-home-")
    );
    const trusted = names.map((name) =>
      Deno.readTextFile(`${there}/${name}/0.pem`).catch(() => "another run's")
    );
    return (await Promise.all(trusted)).filter((pem) => pem === authority.pem).length;
  };
  const refused = async (what: () => Promise<unknown>, kind: Kind, message: RegExp) => {
    const error = await assertRejects(what, DrillError);
    assertEquals([error.code, error.message.split("\n").length], ["WEB_UNREACHABLE", 1], error.message);
    assertMatch(error.message, message);
    assertStringIncludes(error.message, `Cannot reach ${urls[kind]}`);
    assertStringIncludes(error.hint, `openssl s_client -connect ${new URL(urls[kind]).host}`);
  };

  it("is visited by the browser, and one that is not right is refused", async () => {
    const certificateAuthority = [authority.pem];
    {
      await using browser = await openBrowser({ certificateAuthority });
      assertEquals(await homes(), 1);
      const page = { shows: "#here" };
      await using erp = await openErp(browser, urls.right, { certificateAuthority });
      assertEquals((await visit(erp, "/", page)).status, 200);
      const file = await fetchServedFile(erp, "/file", "pdf");
      assertEquals([file.contentType, asked.at(-1)], ["application/pdf", "session=1"]);
      for (const [kind, message] of REFUSED) {
        await using wrong = await openErp(browser, urls[kind], { certificateAuthority });
        const count = asked.length;
        await refused(() => visit(wrong, "/", page), kind, message);
        await refused(() => fetchServedFile(wrong, "/file", "pdf"), kind, message);
        assertEquals(asked.length, count);
      }
      await using untold = await openErp(browser, urls.right);
      await refused(() => fetchServedFile(untold, "/file", "pdf"), "right", REFUSED[0]![1]);
    }
    assertEquals(await homes(), 0);
  });

  it("is up for a workload that was told of it, and one that is not right is neither up nor down", async () => {
    const workloadAt = (url: string, certificateAuthority?: readonly string[]) =>
      localWorkload(
        "sandbox",
        { stop: ["touch", `${folder}/stopped`], start: ["true"] },
        {
          url,
          certificateAuthority,
        },
        silentReporter,
        new OwnFolder(`${folder}/states/sandbox`),
      );
    assertEquals(await workloadAt(urls.right, [authority.pem]).state(), "up");
    await workloadAt(urls.right, [authority.pem]).start();
    const { signal } = new AbortController();
    for (const [kind, message] of REFUSED) {
      const workload = workloadAt(urls[kind], [authority.pem]);
      await refused(() => workload.state(), kind, message);
      await refused(() => workload.start(), kind, message);
      await refused(() => workload.stop(signal), kind, message);
    }
    await refused(() => workloadAt(urls.right).state(), "right", REFUSED[0]![1]);
    assert(![...Deno.readDirSync(folder)].some(({ name }) => name === "stopped"));
  });

  it("is what the configuration says it is", async () => {
    const file = `${folder}/dolibarr-drill.yaml`;
    const environment = (name: string, web: string) =>
      `  ${name}:
    disposable: ${name === "sandbox"}
    database: { host: db.example, name: ${name}, owner: ${name}, user: ${name}, password: "file:${name}" }
    documents: ${folder}/${name}
    web: { ${web} }
    workload: { command: { stop: ["true"], start: ["true"] } }
`;
    const name = authority.file.slice(folder.length + 1);
    const web = `url: "${urls.right}", certificate_authority: ${name}`;
    await Deno.writeTextFile(
      file,
      `store: { url: "file://${folder}/store" }\nenvironments:\n${
        environment("prod", "url: https://erp.example")
      }${environment("sandbox", web)}drill: { from: prod, into: sandbox }\nstate: ${folder}/states\n`,
    );
    await Deno.writeTextFile(`${folder}/sandbox`, "not-so-secret");
    const { web: opened, workload } = await openEnvironment(
      environmentOf(await loadConfig(file), "sandbox"),
      silentReporter,
    );
    assertEquals([opened.certificateAuthority, await workload.state()], [[authority.pem.trim()], "up"]);
  });

  it("cannot be visited where the program that tells Chromium of it is missing, or refuses", async () => {
    const bad = await assertRejects(() => makeBrowserHome(["no certificate"]), DrillError);
    assertEquals(bad.code, "BROWSER_MISSING");
    const path = Deno.env.get("PATH") ?? "";
    Deno.env.set("PATH", "/nowhere");
    try {
      const error = await assertRejects(() => makeBrowserHome([authority.pem]), DrillError);
      assertEquals(error.code, "BROWSER_MISSING");
      assertStringIncludes(error.hint, "apt-get install libnss3-tools");
    } finally {
      Deno.env.set("PATH", path);
    }
  });
});
