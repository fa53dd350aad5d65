import { assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { beforeAll, describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { judgeAuthority } from "../../../src/config/authorities.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { type Authority, makeAuthority } from "../../support/platform/authority.ts";
import { folder, GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";

describe("web.certificate_authority", () => {
  let [now, old]: Authority[] = [];
  let server: { cert: string; key: string };
  beforeAll(async () => {
    [now, old] = await Promise.all([makeAuthority(folder), makeAuthority(folder, -1)]);
    server = await now.sign("DNS:erp.example.org");
    await Deno.writeFile(`${folder}/der.pem`, new Uint8Array([0x30, 0x82, 1, 2, 0xff]));
    await Deno.writeTextFile(`${folder}/key.pem`, server.key);
    await Deno.writeTextFile(`${folder}/empty.pem`, "");
    await Deno.writeTextFile(`${folder}/old.pem`, old.pem);
    await Deno.writeTextFile(`${folder}/server.pem`, server.cert);
    await Deno.writeTextFile(`${folder}/damaged.pem`, now.pem + now.pem.replace(/\n.{20}/, "\n"));
    await Deno.writeTextFile(
      `${folder}/all.pem`,
      `Ours:\n${now.pem}\n${old.pem}${now.pem}${server.cert}${server.key}`,
    );
  });
  const load = async (file: string, url = "https://erp.example.org") =>
    await loadConfig(
      await writeConfig(
        GOOD_CONFIG.replace(
          "web: { url: https://erp.example.org }",
          `web: { url: ${url}, certificate_authority: ${file} }`,
        ),
      ),
    );

  it("is a PEM file, absolute or from the folder of the configuration; only what is valid is taken from it", async () => {
    for (const file of ["all.pem", `${folder}/all.pem`, "./all.pem"]) {
      const { prod, sandbox } = (await load(file)).environments;
      assertEquals(prod?.web.certificateAuthority, [now!.pem.trim()]);
      assertEquals("certificateAuthority" in sandbox!.web, false);
    }
  });

  // deno-fmt-ignore: a line each
  const wrong: [title: string, file: string, said: RegExp][] = [
    ["is not there", "nowhere.pem", /names a file that does not exist: write its path/],
    ["is a folder", ".", /names a file that cannot be read \(.*directory/],
    ["is empty", "empty.pem", /names a file without a certificate/],
    ["is in another form", "der.pem", /names a file without a certificate in PEM form.*openssl x509 -inform der/],
    ["holds a key alone", "key.pem", /names a file without a certificate/],
    ["is damaged", "damaged.pem", /names a file whose certificate no\. 2 is damaged/],
    ["has expired", "old.pem", /names a file whose certificates have expired, the last on 20\d\d-\d\d-\d\d: get the current one/],
    ["is the server's", "server.pem", /names a file without the certificate of an authority/],
    ["is a list", "[all.pem]", /is a list, not a text/],
    ["is nothing", "''", /is empty/],
  ];
  for (const [title, file, said] of wrong) {
    it(`is refused with its line where it ${title}`, async () => {
      const error = await assertRejects(() => load(file), DrillError);
      const lines = error.details.map((line) => line.replace(/^.*?\.yaml:/, ""));
      assertEquals([error.code, lines.length], ["CONFIG_INVALID", 1], lines.join("\n"));
      assertMatch(lines[0]!, /^10: environments\.prod\.web\.certificate_authority /);
      assertMatch(lines[0]!, said);
      assertNotMatch(lines[0]!, /PRIVATE|nowhere|(der|key|old|server|damaged|all)\.pem/);
    });
  }

  it("is refused beside an address that has no certificate", async () => {
    const error = await assertRejects(() => load("all.pem", "http://erp.example.org"), DrillError);
    assertMatch(error.details.join(), /certificate_authority has no effect with an http:\/\/ address/);
  });

  it("is judged by the day it is read", () => {
    const days = (count: number) => new Date(Date.now() + count * 86_400_000);
    assertEquals(judgeAuthority(now!.pem, days(1)), { certificates: [now!.pem.trim()] });
    assertMatch(JSON.stringify(judgeAuthority(now!.pem, days(3))), /have expired/);
  });
});
