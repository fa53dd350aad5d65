import { assertEquals, assertFalse, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { folder, GOOD_CONFIG, writeConfig } from "../../support/config_file.ts";

const load = async (notify: string) =>
  await loadConfig(await writeConfig(`${GOOD_CONFIG}notify:\n${notify}`));

async function problemsOf(notify: string): Promise<string[]> {
  const error = await assertRejects(() => load(notify), DrillError);
  return error.details.map((line) => line.replace(/^.*?\.yaml:/, ""));
}

describe("who is told, as configured", () => {
  it("is nobody where nothing says so", async () => {
    assertEquals((await loadConfig(await writeConfig(GOOD_CONFIG))).notify, undefined);
  });

  it("is a webhook and a dead man's switch, whose addresses are read when they are needed", async () => {
    await Deno.writeTextFile(`${folder}/hook`, "https://chat.example.org/hooks/x\n");
    const { notify } = await load(
      `  webhook: { url: file:hook, headers: { Authorization: env:NO_SUCH_TOKEN, Title: "{verdict}" } }
  alive_url: env:NO_SUCH_URL
  alive_method: POST
`,
    );
    assertEquals(await notify?.webhook?.url.read(), "https://chat.example.org/hooks/x");
    assertEquals(notify?.webhook?.headers.Title, "{verdict}");
    assertEquals(notify?.alive?.method, "POST");
    const error = await assertRejects(() => notify!.alive!.url.read(), DrillError);
    assertMatch(error.message, /notify\.alive_url .*: the variable NO_SUCH_URL is not set/);
    const body = notify?.webhook?.body;
    assertMatch(
      body && "json" in body ? String(body.json.text) : "",
      /^\{verdict\} \{environment\}: \{cause\}\n/,
    );
  });

  it("takes JSON of any shape, or plain text", async () => {
    const json = await load(
      `  webhook: { url: env:X, json: { topic: erp, tags: [a, b], priority: 4, message: "{headline}" } }\n`,
    );
    assertEquals(json.notify?.webhook?.body, {
      json: { topic: "erp", tags: ["a", "b"], priority: 4, message: "{headline}" },
    });
    const text = await load(`  webhook: { url: env:X, text: "{cause}" }\n`);
    assertEquals(text.notify?.webhook?.body, { text: "{cause}" });
  });

  // deno-fmt-ignore: a line each
  const wrong: [title: string, notify: string, said: string][] = [
    ["nobody", "  alive_method: GET\n", "has neither a webhook nor an alive_url"],
    ["an address in the file", "  alive_url: https://hc.example.org/not-so-secret\n", "notify.alive_url is not a reference"],
    ["a webhook without an address", "  webhook: { text: '{cause}' }\n", "notify.webhook.url is missing"],
    ["a token in the file", "  webhook: { url: env:X, headers: { Authorization: Bearer not-so-secret } }\n", "notify.webhook.headers.Authorization is not a reference"],
    ["a header of no name", "  webhook: { url: env:X, headers: { 'a b': x } }\n", "is not a valid name of a header"],
    ["half a reference", "  webhook: { url: env:X, headers: { Title: 'env:' } }\n", "is not a valid reference"],
    ["two bodies", "  webhook: { url: env:X, text: '{cause}', json: { a: '{cause}' } }\n", "one body"],
    ["a placeholder that is mistyped", "  webhook: { url: env:X, text: '{cause} {verdikt}' }\n", 'contains {verdikt}, which is not a known placeholder: did you mean "verdict"?'],
    ["one in a header", "  webhook: { url: env:X, headers: { Title: '{titel}' } }\n", "contains {titel}"],
    ["no cause", "  webhook: { url: env:X, json: { text: 'look at the drill' } }\n", "does not give the reason in its first line"],
    ["the cause too late", '  webhook: { url: env:X, text: "{verdict}\\n{cause}" }\n', "does not give the reason in its first line"],
    ["a body that is no map", "  webhook: { url: env:X, json: '{cause}' }\n", "notify.webhook.json is a text, not a map"],
    ["a method of no use", "  alive_url: env:X\n  alive_method: PUT\n", 'must be "GET" or "POST"'],
    ["a key that is mistyped", "  alive_uri: env:X\n", "notify.alive_uri is not a known key"],
  ];
  for (const [title, notify, said] of wrong) {
    it(`refuses ${title}`, async () => {
      const problems = await problemsOf(notify);
      assertStringIncludes(problems.join("\n"), said);
      assertFalse(problems.join().includes("not-so-secret"));
    });
  }
});

describe("docs/notify.md", () => {
  it("shows configurations that are right, with the JSON that each listener documents", async () => {
    const page = await Deno.readTextFile(new URL("../../../docs/notify.md", import.meta.url));
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
    const bodies = await Promise.all(examples.map(async (example) => {
      const { notify } = await loadConfig(await writeConfig(GOOD_CONFIG + example));
      const body = notify?.webhook?.body;
      return body && "json" in body ? Object.keys(body.json).sort().join() : typeof body?.text;
    }));
    assertEquals(bodies, [
      "text",
      "string",
      "message,priority,tags,title,topic",
      "text,username",
      "body,title",
    ]);
  });
});

describe("drill.rota", () => {
  const rotaOf = async (rota: string) =>
    (await loadConfig(
      await writeConfig(GOOD_CONFIG.replace("into: sandbox }", `into: sandbox, rota: ${rota} }`)),
    ))
      .drill.rotaMs;

  it("is in days, and none where it is 0d", async () => {
    assertEquals(await rotaOf("7d"), 7 * 86_400_000);
    assertEquals(await rotaOf("0d"), 0);
  });

  it("is in nothing else", async () => {
    for (const wrong of ["0", "12h", "1mo", "00d"]) await assertRejects(() => rotaOf(wrong), DrillError);
  });
});
