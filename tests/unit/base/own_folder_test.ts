import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { DrillError } from "../../../src/base/errors.ts";
import { OwnFolder, type StepFacts, whyNotOwn, whyReached } from "../../../src/base/own_folder.ts";
import { temporaryFolder } from "../../support/folder.ts";

const OURS: StepFacts = { path: "/s", isDirectory: true, isLink: false, uid: 1000, gid: 1000, mode: 0o40700 };

describe("a folder of this user's own", () => {
  // deno-fmt-ignore: a line each
  const cases: [what: string, facts: Partial<StepFacts>, why: RegExp | undefined][] = [
    ["that only this user may enter", {}, undefined],
    ["that others may read", { mode: 0o40755 }, undefined],
    ["that its group may write into", { mode: 0o40770 }, /other users may write into it \(its mode is 0770\)/],
    ["that everybody may write into", { mode: 0o41777 }, /other users .*1777/],
    ["of another user", { uid: 33 }, /belongs to the user with the id 33, and this is 1000/],
    ["of root", { uid: 0 }, /the id 0, and this is 1000/],
    ["that is a file", { isDirectory: false }, /it is no folder/],
  ];
  for (const [what, facts, why] of cases) {
    it(what, () => {
      const found = whyNotOwn({ ...OURS, ...facts }, 1000);
      if (why === undefined) assertEquals(found, undefined);
      else assertMatch(found ?? "", why);
    });
  }

  it("is made with those above it, for this user alone, and is not there before that", async () => {
    await using folder = await temporaryFolder();
    const own = new OwnFolder(`${folder.path}/states/sandbox`);
    assertEquals(own.existing(), undefined);
    assertEquals([own.make(), own.make(), own.existing()], [own.path, own.path, own.path]);
    for (const path of [`${folder.path}/states`, own.path!]) {
      assertEquals(Deno.statSync(path).mode! & 0o7777, 0o700);
    }
  });

  it("is refused before anything in it is read, where others may write into it or above it", async () => {
    await using folder = await temporaryFolder();
    const own = new OwnFolder(`${folder.path}/states/sandbox`);
    own.make();
    for (const path of [own.path!, `${folder.path}/states`]) {
      await Deno.chmod(path, 0o777);
      const error = assertThrows(() => own.existing(), DrillError);
      assertEquals(error.code, "STATE_REFUSED");
      assertMatch(error.message, /^Cannot use .*: other users may write into it \(its mode is 0777\)$/);
      assertMatch(error.hint, /state: \/srv\/dolibarr-drill/);
      assertThrows(() => own.make(), DrillError);
      await Deno.chmod(path, 0o700);
    }
  });

  it(
    "is refused where it is another user's, and a link to one too",
    { skip: Deno.uid() !== 0 && "only root may give files away" },
    async () => {
      await using folder = await temporaryFolder();
      const own = new OwnFolder(`${folder.path}/states/sandbox`);
      own.make();
      await Deno.chown(own.path!, 33, 33);
      assertThrows(() => own.existing(), DrillError, "belongs to the user with the id 33");
      await Deno.remove(own.path!);
      await Deno.mkdir(`${folder.path}/theirs`);
      await Deno.chown(`${folder.path}/theirs`, 33, 33);
      await Deno.symlink(`${folder.path}/theirs`, own.path!);
      assertThrows(() => own.make(), DrillError, "belongs to the user with the id 33");
      assertThrows(() => own.existing(), DrillError);
    },
  );

  it("says what to do where this user has no place for one", () => {
    const none = new OwnFolder(undefined);
    assertEquals(none.existing(), undefined);
    const error = assertThrows(() => none.make(), DrillError);
    assertMatch(error.hint, /state: .*XDG_STATE_HOME/);
  });
});

describe("how somebody else could get at it", () => {
  const WWW = { uid: 33, gid: 33 };
  const root = { ...OURS, uid: 0, gid: 0, mode: 0o40755 };
  // deno-fmt-ignore: a line each
  const cases: [what: string, steps: StepFacts[], self: number, why: RegExp | undefined][] = [
    ["root's folders all the way", [root, { ...OURS, uid: 0 }], 0, undefined],
    ["a home of one's own", [root, OURS, OURS], 1000, undefined],
    ["a folder above it that is theirs", [root, { ...root, path: "/srv/www", uid: 33 }, OURS], 1000, /\/srv\/www belongs to the user with the id 33/],
    ["one that everybody may write into", [{ ...root, path: "/open", mode: 0o40777 }, OURS], 1000, /every user may write into \/open/],
    ["/tmp, whose entries are their owners'", [{ ...root, mode: 0o41777 }, OURS], 1000, undefined],
    ["one that their group may write into", [{ ...root, path: "/data", gid: 33, mode: 0o40775 }, OURS], 1000, /the group with the id 33 may write into \/data/],
    ["one that another group may write into", [{ ...root, gid: 7, mode: 0o40775 }, OURS], 1000, undefined],
    ["a link, whose bits say nothing", [{ ...root, isLink: true, mode: 0o120777 }, OURS], 1000, undefined],
    ["a link that is theirs", [{ ...root, path: "/l", isLink: true, uid: 33 }, OURS], 1000, /\/l belongs to/],
    ["the same user", [{ ...OURS, uid: 33 }], 33, /both are of the user with the id 33/],
  ];
  for (const [what, steps, self, why] of cases) {
    it(what, () => {
      const found = whyReached(steps, WWW, self);
      if (why === undefined) assertEquals(found, undefined);
      else assertMatch(found ?? "", why);
    });
  }

  it("is not known of documents that are root's: who serves them is another", () =>
    assertEquals(whyReached([{ ...root, mode: 0o40777 }], { uid: 0, gid: 0 }, 0), undefined));
});
