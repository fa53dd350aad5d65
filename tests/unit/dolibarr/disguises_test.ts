import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  type DisguiseKind,
  disguiseOf,
  type ErpAnswer,
  type ExpectedContent,
  fallbackLogo,
} from "../../../src/dolibarr/pages/visit/disguises.ts";
import { PLACEHOLDER } from "../../../src/lab/stand_in/pages/files.ts";

const ORIGIN = "http://127.0.0.1:8080";

function answer(body: string | Uint8Array, more: Partial<ErpAnswer> = {}): ErpAnswer {
  const asked = more.asked ?? `${ORIGIN}/compta/facture/list.php`;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { status: 200, url: asked, asked, contentType: "text/html; charset=UTF-8", body: bytes, ...more };
}

const GOOD_PAGE =
  `<html><body><a href="/user/logout.php?token=1">Logout</a><div class="arearef"><div class="refid">FA2511-0003</div></div>
<table class="tagtable liste"><tr class="oddeven"><td>FA2511-0003</td></tr></table></body></html>`;
const SIGN_IN =
  `<html><body><form id="login" name="login" method="post"><input id="username"></form></body></html>`;
const FORBIDDEN =
  `<div class="error">Access denied.<br>You try to access to a page</div><br>Current login: <span class="error">anne</span><br>`;
const PDF = new TextEncoder().encode("%PDF-1.3\n...\n%%EOF\n");
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);

interface Case {
  title: string;
  given: ErpAnswer;
  expected: ExpectedContent;
  kind: DisguiseKind | undefined;
  /** What the sentence must name. */
  says?: string;
}

const pdf = (body: string | Uint8Array, more: Partial<ErpAnswer> = {}) =>
  answer(body, {
    asked: `${ORIGIN}/document.php?modulepart=facture&file=A%2FA.pdf`,
    contentType: "application/pdf",
    ...more,
  });
const picture = (body: string | Uint8Array, more: Partial<ErpAnswer> = {}) =>
  answer(body, {
    asked: `${ORIGIN}/viewimage.php?modulepart=mycompany&file=logos%2Flogo.png`,
    contentType: "image/png",
    ...more,
  });
const HTML = { contentType: "text/html; charset=UTF-8" };

