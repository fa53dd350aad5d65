import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { environmentOf } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { folder, GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";

/** The problems of GOOD_CONFIG with one text replaced, as "LINE: text". */
async function problemsOf(before: string, after: string): Promise<string[]> {
  assertStringIncludes(GOOD_CONFIG, before);
  const file = await writeConfig(GOOD_CONFIG.replace(before, after));
  const error = await assertRejects(() => loadConfig(file), DrillError);
  assertEquals(error.code, "CONFIG_INVALID");
  assert(error.hint !== "");
  return error.details.map((line) => {
    assert(line.startsWith(`${file}:`), line);
    return line.slice(file.length + 1);
  });
}

describe("a right configuration", () => {
  it("is read whole, with defaults", async () => {
    const config = await loadConfig(await writeConfig(GOOD_CONFIG));
    assertEquals(config.store.url, "s3://company-backup/erp");
    assertEquals(config.retention, {
      daily: { amount: 30, unit: "d" },
      monthly: { amount: 12, unit: "mo" },
      yearly: { amount: 10, unit: "y" },
    });
    assertEquals(config.drill, {
      from: "prod",
      into: "sandbox",
      samples: 20,
      harmless: [],
      level: "standard",
      maxAgeMs: 26 * 3_600_000,
      maxDurationMs: 15 * 60_000,
      rotaMs: 30 * 86_400_000,
      versions: [],
      control: true,
    });
    const { prod, sandbox } = config.environments;
    assertEquals(prod?.disposable, false);
    assertEquals(sandbox?.disposable, true);
    assertEquals(sandbox?.database.port, 5432);
    assertEquals(sandbox?.documents, { folder: "/srv/sandbox/documents" });
    assertEquals(sandbox?.web.url, "https://sandbox.example.org");
    assertEquals(config.lab, undefined);
  });

  it("takes further folders and excludes", async () => {
    const documents =
      "documents: { folder: /var/www/documents/, more: { custom: /var/www/custom/ }, exclude: ['*.tmp'] }";
    const config = await loadConfig(
      await writeConfig(GOOD_CONFIG.replace("documents: /var/www/documents", documents)),
    );
    assertEquals(config.environments.prod?.documents, {
      folder: "/var/www/documents",
      more: { custom: "/var/www/custom" },
      exclude: ["*.tmp"],
    });
  });

  it("says that it is the lab's", async () => {
    const config = await loadConfig(
      await writeConfig(GOOD_CONFIG + "lab: { erp: stand-in, reason: no network }\n"),
    );
    assertEquals(config.lab, { erp: "stand-in", reason: "no network" });
  });

  it("lets two namespaces have a claim of the same name", async () => {
    const config = await loadConfig(
      await writeConfig(
        GOOD_CONFIG
          .replace("documents: /var/www/documents", "documents: { kubernetes: { claim: papers } }")
          .replace("documents: /srv/sandbox/documents/", "documents: { kubernetes: { claim: papers } }")
          .replace(
            /workload: \{ command.*/,
            "workload: { kubernetes: { namespace: erp-sandbox, deployment: erp } }",
          ),
      ),
    );
    assertEquals(config.environments.sandbox?.documents, { kubernetes: { claim: "papers" } });
  });

  it("knows its environments by name, and suggests one for a mistyped name", async () => {
    const config = await loadConfig(await writeConfig(GOOD_CONFIG));
    assertEquals(environmentOf(config, "prod").name, "prod");
    for (const wrong of ["sandobx", "toString"]) {
      const error = await assertRejects(async () => await environmentOf(config, wrong), DrillError);
      assertEquals(error.code, "ENVIRONMENT_UNKNOWN");
      assertStringIncludes(error.hint, "prod, sandbox");
    }
  });
});

/** What is replaced by what, and what must be said about it on which line. */
// deno-fmt-ignore: a line each
const BROKEN: [title: string, before: string, after: string, problem: RegExp][] = [
  ["a mistyped key", "endpoint:", "endpont:", /^3: store\.endpont is not a known key: did you mean "endpoint"\?$/],
  ["a key from elsewhere", "  url: s3", "  bananas: 1\n  url: s3", /^2: store\.bananas is not a known key: use one of url, /],
  ["a mistyped section", "drill: {", "dirll: {", /^18: dirll is not a known key: did you mean "drill"\?$/],
  ["a missing key", "owner: erp_role, ", "", /^8: environments\.prod\.database\.owner is missing .*For example: owner: erp_role$/],
  ["an empty section", "    web: { url: https://erp.example.org }", "    web:", /^10: environments\.prod\.web is empty/],
  ["a text for a number", "port: 5432", 'port: "5432"', /^8: environments\.prod\.database\.port is a text, not a number/],
  ["a port out of range", "port: 5432", "port: 70000", /^8: .*port is more than 65535/],
  ["yes for true", "disposable: true", "disposable: yes", /^13: .*disposable is a text, not true or false/],
  ["a wrong environment name", "  sandbox:", "  Sand_box:", /^12: environments\.Sand_box is not a valid name for an environment/],
  ["a password in plain text", "password: env:DRILL_TEST_PASSWORD", "password: hunter2", /^8: .*password is not a reference: this file must not contain secrets/],
  ["a password that is a number", "password: env:DRILL_TEST_PASSWORD", "password: 2222", /^8: .*password is a number/],
  ["a key in plain text", "secret_key: file:secret_key", "secret_key: hunter2", /^5: store\.secret_key is not a reference/],
  ["a user that is half a reference", "user: env:DRILL_TEST_USER", "user: 'env:'", /^8: .*user is not a valid reference/],
  ["a mode of TLS that is none", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, sslmode: verify", /^8: .*database\.sslmode .*verify-full/],
  ["a server to verify by nothing", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, sslmode: verify-full", /^8: .*database\.sslmode is verify-full without root_cert/],
  ["an authority that verifies nothing", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, root_cert: ca.pem", /^8: .*database\.root_cert has no effect with sslmode: prefer/],
  ["a client's certificate without its key", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, client_cert: erp.crt", /^8: .*database\.client_cert is set without database\.client_key/],
  ["a key without its certificate", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, client_key: erp.key", /^8: .*database\.client_key is set without database\.client_cert/],
  ["TLS over a socket", "host: db.example.org, port: 5432", "host: /run/postgresql, sslmode: require", /^8: .*database\.sslmode is require, and host is the folder of a socket/],
  ["a reader's password in plain text", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, reader: { user: erp_reader, password: hunter2 }", /^8: .*database\.reader\.password is not a reference/],
  ["a reader that is half a reference", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, reader: { user: 'env:', password: env:A }", /^8: .*database\.reader\.user is not a valid reference/],
  ["a reader that is the user again", "password: env:DRILL_TEST_PASSWORD", "password: env:DRILL_TEST_PASSWORD, reader: { user: env:DRILL_TEST_USER, password: env:A }", /^8: .*database\.reader\.user is the same as database\.user/],
  ["no secret key", "  secret_key: file:secret_key\n", "", /^1: store\.secret_key is missing: an s3:\/\/ store needs both keys/],
  ["keys for a folder", "s3://company-backup/erp", "file:///var/backups", /^3: store\.endpoint has no effect with a folder/],
  ["a store of no known kind", "s3://company-backup/erp", "ftp://somewhere", /^2: store\.url is neither/],
  ["keys inside the store's address", "s3://company-backup/erp", "s3://me:hunter2@bucket", /^2: store\.url is not the address of a bucket/],
  ["an endpoint without http", "https://storage.example.org", "storage.example.org", /^3: store\.endpoint is not an http:\/\/ or https:\/\/ address/],
  ["a web address without http", "https://erp.example.org", "erp.example.org", /^10: environments\.prod\.web\.url is not an http:\/\/ or https:\/\/ address/],
  ["a password in a web address", "https://erp.example.org", "https://me:hunter2@erp.example.org", /^10: .*web\.url is not an http:\/\/ or https:\/\/ address/],
  ["a user without a password", ", password: env:DRILL_TEST_WEB", "", /^16: .*web\.user is set without web\.password/],
  ["a password without a user", ", user: tester", "", /^16: .*web\.password is set without web\.user/],
  ["a relative folder", "/var/www/documents", "var/www/documents", /^9: environments\.prod\.documents is not an absolute path/],
  ["a folder with ..", "/var/www/documents", "/var/../srv/documents", /^9: .*documents contains \.\.:/],
  ["the whole disk", "/var/www/documents", "/", /^9: .*documents is the root folder/],
  ["documents of no known form", "documents: /var/www/documents", "documents: [a]", /^9: .*documents is a list/],
  ["a folder in a map that is relative", "documents: /var/www/documents", "documents: { folder: documents }", /^9: environments\.prod\.documents\.folder is not an absolute path/],
  ["no folder in that map", "documents: /var/www/documents", "documents: { more: { custom: /srv/custom } }", /^9: .*documents\.folder is missing/],
  ["a state folder in the documents", "drill: {", "state: /var/www/documents/.state\ndrill: {", /^18: state lies in the documents of prod \(\/var\/www\/documents\): whoever writes documents could tell the next run/],
  ["a state folder that is the documents", "drill: {", "state: /srv/sandbox/documents/\ndrill: {", /^18: state lies in the documents of sandbox/],
  ["a state folder that is relative", "drill: {", "state: states\ndrill: {", /^18: state is not an absolute path/],
  ["a further folder that is relative", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { custom: custom } }", /^9: .*documents\.more\.custom is not an absolute path/],
  ["a further folder with ..", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { custom: /srv/../custom } }", /^9: .*more\.custom contains \.\.:/],
  ["a further folder of no name", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { Custom/x: /srv/custom } }", /^9: .*is not a valid name for a further folder: use lower-case letters/],
  ["a further folder inside the documents", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { custom: /var/www/documents/custom } }", /^9: environments\.prod\.documents: .* overlap/],
  ["documents inside a further folder", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { html: /var/www } }", /^9: environments\.prod\.documents: .* overlap/],
  ["two further folders that are one", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { custom: /srv/custom, modules: /srv/custom/ } }", /^9: environments\.prod\.documents: \/srv\/custom and \/srv\/custom overlap: files would be backed up twice/],
  ["a further folder behind a link that is followed", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { produit: /srv/volume2/produit }, follow: { produit: /srv/volume2/produit } }", /^9: environments\.prod\.documents: .* overlap/],
  ["a further folder that is another's documents", "documents: /var/www/documents", "documents: { folder: /var/www/documents, more: { custom: /srv/sandbox } }", /^15: prod and sandbox share documents/],
  ["excludes that are no list", "documents: /var/www/documents", "documents: { folder: /var/www/documents, exclude: temp }", /^9: .*documents\.exclude is a text, not a list/],
  ["excludes that leave nothing", "documents: /var/www/documents", "documents: { folder: /var/www/documents, exclude: ['*.log', '*'] }", /^9: .*documents\.exclude\.1 excludes everything/],
  ["a key of documents that is mistyped", "documents: /var/www/documents", "documents: { folder: /var/www/documents, excludes: ['*.log'] }", /^9: .*documents\.excludes is not a known key: .*exclude/],
  ["a claim without a name", "documents: /var/www/documents", "documents: { kubernetes: {} }", /^9: .*kubernetes\.claim is missing/],
  ["a command in one text", "stop: [systemctl, stop, erp]", "stop: systemctl stop erp", /^17: .*stop is a text, not a list/],
  ["an empty command", "stop: [systemctl, stop, erp]", "stop: []", /^17: .*stop is an empty list/],
  ["an Argo CD application without a namespace", "argocd/erp", "erp", /^11: .*argocd is not NAMESPACE\/APPLICATION/],
  ["a duration in no known unit", "into: sandbox }", "into: sandbox, max_age: 26 hours }", /^18: drill\.max_age is not a duration/],
  ["a length in months", "into: sandbox }", "into: sandbox, max_age: 1mo }", /^18: drill\.max_age is not a duration in minutes, hours or days/],
  ["minutes for months of retention", "drill: {", "retention: { monthly: 12m }\ndrill: {", /^18: retention\.monthly is not a duration like 30d, 12mo or 10y/],
  ["hours of retention", "drill: {", "retention: { daily: 720h }\ndrill: {", /^18: retention\.daily is not a duration like 30d, 12mo or 10y/],
  ["months that end before the days", "drill: {", "retention: { daily: 60d, monthly: 1mo }\ndrill: {", /^18: retention\.monthly is shorter than retention\.daily \(60d\)/],
  ["months that end before the days by default", "drill: {", "retention: { monthly: 12d }\ndrill: {", /^18: retention\.monthly is shorter than retention\.daily \(30d\)/],
  ["years that end before the months", "drill: {", "retention:\n  monthly: 24mo\n  yearly: 1y\ndrill: {", /^20: retention\.yearly is shorter than retention\.monthly \(24mo\)/],
  ["days that outlast the months by default", "drill: {", "retention: { daily: 2y }\ndrill: {", /^18: retention\.daily is longer than retention\.monthly \(12mo\)/],
  ["what is harmless in too few letters", "into: sandbox }", 'into: sandbox, harmless: ["/"] }', /^18: drill\.harmless/],
  ["no samples", "into: sandbox }", "into: sandbox, samples: 0 }", /^18: drill\.samples is less than 1/],
  ["a drill from nowhere", "from: prod", "from: prdo", /^18: drill\.from is not an environment of this file: did you mean "prod"\?/],
  ["a drill into nowhere", "into: sandbox", "into: nowhere", /^18: drill\.into is not an environment of this file: use one of prod, sandbox/],
  ["a drill into a protected environment", "    disposable: true\n", "", /^17: drill\.into names sandbox, which is protected/],
  ["a drill into its own source", "into: sandbox", "into: prod", /^18: drill\.into is the same as drill\.from/],
  ["a lab of no known kind", "drill: {", "lab: { erp: fake }\ndrill: {", /^18: lab\.erp must be "real" or "stand-in"/],
  ["the same database", "name: erp-sandbox", "name: erp", /^14: prod and sandbox share the database erp on db\.example\.org/],
  ["the same folder", "/srv/sandbox/documents/", "/var/www/documents/", /^15: prod and sandbox share documents/],
  ["a folder inside the other", "/srv/sandbox/documents/", "/var/www/documents/sandbox", /^15: prod and sandbox share documents/],
  ["the same web origin", "https://sandbox.example.org/", "https://ERP.example.org:443/sandbox", /^16: prod and sandbox share the web address https:\/\/erp\.example\.org/],
];

describe("a right retention", () => {
  it("may have two lengths that are as good as the same", async () => {
    for (const text of ["31d 1mo 1y", "30d 365d 1y", "1mo 12mo 1y", "28d 28d 365d", "1mo 30d 1mo"]) {
      const [daily, monthly, yearly] = text.split(" ");
      const retention = `retention: { daily: ${daily}, monthly: ${monthly}, yearly: ${yearly} }\n`;
      await loadConfig(await writeConfig(retention + GOOD_CONFIG));
    }
  });
});

describe("a wrong configuration is refused with its line", () => {
  for (const [title, before, after, problem] of BROKEN) {
    it(title, async () => {
      const problems = await problemsOf(before, after);
      assert(problems.some((line) => problem.test(line)), `not said: ${problem}\n${problems.join("\n")}`);
      assertNotMatch(problems.join("\n"), /hunter2|2222/);
    });
  }

  it("the same database under two names of this machine", async () => {
    const file = await writeConfig(
      GOOD_CONFIG.replace("db.example.org", "localhost").replace("db.example.org", "127.0.0.1").replace(
        "erp-sandbox,",
        "erp,",
      ),
    );
    const error = await assertRejects(() => loadConfig(file), DrillError);
    assertStringIncludes(error.details.join("\n"), "share the database");
  });

  it("the same folder behind a link", async () => {
    await Deno.mkdir(`${folder}/real/documents`, { recursive: true });
    await Deno.symlink(`${folder}/real`, `${folder}/link`);
    const file = await writeConfig(
      GOOD_CONFIG.replace("/var/www/documents", `${folder}/real/documents`)
        .replace("/srv/sandbox/documents/", `${folder}/link/documents/new`),
    );
    const error = await assertRejects(() => loadConfig(file), DrillError);
    assertStringIncludes(error.details.join("\n"), "share documents");
  });

  it("a state folder that leads into the documents, also one that nobody named", async () => {
    await Deno.mkdir(`${folder}/www/documents/in`, { recursive: true });
    await Deno.symlink(`${folder}/www/documents/in`, `${folder}/states`);
    const text = GOOD_CONFIG.replace("/var/www/documents", `${folder}/www/documents`);
    const refused = async (text: string, home: string) => {
      const variables = (name: string) => name === "XDG_STATE_HOME" ? home : undefined;
      const file = await writeConfig(text);
      return (await assertRejects(() => loadConfig(file, variables), DrillError)).details.join("\n");
    };
    assertMatch(
      await refused(`state: ${folder}/states\n${text}`, "/srv"),
      /:1: state lies in the documents of prod/,
    );
    assertMatch(
      await refused(text, `${folder}/states`),
      /: the folder of this user's states, .*\/states\/dolibarr-drill, lies in the documents of prod .*as in state: /,
    );
  });

  it("no folder of states that two configurations share for two ERPs of one name", async () => {
    const stateOf = async (text: string) =>
      (await loadConfig(await writeConfig(text), () => "/srv/states")).environments.sandbox!.state;
    const [one, other] = [
      await stateOf(GOOD_CONFIG),
      await stateOf(GOOD_CONFIG.replace("/srv/sandbox/documents/", "/srv/other/documents")),
    ];
    assertMatch(one!, /^\/srv\/states\/dolibarr-drill\/sandbox-[0-9a-f]{8}$/);
    assertNotEquals(one, other);
    assertEquals(await stateOf(GOOD_CONFIG.replace("company-backup", "another-bucket")), one);
    assertEquals(
      await stateOf(`state: /var/lib/x/\n${GOOD_CONFIG}`),
      one!.replace("/srv/states/dolibarr-drill", "/var/lib/x"),
    );
  });

  it("the same claim where the namespace is not known", async () => {
    const file = await writeConfig(
      GOOD_CONFIG.replace("documents: /var/www/documents", "documents: { kubernetes: { claim: papers } }")
        .replace("documents: /srv/sandbox/documents/", "documents: { kubernetes: { claim: papers } }"),
    );
    const error = await assertRejects(() => loadConfig(file), DrillError);
    assertStringIncludes(error.details.join("\n"), "share the claim papers");
  });

  it("the same Deployment", async () => {
    const file = await writeConfig(
      GOOD_CONFIG.replace(
        /workload: \{ command.*/,
        "workload: { kubernetes: { namespace: erp, deployment: erp } }",
      ),
    );
    const error = await assertRejects(() => loadConfig(file), DrillError);
    assertStringIncludes(error.details.join("\n"), "share the Deployment erp");
  });

  it("a store inside the documents", async () => {
    const file = await writeConfig(
      GOOD_CONFIG.replace(
        /store:[\s\S]*?environments/,
        "store: { url: file:///var/www/documents/backup }\nenvironments",
      ),
    );
    const error = await assertRejects(() => loadConfig(file), DrillError);
    assertStringIncludes(error.details.join("\n"), "a backup would contain itself");
  });

  it("all problems at once, in the order of their lines", async () => {
    const file = await writeConfig(
      GOOD_CONFIG.replace("endpoint:", "endpont:").replace("disposable: true", "disposable: maybe")
        .replace("env:DRILL_TEST_PASSWORD", "hunter2").replace("from: prod", "from: nowhere"),
    );
    const error = await assertRejects(() => loadConfig(file), DrillError);
    const lines = error.details.map((line) => Number(line.slice(file.length + 1).split(":")[0]));
    assertEquals(lines, [3, 8, 13, 18, 18]); // the last two: from nowhere, and into what is not disposable
    assertStringIncludes(error.message, "5 problems");
  });

  it("a missing, an empty and an unreadable file", async () => {
    for (const file of [`${folder}/nowhere.yaml`, await writeConfig("  \n"), folder]) {
      const error = await assertRejects(() => loadConfig(file), DrillError);
      assertEquals(error.code, "CONFIG_INVALID");
    }
  });
});
