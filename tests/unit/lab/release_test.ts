import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { silentReporter } from "../../../src/base/terminal/reporter.ts";
import {
  chooseDolibarr,
  downloadRelease,
  type FoundDolibarr,
  inspectHtdocs,
} from "../../../src/lab/dolibarr/release.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("which Dolibarr the lab gets", () => {
  const named: FoundDolibarr = { home: "/srv/erp", usable: true, version: "22.0.4" };
  const cached: FoundDolibarr = { home: "/cache/htdocs", usable: true, version: "22.0.4" };
  const nothing: FoundDolibarr = { home: "/cache/htdocs", usable: false, why: "does not exist" };

  it("is the one that DOLIBARR_HOME names, which is copied", () => {
    const choice = chooseDolibarr({ named, cached });
    assertEquals(choice, { erp: "real", home: "/srv/erp", version: "22.0.4", ours: false });
  });

  it("else the one in the cache, whose files may be shared", () => {
    const choice = chooseDolibarr({ cached });
    assertEquals(choice, { erp: "real", home: "/cache/htdocs", version: "22.0.4", ours: true });
  });

  it("else the download", () => assertEquals(chooseDolibarr({ cached: nothing }), { erp: "download" }));

  it("else the stand-in, with every reason", () => {
    const choice = chooseDolibarr({ cached: nothing, failed: "could not be downloaded: no route to host" });
    assertEquals(choice.erp, "stand-in");
    const reason = "reason" in choice ? choice.reason : "";
    for (const part of ["DOLIBARR_HOME is not set", "/cache/htdocs does not exist", "no route to host"]) {
      assertStringIncludes(reason, part);
    }
  });

  it("is the stand-in without PHP, whatever Dolibarr there is", () => {
    const choice = chooseDolibarr({ named, cached, php: "PHP lacks intl" });
    assertEquals(choice, { erp: "stand-in", reason: "PHP lacks intl" });
  });

  it("is none when DOLIBARR_HOME names something else: what is named must be there", () => {
    const wrong: FoundDolibarr = { home: "/srv/erp", usable: false, why: "has no install/step1.php" };
    const error = assertThrows(() => chooseDolibarr({ named: wrong, cached }), DrillError);
    assertEquals(error.message, "Cannot use DOLIBARR_HOME=/srv/erp: it has no install/step1.php");
  });
});

describe("a folder that may be an htdocs", () => {
  it("is one when it has the program and its installer", async () => {
    await using folder = await temporaryFolder();
    makeHtdocs(`${folder.path}/htdocs`);
    const look = inspectHtdocs(`${folder.path}/htdocs`);
    assertEquals(look, { home: `${folder.path}/htdocs`, usable: true, version: "22.0.4" });
  });

  const broken: [name: string, change: (home: string) => void, why: string][] = [
    ["does not exist", (home) => Deno.removeSync(home, { recursive: true }), "does not exist"],
    [
      "lacks its installer",
      (home) => Deno.removeSync(`${home}/install/step1.php`),
      "has no install/step1.php",
    ],
    [
      "does not say its version",
      (home) => Deno.writeTextFileSync(`${home}/filefunc.inc.php`, "<?php\n"),
      "does not say which version it is",
    ],
    [
      "always reads the configuration of an installed ERP",
      (home) =>
        Deno.writeTextFileSync(`${home}/install/inc.php`, `<?php\n$conffile = "/etc/dolibarr/conf.php";\n`),
      "always reads the configuration /etc/dolibarr/conf.php",
    ],
  ];
  for (const [name, change, why] of broken) {
    it(`is none when it ${name}`, async () => {
      await using folder = await temporaryFolder();
      const home = `${folder.path}/htdocs`;
      makeHtdocs(home);
      change(home);
      assertEquals(inspectHtdocs(home), { home, usable: false, why });
    });
  }
});

describe("the download of the release", () => {
  it("puts a whole htdocs into the cache", async () => {
    await using release = await serveRelease((home) => makeHtdocs(home));
    assertEquals(await release.download(), undefined);
    assertEquals(inspectHtdocs(release.home).usable, true);
    assertEquals(release.left(), ["dolibarr-22.0.4"]);
  });

  it("leaves nothing when it holds something else", async () => {
    await using release = await serveRelease((home) => Deno.mkdirSync(home, { recursive: true }));
    assertEquals(await release.download(), "contains no Dolibarr: it has no filefunc.inc.php");
    assertEquals(release.left(), []);
  });

  it("leaves nothing when it breaks off", async () => {
    await using release = await serveRelease((home) => makeHtdocs(home), { cut: true });
    assertStringIncludes(await release.download() ?? "", "could not be downloaded: ");
    assertEquals(release.left(), []);
  });

  it("says what the server said", async () => {
    await using release = await serveRelease((home) => makeHtdocs(home), { status: 404 });
    assertEquals(await release.download(), "could not be downloaded: the server answers 404");
  });

  it("ends at once when it is interrupted", async () => {
    await using release = await serveRelease((home) => makeHtdocs(home));
    const error = await release.download(AbortSignal.abort(new Error("Ctrl-C"))).catch((thrown) => thrown);
    assert(error instanceof Error && error.message === "Ctrl-C");
    assertEquals(release.left(), []);
  });
});

function makeHtdocs(home: string): void {
  Deno.mkdirSync(`${home}/install`, { recursive: true });
  const version = "<?php\nif (!defined('DOL_VERSION')) {\n\tdefine('DOL_VERSION', '22.0.4');\n}\n";
  Deno.writeTextFileSync(
    `${home}/filefunc.inc.php`,
    `${version}$conffile = "conf/conf.php";\n//$conffile = "/etc/x";\n`,
  );
  for (
    const file of [
      "master.inc.php",
      "install/inc.php",
      "install/step1.php",
      "install/step2.php",
      "install/step5.php",
    ]
  ) {
    Deno.writeTextFileSync(`${home}/${file}`, "<?php\n");
  }
}

/** A server with a tar.gz of what `make` puts into its htdocs, and an empty cache. */
async function serveRelease(make: (home: string) => void, options: { cut?: boolean; status?: number } = {}) {
  const folder = await temporaryFolder();
  make(`${folder.path}/source/dolibarr-22.0.4/htdocs`);
  const archive = `${folder.path}/release.tar.gz`;
  const tar = new Deno.Command("tar", {
    args: ["-czf", archive, "-C", `${folder.path}/source`, "dolibarr-22.0.4"],
  });
  await tar.output();
  const bytes = await Deno.readFile(archive);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () =>
      new Response(options.cut ? bytes.slice(0, bytes.length / 2) : bytes, { status: options.status ?? 200 }),
  );
  const cache = `${folder.path}/cache`;
  const home = `${cache}/dolibarr-22.0.4/htdocs`;
  await Deno.mkdir(cache);
  return {
    home,
    left: () => [...Deno.readDirSync(cache)].map((entry) => entry.name),
    download: (signal = new AbortController().signal) =>
      downloadRelease(silentReporter, signal, {
        url: `http://127.0.0.1:${server.addr.port}/22.0.4.tar.gz`,
        home,
      }),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await folder[Symbol.asyncDispose]();
    },
  };
}
