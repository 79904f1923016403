import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../test/support/fake-config-system.ts";
import { Accounts } from "./accounts.ts";

const FILES = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nbroken\nshop:x:33:34::/srv/shop:/bin/sh\nodd:x:none:1::/:/bin/sh\n",
  "/etc/group": "root:x:0:\nshop:x:34:\nmedia:x:50:other,shop\nmail:x:51:shop\nnear:x:52:shop2\nbroken:x:53\n",
};

const accounts = new Accounts(fakeConfigSystem({ files: FILES }));

describe("Accounts", () => {
  test("knows users by name and by number, with their group and home", () => {
    const shop = { id: 33, name: "shop", groupId: 34, homeDirectory: "/srv/shop" };
    expect([accounts.user("shop"), accounts.user("33")]).toEqual([shop, shop]);
    expect(accounts.user("0")).toMatchObject({ name: "root", groupId: 0 });
  });

  test("takes a number that no name stands for, up to the largest one", () => {
    const nobody = { name: null, groupId: null, homeDirectory: null };
    expect(accounts.user("7")).toEqual({ id: 7, ...nobody });
    expect(accounts.user("4294967294")).toEqual({ id: 4_294_967_294, ...nobody });
    expect([accounts.user("4294967295"), accounts.group("4294967295")]).toEqual([null, null]);
    expect(accounts.group("7")).toBe(7);
  });

  test.each(["shp", "broken", "odd", ""])("knows no user and no group of the name %p", (name) => {
    expect([accounts.user(name), accounts.group(name)]).toEqual([null, null]);
  });

  test("knows groups, and who is a member of which", () => {
    expect(accounts.group("media")).toBe(50);
    expect(accounts.groupsOf("shop")).toEqual([50, 51]);
    expect(accounts.groupsOf("root")).toEqual([]);
  });

  test("knows nobody where there are no files", () => {
    const none = new Accounts({
      userId: 0,
      groupId: 0,
      read: () => {
        throw new Error("ENOENT");
      },
    });
    expect([none.user("root"), none.group("root"), none.groupsOf("root")]).toEqual([null, null, []]);
  });
});