const CASES: Case[] = [
  { title: "a page is a page", given: answer(GOOD_PAGE), expected: "page", kind: undefined },
  {
    title: "a sign-in form is what the sign-in page has",
    given: answer(SIGN_IN),
    expected: "sign_in",
    kind: undefined,
  },
  { title: "a PDF is a PDF", given: pdf(PDF), expected: "pdf", kind: undefined },
  {
    title: "a picture is a picture",
    given: picture(PNG, { fileName: "logo.png" }),
    expected: "picture",
    kind: undefined,
  },
  {
    title: "a text is a text",
    given: answer("seen\n", { contentType: "text/plain" }),
    expected: "file",
    kind: undefined,
  },

  {
    title: "the sign-in form, 200, for a page",
    given: answer(SIGN_IN),
    expected: "page",
    kind: "sign_in_form",
  },
  {
    title: "the sign-in form, 200, for a PDF",
    given: pdf(SIGN_IN, HTML),
    expected: "pdf",
    kind: "sign_in_form",
  },
  {
    title: "a technical error in the middle of a page, 200",
    given: answer(
      GOOD_PAGE.replace(
        "</body>",
        `Dolibarr has detected a technical error.<br>ERROR:  42P01: relation &quot;llx_facture&quot; does not exist\\nLINE 1</body>`,
      ),
    ),
    expected: "page",
    kind: "technical_error",
    says: `relation "llx_facture" does not exist`,
  },
  {
    title: "a technical error, 202",
    given: answer("", { status: 202 }),
    expected: "page",
    kind: "technical_error",
  },
  {
    title: "a technical error in French",
    given: answer("Dolibarr a détecté une erreur technique."),
    expected: "page",
    kind: "technical_error",
  },
  {
    title: "a technical error of a server that hides details",
    given: answer(
      "This website or feature is currently temporarly not available or failed after a technical error.<br>",
    ),
    expected: "page",
    kind: "technical_error",
  },
  {
    title: "a technical error instead of a PDF",
    given: pdf("Return code: DB_ERROR_NOSUCHTABLE", HTML),
    expected: "pdf",
    kind: "technical_error",
  },
  {
    title: "a technical error on the sign-in page",
    given: answer("Dolibarr has detected a technical error"),
    expected: "sign_in",
    kind: "technical_error",
  },
  {
    title: "document.php for a file that is missing, 200",
    given: pdf("ErrorFileDoesNotExists: FA2511-0003/FA2511-0003.pdf", HTML),
    expected: "pdf",
    kind: "file_does_not_exist",
    says: "FA2511-0003/FA2511-0003.pdf",
  },
  {
    title: "viewimage.php for a picture that is missing, 200",
    given: picture(PNG, { fileName: "nophoto.png" }),
    expected: "picture",
    kind: "no_photo",
  },
  {
    title: "the stand-in's placeholder has its name and its length",
    given: picture(PLACEHOLDER, { fileName: "nophoto.png" }),
    expected: "picture",
    kind: "no_photo",
  },
  {
    title: "access denied, 200",
    given: answer(`<html><body>${FORBIDDEN}</body></html>`),
    expected: "page",
    kind: "access_forbidden",
  },
  {
    title: "access denied for a PDF",
    given: pdf(FORBIDDEN, HTML),
    expected: "pdf",
    kind: "access_forbidden",
  },
  {
    title: "access denied in a language that we do not know",
    given: answer(`<div class="error">Pristup odbijen.</div><br>Prijava: <span class="error">anne</span>`),
    expected: "page",
    kind: "access_forbidden",
  },
  {
    title: "a record that is not there, 200",
    given: answer(
      `<body><a href="/user/logout.php?token=1"></a><div class="error">Enregistrement non trouv&eacute;.</div></body>`,
    ),
    expected: "page",
    kind: "record_not_found",
    says: "Enregistrement non trouvé.",
  },
  {
    title: "the setup page",
    given: answer(GOOD_PAGE, { url: `${ORIGIN}/admin/index.php?mesg=setupnotcomplete` }),
    expected: "page",
    kind: "setup_page",
  },
  {
    title: "the installation page",
    given: answer("<h1>Install</h1>", { url: `${ORIGIN}/install/index.php` }),
    expected: "sign_in",
    kind: "install_page",
  },
  {
    title: "another address after a redirect",
    given: answer(GOOD_PAGE, { url: "http://127.0.0.1:8081/index.php" }),
    expected: "page",
    kind: "another_address",
    says: "http://127.0.0.1:8081",
  },
  {
    title: "a server error",
    given: answer("<h1>Bad Gateway</h1>", { status: 502 }),
    expected: "page",
    kind: "server_error",
    says: "502: Bad Gateway",
  },
  {
    title: "an ingress that knows no such host",
    given: answer("404 page not found", { status: 404, contentType: "text/plain" }),
    expected: "page",
    kind: "not_found",
  },
  {
    title: "a refusal",
    given: answer("Bad link", { status: 403 }),
    expected: "page",
    kind: "refused",
    says: "403: Bad link",
  },
  {
    title: "a redirect that was not followed",
    given: pdf("", { status: 302 }),
    expected: "pdf",
    kind: "refused",
    says: "302",
  },
  {
    title: "an error of PHP's",
    given: answer(
      `<br />\n<b>Fatal error</b>:  Uncaught TypeError in <b>/htdocs/a.php</b> on line <b>7</b><br />`,
    ),
    expected: "page",
    kind: "php_error",
    says: "Uncaught TypeError",
  },
  {
    title: "Dolibarr offline",
    given: answer("Sorry, your application is offline. Only administrator users"),
    expected: "page",
    kind: "offline",
  },
  {
    title: "a blank page",
    given: answer("<html><head><title>x</title></head><body><script>1</script></body></html>"),
    expected: "page",
    kind: "blank_page",
  },
  { title: "an empty answer", given: answer(""), expected: "sign_in", kind: "blank_page" },
  { title: "an empty PDF", given: pdf(new Uint8Array()), expected: "pdf", kind: "blank_page" },
  {
    title: "a page in the place of a PDF",
    given: pdf(GOOD_PAGE, HTML),
    expected: "pdf",
    kind: "wrong_file",
  },
  {
    title: "a PDF in the place of a picture",
    given: picture(PDF),
    expected: "picture",
    kind: "wrong_file",
  },
];

describe("what looks fine and is not", () => {
  for (const { title, given, expected, kind, says = "" } of CASES) {
    it(`${title}: ${kind ?? "nothing to say"}`, () => {
      const found = disguiseOf(given, expected);
      assertEquals(found?.kind, kind, found?.sentence);
      assertEquals(found?.sentence.includes(says) ?? true, true, found?.sentence);
    });
  }

  it("a page that talks about errors is no error", () => {
    const text =
      "<p>Warning: the note says that a file does not exist, <b>Warning</b>: see below. Fatal error: a film.</p>";
    assertEquals(disguiseOf(answer(GOOD_PAGE.replace("</body>", `${text}</body>`)), "page"), undefined);
  });

  it("a card with a message box in it is still a card", () => {
    assertEquals(
      disguiseOf(
        answer(GOOD_PAGE.replace("</body>", `<div class="error">The due date is past</div></body>`)),
        "page",
      ),
      undefined,
    );
  });

  it("a picture whose own name is nophoto.png is that picture", () => {
    const asked = `${ORIGIN}/viewimage.php?modulepart=mycompany&file=nophoto.png`;
    assertEquals(disguiseOf(picture(PNG, { asked, fileName: "nophoto.png" }), "picture"), undefined);
  });

  it("the sign-in page's logo is Dolibarr's own, or the company's", () => {
    assertEquals(fallbackLogo(`${ORIGIN}/theme/dolibarr_logo.svg`)?.kind, "fallback_logo");
    assertEquals(fallbackLogo(`${ORIGIN}/theme/common/login_logo.png`)?.kind, "fallback_logo");
    assertEquals(
      fallbackLogo(`${ORIGIN}/viewimage.php?cache=1&modulepart=mycompany&file=logos%2Fdolibarr_logo.png`),
      undefined,
    );
  });
});
