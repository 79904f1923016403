import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../test/support/fake-config-system.ts";
import { settingsOf } from "../../test/support/settings-of.ts";
import { Accounts } from "./accounts.ts";
import { SettingsScope } from "./settings-scope.ts";
import { checkIdentities, resolveIdentity } from "./worker-identity.ts";

const FILES = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/srv/me:/bin/sh\nshop:x:33:34::/srv/shop:/bin/sh\n",
  "/etc/group": "shop:x:34:\nmedia:x:50:shop\n",
};

/** What becomes of `workers.user` and `workers.group` in an engine of this user. */
function find(values: Readonly<Record<string, string>>, userId = 0) {
  const settings = settingsOf(values);
  const accounts = new Accounts(fakeConfigSystem({ files: FILES, userId }));
  const problems = checkIdentities(settings, accounts).map(({ message }) => message);
  return { identity: resolveIdentity(new SettingsScope(settings), accounts), problems };
}

describe("The user of workers", () => {
  test.each([
    [{ "workers.user": "shop" }, { userId: 33, groupId: 34, groupIds: [34, 50] }],
    [{ "workers.user": "33" }, { userId: 33, groupId: 34, groupIds: [34, 50], userName: "shop" }],
    [
      { "workers.user": "shop", "workers.group": "media" },
      { userId: 33, groupId: 50, groupIds: [50] },
    ],
    [
      { "workers.user": "77", "workers.group": "78" },
      { userId: 77, groupId: 78, groupIds: [78], userName: null },
    ],
    [
      { "workers.user": "root", "workers.group": "media" },
      { userId: 0, groupId: 50, groupIds: [50] },
    ],
  ])("is found for root: %j", (values, identity) => {
    expect(find(values)).toEqual({ identity: expect.objectContaining(identity), problems: [] });
  });

  test.each<[Record<string, string>, number]>([
    [{}, 0],
    [{}, 1000],
    [{ "workers.user": "root" }, 0],
    [{ "workers.user": "me" }, 1000],
    [{ "workers.user": "1000", "workers.group": "1000" }, 1000],
  ])("is the engine's: %j of user %d", (values, userId) => {
    expect(find(values, userId)).toEqual({ identity: null, problems: [] });
  });

  test.each<[Record<string, string>, number, string]>([
    [{ "workers.group": "media" }, 0, "workers.group: workers.user is missing, a group beside a user is allowed"],
    [
      { "workers.user": "shp" },
      0,
      "workers.user: there is no user shp in /etc/passwd, a name from there or a number is allowed",
    ],
    [
      { "workers.user": "shop", "workers.group": "meida" },
      0,
      "workers.group: there is no group meida in /etc/group, a name from there or a number is allowed",
    ],
    [
      { "workers.user": "77" },
      0,
      "workers.user: user 77 is not in /etc/passwd and has no group of its own, one with workers.group is allowed",
    ],
    [
      { "workers.user": "shop" },
      1000,
      "workers.user: this is user 1000, who may not start workers as shop, root is allowed to",
    ],
    [
      { "workers.user": "me", "workers.group": "media" },
      1000,
      "workers.user: this is user 1000, who may not start workers as me, root is allowed to",
    ],
  ])("is refused: %j of user %d", (values, userId, problem) => {
    expect(find(values, userId)).toEqual({ identity: null, problems: [`Cannot use ${problem}`] });
  });
});
