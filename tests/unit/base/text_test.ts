import { assertEquals, assertNotMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { oneLine, withoutControls, withoutCredentials } from "../../../src/base/text.ts";
import { HOSTILE } from "../../support/samples/results.ts";

describe("text made fit to be shown", () => {
  it("has no control characters, no bidi overrides and no half letters", () => {
    assertEquals(withoutControls("a\u0000\u001b[31mb\u202ec\u0085\ud800\r\nd\te"), "a[31mbc\ufffd\nd\te");
    assertNotMatch(oneLine(HOSTILE), /[\p{Cc}\u202a-\u202e]/u);
  });

  it("takes credentials out of addresses and parameters, and nothing else", () => {
    for (
      const [given, kept] of [
        ["postgres://u:p@ss@db:5432/erp", "postgres://***@db:5432/erp"],
        ["https://key@store.example/x", "https://***@store.example/x"],
        ["/list.php?token=abc&id=7", "/list.php?token=***&id=7"],
        ["host=db password='a b' user=u", "host=db password=*** user=u"],
        ["?X-Amz-Signature=ff&x=1", "?X-Amz-Signature=***&x=1"],
        ["mail to compta@brasserie-du-port.example", "mail to compta@brasserie-du-port.example"],
        ["https://erp.example/a@b", "https://erp.example/a@b"],
        ["Cannot sign in: the password is wrong", "Cannot sign in: the password is wrong"],
      ] as const
    ) assertEquals(withoutCredentials(given), kept);
  });

  it("ends on a text made to be slow", async () => {
    // in a thread that the test's limit can end: in time that grows with the square of the text it would take hours
    const worker = new Worker(new URL("./without_credentials_worker.ts", import.meta.url), {
      type: "module",
    });
    try {
      const ended = new Promise<MessageEvent>((resolve) => worker.onmessage = resolve);
      assertEquals((await ended).data, true);
    } finally {
      worker.terminate();
    }
  });
});
