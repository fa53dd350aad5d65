import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { openBrowser } from "../../../src/dolibarr/pages/visit/browser.ts";
import { PageFault, unreachable } from "../../../src/dolibarr/pages/visit/page_fault.ts";

describe("opening a browser", () => {
  it("says what to install where there is none", async () => {
    const path = Deno.env.get("PATH") ?? "";
    Deno.env.set("PATH", "/nowhere");
    try {
      const error = await assertRejects(() => openBrowser(), DrillError);
      assertEquals([error.code, error.hint.includes("apt-get install chromium")], ["BROWSER_MISSING", true]);
    } finally {
      Deno.env.set("PATH", path);
    }
  });

  it("does not begin after an interruption", async () => {
    await assertRejects(() => openBrowser({ signal: AbortSignal.abort() }), DOMException);
  });
});

describe("a page that cannot be read", () => {
  const url = "http://127.0.0.1:8080/compta/facture/list.php?limit=5";

  it("is a finding with its cause, where an answer came", () => {
    const fault = new PageFault(url, { kind: "no_photo", sentence: "the picture is missing" });
    assertEquals(fault.message, "Cannot read /compta/facture/list.php?limit=5: the picture is missing");
    assertEquals([fault.code, fault.hint.includes("restored documents")], ["CHECK_FAILED", true]);
  });

  it("is no finding where no answer came, or none in time", () => {
    const refused = unreachable(
      url,
      new Error("page.goto: net::ERR_CONNECTION_REFUSED at http://x/\nCall log: ..."),
    );
    assertEquals([refused.code, refused.message], [
      "WEB_UNREACHABLE",
      `Cannot reach ${url}: net::ERR_CONNECTION_REFUSED at http://x/`,
    ]);
    assertEquals(
      unreachable(url, new Error("page.goto: Timeout 20000ms exceeded.\nCall log:")).code,
      "TIME_LIMIT",
    );
    assertEquals(unreachable(url, new DOMException("aborted", "TimeoutError")).code, "TIME_LIMIT");
    const cause = new Error(`error sending request for url (${url}): client error (Connect): refused`);
    assertEquals(
      unreachable(url, new TypeError("fetch failed", { cause })).message,
      `Cannot reach ${url}: client error (Connect): refused`,
    );
  });
});
