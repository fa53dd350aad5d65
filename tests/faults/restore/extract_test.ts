/** `find` and `extract`: what was lost comes back out of a set, proved, and nothing else changes. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { dirname } from "node:path";
import { runTool } from "../../../src/base/process/processes.ts";
import { bytesOf, digestOf, sha256Of } from "../../../src/base/streams.ts";
import { writeIndex } from "../../../src/documents/index.ts";
import { openFileStore } from "../../../src/store/drivers/file.ts";
import { manifestKey } from "../../../src/store/keys.ts";
import { writeManifest } from "../../../src/store/records/manifest.ts";
import { readSet } from "../../../src/store/sets/sets.ts";
import { resultOf, spawnCli } from "../../support/cli.ts";
import { mountSmallDisk, whyNoDisk } from "../../support/platform/small_disk.ts";
import { until } from "../../support/until.ts";
import { type SmallCompany, startSmallCompany } from "../../support/platform/small_company.ts";

const LOST = "facture/FA7.pdf";
const noDisk = await whyNoDisk();

describe("find and extract", () => {
  let company: SmallCompany;
  /** The set that still has the document, and the one that has not. */
  let whole: string;
  let poorer: string;
  let out: string;

  const backup = async () => {
    const end = await company.cli(["backup", "--env", "prod", "--json"]);
    assertEquals(end.code, 0, end.stderr);
    return String(resultOf(end.stdout).set).replace("prod/", "");
  };
  const extract = (...args: string[]) => company.cli(["extract", ...args]);

  beforeAll(async () => {
    company = await startSmallCompany();
    company.env.XDG_CACHE_HOME = `${company.folder}/cache`;
    await company.sql(
      "CREATE TABLE llx_societe AS SELECT n AS rowid, 'Company ' || n AS nom, NULL::text AS note FROM generate_series(1, 30) n",
      `UPDATE llx_societe SET nom = E'Müller, "Söhne"\\nKG', note = '' WHERE rowid = 7`,
    );
    await Deno.symlink("FA1.pdf", `${company.folder}/documents/facture/link.pdf`);
    whole = await backup();
    await Deno.remove(`${company.folder}/documents/${LOST}`);
    await Deno.writeTextFile(`${company.folder}/documents/facture/FA8.pdf`, "%PDF made again");
    poorer = await backup();
    out = `${company.folder}/out`;
    await Deno.mkdir(`${out}/linked`, { recursive: true });
    await Deno.symlink(`${company.folder}/documents/facture`, `${out}/linked/facture`);
  });
  afterAll(() => company[Symbol.asyncDispose]());

  it("says in which sets a document is, and since when it is missing", async () => {
    const end = await company.cli(["find", "fa7.PDF", "--json"]);
    assertEquals(end.code, 0, end.stderr);
    const [document] = end.stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ event }) => event === "document");
    assertEquals(
      [document.path, document.missingSince, document.versions.length, document.versions[0].newest],
      [LOST, poorer, 1, whole],
    );
    const shown = await company.cli(["find", "FA7"]);
    assertStringIncludes(shown.stdout, `${LOST}\n  missing since ${poorer}\n  ${whole}  1 set  4 B`);
  });

  it("shows each content of a document that changed", async () => {
    const { stdout } = await company.cli(["find", "FA8.pdf"]);
    assertMatch(stdout, new RegExp(`${poorer}  1 set  15 B .*\\n  ${whole}  1 set  4 B`));
  });

  it("prints no more than it was asked for, and how many there are", async () => {
    const { code, stdout, stderr } = await company.cli(["find", "*", "--limit", "3"]);
    assertEquals([code, stdout.match(/^facture\//gm)?.length], [0, 3]);
    assertMatch(stderr, /21 more documents: print them with --limit, or narrow the pattern/);
  });

  it("says that nothing fits", async () => {
    const { code, stdout, stderr } = await company.cli(["find", "nothing-like-it"]);
    assertEquals([code, stdout], [0, ""]);
    assertMatch(stderr, /No document of prod fits "nothing-like-it" in 2 sets/);
  });

  it("gets one document back, as it was backed up", async () => {
    const end = await extract(`prod/${whole}`, "--document", LOST, "--to", `${out}/FA7.pdf`);
    assertEquals([end.code, await Deno.readTextFile(`${out}/FA7.pdf`)], [0, "%PDF"], end.stderr);
    assertStringIncludes(
      end.stdout,
      `${out}/FA7.pdf  4 B  sha256 315d429b7714  from prod/${whole}, as it was backed up`,
    );
  });

  it("gets several into a folder, each in its own", async () => {
    const end = await extract(whole, "--document", LOST, "facture/FA8.pdf", "--to", `${out}/several`);
    assertEquals(end.code, 0, end.stderr);
    assertEquals(await Deno.readTextFile(`${out}/several/facture/FA8.pdf`), "%PDF");
    assertEquals(await Deno.readTextFile(`${out}/several/${LOST}`), "%PDF");
    assertEquals([...Deno.readDirSync(`${out}/several`)].map(({ name }) => name), ["facture"]);
  });

  it("gets one into a folder that is there", async () => {
    const end = await extract(whole, "--document", LOST, "--to", out);
    assertEquals([end.code, await Deno.readTextFile(`${out}/${LOST}`)], [0, "%PDF"], end.stderr);
  });

  it("writes the rows of a table as PostgreSQL's COPY reads them", async () => {
    const file = `${out}/societe.csv`;
    const end = await extract(whole, "--table", "llx_societe", "--where", "rowid=7", "--to", file);
    assertEquals(end.code, 0, end.stderr);
    assertEquals(await Deno.readTextFile(file), `rowid,nom,note\n7,"Müller, ""Söhne""\nKG",""\n`);
    assertStringIncludes(end.stdout, `${file}  1 row of 30 rows`);
    const several = ["--where", "rowid=7", "rowid=9", "rowid=1000", "--to", `${out}/several.csv`];
    const two = await extract(whole, "--table", "societe", ...several);
    assertEquals(two.code, 0, two.stderr);
    assertStringIncludes(two.stdout, "2 rows of 30 rows");
    const all = await extract(whole, "--table", "public.facture", "--to", `${out}/all.csv`);
    assertEquals([all.code, (await Deno.readTextFile(`${out}/all.csv`)).split("\n").length], [0, 502]);
  });

  it("takes ten thousand paths, and writes nothing where one of them is not there", async () => {
    const paths = Array.from({ length: 10_000 }, (_, at) => `facture/FA${at}.pdf`);
    const end = await extract(whole, "--document", ...paths, "--to", `${out}/many`);
    assertEquals(end.code, 2);
    assertMatch(
      end.stderr,
      /Cannot extract facture\/FA24\.pdf and 9,975 more documents: prod\/\S+ has no document of these paths/,
    );
    assert(!await exists(`${out}/many`));
  });

  // deno-fmt-ignore: a line each
  const refused: [title: string, args: () => string[], code: number, said: RegExp][] = [
    ["a path that leaves the documents", () => [whole, "--document", "../etc/passwd", "--to", `${out}/x`], 2, /Cannot extract \.\.\/etc\/passwd: its path leaves the tree/],
    ["an absolute path", () => [whole, "--document", "/etc/passwd", "--to", `${out}/x`], 2, /Cannot extract \/etc\/passwd: its path leaves the tree/],
    ["a link", () => [whole, "--document", "facture/link.pdf", "--to", `${out}/x`], 2, /it is a link to FA1\.pdf/],
    ["a folder", () => [whole, "--document", "facture", "--to", `${out}/x`], 2, /has no document of that path/],
    ["a document that this set has not", () => [poorer, "--document", LOST, "--to", `${out}/x`], 2, /dolibarr-drill find FA7\.pdf --env prod/],
    ["a file that is there", () => [whole, "--document", LOST, "--to", `${out}/FA7.pdf`], 2, /FA7\.pdf: it is there already/],
    ["a table that is not there", () => [whole, "--table", "llx_factur", "--to", `${out}/x`], 2, /has no table of that name\nDid you mean llx_facture\?/],
    ["a column that is not there", () => [whole, "--table", "llx_societe", "--where", "name=x", "--to", `${out}/x`], 2, /llx_societe of prod\/\S+ has no such column/],
    ["a condition without a value", () => [whole, "--table", "llx_societe", "--where", "nom", "--to", `${out}/x`], 2, /--where nom is not of the form COLUMN=VALUE/],
    ["a file for a table that is there", () => [whole, "--table", "llx_societe", "--to", `${out}/FA7.pdf`], 2, /FA7\.pdf: it is there already/],
    ["a place in production's documents", () => [whole, "--document", LOST, "--to", `${company.folder}/documents/x.pdf`], 2, /it lies in the documents of prod/],
    ["neither a document nor a table", () => [whole, "--to", `${out}/x`], 2, /extract needs --document or --table/],
    ["a folder below --to that is a link into production's documents", () => [whole, "--document", LOST, "facture/FA8.pdf", "--to", `${out}/linked`], 2, /Cannot write files to \S+linked\/facture: it lies in the documents of prod/],
    ["a name that no file can have", () => [whole, "--document", LOST, "--to", `${out}/${"x".repeat(300)}`], 2, /Cannot use \/\S+…: File name too long[^]*Nothing was changed/],
    ["a place below a file", () => [whole, "--document", LOST, "--to", `${out}/FA7.pdf/x`], 2, /Cannot make the folder \S+FA7\.pdf/],
    ["a file that is there, for several documents", () => [whole, "--document", LOST, "facture/FA8.pdf", "--to", `${out}/FA7.pdf`], 2, /Cannot make the folder \S+FA7\.pdf/],
    ["a table's name far from every one, without a guess", () => [whole, "--table", "llx_zzz", "--to", `${out}/x`], 2, /has no table of that name\nIt has \d+ tables/],
    ["two tables", () => [whole, "--table", "a", "--table", "b", "--to", `${out}/x`], 2, /--table is given twice, with a and b/],
    ["a document whose name needs quotes, with a command that can be pasted", () => [whole, "--document", "ecm/it's here.pdf", "--to", `${out}/x`], 2, /dolibarr-drill find 'it'\\''s here\.pdf' --env prod/],
    ["no place", () => [whole, "--document", LOST], 2, /extract needs --to/],
    ["a set that is not there", () => ["20200101T000000Z", "--document", LOST, "--to", `${out}/x`], 2, /Cannot find the set 20200101T000000Z/],
  ];
  for (const [title, args, code, said] of refused) {
    it(`refuses ${title}, and leaves what there is`, async () => {
      const end = await extract(...args());
      assertEquals(end.code, code, end.stderr);
      assertMatch(end.stderr, said);
      assert(!await exists(`${out}/x`));
      assertEquals(await Deno.readTextFile(`${out}/FA7.pdf`), "%PDF");
      assertEquals([...Deno.readDirSync(out)].filter(({ name }) => name.startsWith(".")), []);
    });
  }

  it("takes a condition for a value and never for SQL", async () => {
    const file = `${out}/none.csv`;
    const end = await extract(
      ...[whole, "--table", "societe", "--where", "rowid=7 OR 1=1; DROP TABLE llx_societe", "--to", file],
    );
    assertEquals([end.code, await Deno.readTextFile(file)], [0, "rowid,nom,note\n"], end.stderr);
    assertStringIncludes(end.stdout, `${file}  0 rows of 30 rows`);
    assertStringIncludes(end.stdout, `from llx_societe of prod/${whole}`);
  });

  it("finds a document however its é is written, and extracts it by either", async () => {
    const [one, other] = ["facture/caf\u00e9.pdf", "facture/cafe\u0301.pdf"] as const;
    const archived = await copyWith("accents", whole, { [other]: "%PDF" });
    for (const [at, path] of [one, other].entries()) {
      const found = await company.cli(["find", path], archived.config);
      assertStringIncludes(found.stdout, other);
      const end = await company.cli(
        ["extract", whole, "--document", path, "--to", `${out}/accent${at}.pdf`],
        archived.config,
      );
      assertEquals([end.code, await Deno.readTextFile(`${out}/accent${at}.pdf`)], [0, "%PDF"], end.stderr);
    }
  });

  /** A copy of the store in which the documents of `set` are these, with an index that is right; `lie` changes the tree after it. */
  async function copyWith(
    title: string,
    set: string,
    documents: Record<string, string>,
    lie: (folder: string) => Promise<void> = () => Promise.resolve(),
  ) {
    const copy = `${company.folder}/${title}`;
    await runTool("cp", { args: ["-a", `${company.folder}/store`, copy] });
    const tree = `${company.folder}/${title}-tree`;
    for (const [path, content] of Object.entries(documents)) {
      await Deno.mkdir(dirname(`${tree}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${tree}/${path}`, content);
    }
    const files = Object.entries(documents).map(([path, content]) => ({
      ...{ path, bytes: content.length, sha256: sha256Of(content), mtimeMs: 0, ctimeMs: 0 },
    }));
    await lie(tree);
    const store = await openFileStore(`file://${copy}`);
    const { manifest } = (await readSet(store, "prod", set))!;
    const { docs } = manifest;
    const index = writeIndex({ excludes: [], files, links: [] });
    await store.put(docs.index.key, bytesOf(index));
    docs.index = { ...docs.index, bytes: index.length, sha256: sha256Of(index) };
    const { key } = docs.objects[0]!;
    assertEquals((await runTool("tar", { args: ["-czf", `${copy}/${key}`, "-C", tree, "."] })).code, 0);
    /** Records the archive as it is now. */
    const describe = async () => {
      docs.objects = [{ key, ...await digestOf(store.get(key)) }];
      await store.put(manifestKey("prod", set), bytesOf(writeManifest(manifest)));
    };
    await describe();
    return { config: await company.configFor(copy), archive: `${copy}/${key}`, describe };
  }

  // deno-fmt-ignore: a line each
  const lies: [what: string, lie: (tree: string) => Promise<void>, said: RegExp][] = [
    ["a symbolic link", async (tree) => { await Deno.remove(`${tree}/b.pdf`); await Deno.symlink("a.pdf", `${tree}/b.pdf`); }, /Cannot extract b\.pdf of \S+: its index lists it, and \S+ holds no such file/],
    ["a hard link", async (tree) => { await Deno.remove(`${tree}/b.pdf`); await Deno.link(`${tree}/a.pdf`, `${tree}/b.pdf`); }, /Cannot extract b\.pdf of \S+: its index lists it, and \S+ holds no such file/],
    ["nothing", (tree) => Deno.remove(`${tree}/b.pdf`), /Cannot extract b\.pdf of \S+: its index lists it, and \S+ holds no such file/],
    ["another content", (tree) => Deno.writeTextFile(`${tree}/b.pdf`, "%XXX"), /Cannot trust b\.pdf of \S+: \S+ holds other bytes than were recorded[^]*find b\.pdf --env prod/],
  ];
  for (const [what, lie, said] of lies) {
    it(`writes nothing where the archive has ${what} in the place of a document`, async () => {
      const title = `lie-${what.replaceAll(" ", "-")}`;
      const { config } = await copyWith(title, whole, { "a.pdf": "%PDF", "b.pdf": "%PDF" }, lie);
      const to = `${out}/${title}`;
      const end = await company.cli(["extract", whole, "--document", "a.pdf", "b.pdf", "--to", to], config);
      assertEquals(end.code, 1, end.stderr);
      assertMatch(end.stderr, said);
      assert(!await exists(to));
    });
  }

  it("leaves nothing of documents of which one has no place, no folder either", async () => {
    await Deno.mkdir(`${out}/half/facture/FA8.pdf`, { recursive: true });
    const end = await extract(whole, "--document", LOST, "facture/FA8.pdf", "--to", `${out}/half`);
    assertEquals(end.code, 2, end.stderr);
    assertEquals([...Deno.readDirSync(`${out}/half/facture`)].map(({ name }) => name), ["FA8.pdf"]);
  });

  it("leaves nothing on a disk that is full", { skip: noDisk }, async () => {
    await using disk = await mountSmallDisk("64k");
    const { config } = await copyWith("large", whole, { "a.pdf": "x".repeat(300_000) });
    await Deno.writeFile(`${disk.path}/filler`, new Uint8Array());
    for (
      const [what, filled] of [[["--document", "a.pdf"], 0], [["--table", "llx_facture"], 65_536]] as const
    ) {
      await Deno.writeFile(`${disk.path}/filler`, new Uint8Array(filled));
      const to = `${disk.path}/new/folder/file`;
      const end = await company.cli(["extract", whole, ...what, "--to", to], config);
      assertEquals(end.code, 2, end.stderr);
      assertMatch(end.stderr, /the disk is full\n(?: .*\n)*Make room there, or name another place with --to/);
      assertEquals([...Deno.readDirSync(disk.path)].map(({ name }) => name), ["filler"]);
    }
  });

  it("leaves no folder where it is interrupted", async () => {
    const tree = `${company.folder}/endless-tree`;
    const { config, archive, describe } = await copyWith("endless", whole, { "a.pdf": "%PDF" });
    // 8 GB of zeros before the document, in a file of some MB
    const script = `cd "${tree}" && truncate -s 8589934591 zeros && {
      tar -c zeros | head -c 512 | gzip
      head -c 67108864 /dev/zero | gzip -1 >one
      for at in $(seq 128); do cat one; done
      tar -c a.pdf | gzip
    } >"${archive}"`;
    assertEquals((await runTool("bash", { args: ["-e", "-c", script] })).code, 0);
    await describe();
    const to = `${out}/interrupted/folder/a.pdf`;
    const child = spawnCli(["extract", whole, "--document", "a.pdf", "--to", to, "--config", config], {
      env: company.env,
    });
    const output = child.output();
    await until("the folder is there", () => exists(dirname(to)));
    child.kill("SIGINT");
    const { code, stderr } = await output;
    assertEquals(code, 130, new TextDecoder().decode(stderr));
    assert(!await exists(`${out}/interrupted`));
  });

  it("leaves no document of an archive that holds other bytes than were recorded", async () => {
    const copy = `${company.folder}/damaged`;
    await runTool("cp", { args: ["-a", `${company.folder}/store`, copy] });
    const folder = `${company.folder}/other`;
    await Deno.mkdir(`${folder}/facture`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${LOST}`, "%XXX");
    const archive = `${copy}/prod/docs/${whole}.tar.gz`;
    const { code } = await runTool("tar", { args: ["-czf", archive, "-C", folder, LOST] });
    assertEquals(code, 0);
    const config = await company.configFor(copy);
    const end = await company.cli(["extract", whole, "--document", LOST, "--to", `${out}/bad.pdf`], config);
    assertEquals(end.code, 1, end.stderr);
    assertMatch(end.stderr, /holds other bytes than were recorded|Cannot trust/);
    assert(!await exists(`${out}/bad.pdf`));

    const dump = `${copy}/prod/db/${whole}.dump`;
    const bytes = await Deno.readFile(dump);
    bytes[bytes.length - 20]! ^= 1;
    await Deno.writeFile(dump, bytes);
    const rows = await company.cli(
      ["extract", whole, "--table", "llx_societe", "--to", `${out}/bad.csv`],
      config,
    );
    assertEquals(rows.code, 1, rows.stderr);
    assertMatch(rows.stderr, new RegExp(`prod/db/${whole}\\.dump`));
    assert(!await exists(`${out}/bad.csv`));
  });

  it("says that the newest set is bad where latest is another", async () => {
    const copy = `${company.folder}/gone`;
    await runTool("cp", { args: ["-a", `${company.folder}/store`, copy] });
    const config = await company.configFor(copy);
    await Deno.remove(`${copy}/prod/docs/${poorer}.tar.gz`);
    const end = await company.cli(
      ["extract", "latest", "--table", "societe", "--to", `${out}/new/folder/a.csv`],
      config,
    );
    assertEquals(end.code, 0, end.stderr);
    assertMatch(
      end.stderr,
      new RegExp(
        `latest is prod/${whole}: .* older than the newest set, prod/${poorer}, which is bad: .* is missing`,
      ),
    );
    assertEquals((await Deno.readTextFile(`${out}/new/folder/a.csv`)).split("\n")[0], "rowid,nom,note");

    await Deno.writeTextFile(`${copy}/prod/manifests/${poorer}.json`, "");
    const found = await company.cli(["find", "FA1.pdf"], config);
    assertEquals(found.code, 1, found.stderr);
    assertMatch(found.stderr, new RegExp(`prod/${poorer} is not searched`));
  });

  it("says of the old script's set that nothing proves its documents", async () => {
    const old = `${company.folder}/old`;
    await Deno.mkdir(`${old}/prod/docs`, { recursive: true });
    await Deno.mkdir(`${old}/prod/db`);
    const set = "20250101T020000Z";
    await Deno.copyFile(`${company.folder}/store/prod/db/${whole}.dump`, `${old}/prod/db/${set}.dump`);
    await runTool("tar", {
      args: ["-czf", `${old}/prod/docs/${set}.tar.gz`, "-C", `${company.folder}/documents`, "facture"],
    });
    const config = await company.configFor(old);
    const end = await company.cli(
      ["extract", set, "--document", "facture/FA1.pdf", "--to", `${out}/old.pdf`],
      config,
    );
    assertEquals([end.code, await Deno.readTextFile(`${out}/old.pdf`)], [0, "%PDF"], end.stderr);
    assertMatch(end.stderr, /NOT RUN: nothing proves these documents/);
    const found = await company.cli(["find", "FA1.pdf"], config);
    assertMatch(found.stderr, /1 set of the old backup script cannot be searched: they have no index/);
  });
});

const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);
