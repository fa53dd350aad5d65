import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../src/base/errors.ts";
import { bytesOf } from "../../src/base/streams.ts";
import { openFileStore } from "../../src/store/file.ts";
import { temporaryFolder } from "../support/folder.ts";
import { describeStore } from "./store.ts";

describeStore("file", async () => {
  const folder = await temporaryFolder();
  return {
    store: await openFileStore(`file://${folder.path}/store with blank`.replaceAll(" ", "%20")),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

describe("a folder as the store", () => {
  it("leaves no part behind, neither of a put that broke off nor of a process that is gone", async () => {
    await using folder = await temporaryFolder();
    const url = `file://${folder.path}`;
    const store = await openFileStore(url);
    await store.put("prod/db/a.dump", bytesOf("x"));
    const { thisProcess } = await import("../../src/base/holder.ts");
    const { host, boot } = thisProcess();
    await Deno.writeTextFile(`${folder.path}/.parts/${host}~${boot}~4194311~1~dead`, "half");
    await Deno.writeTextFile(`${folder.path}/.parts/elsewhere~x~1~1~alive`, "half");
    await openFileStore(url);
    assertEquals([...Deno.readDirSync(`${folder.path}/.parts`)].map(({ name }) => name), [
      "elsewhere~x~1~1~alive",
    ]);
  });

  it("says what to look at when it cannot be opened", async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/file`, "");
    const error = await assertRejects(() => openFileStore(`file://${folder.path}/file/store`), DrillError);
    assertEquals([error.code, error.hint.includes("store.url")], ["STORE_UNREACHABLE", true]);
  });

  it("never follows a key out of itself", async () => {
    await using folder = await temporaryFolder();
    const store = await openFileStore(`file://${folder.path}/store`);
    for (const key of ["../outside", "a/../../outside", "/etc/passwd", "a//b", ".parts/x"]) {
      assertEquals((await assertRejects(() => store.put(key, bytesOf("x")), DrillError)).code, "INTERNAL");
    }
  });
});
