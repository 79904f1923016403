import { describe, expect, test } from "bun:test";
import { WorkerAccess } from "./worker-access.ts";

const SHOP = { userId: 33, groupId: 34, groupIds: [34, 50], userName: "shop", homeDirectory: "/srv/shop" };

describe("WorkerAccess", () => {
  test("runs a command as the user with all its groups, tied to the engine's life", () => {
    expect(new WorkerAccess(SHOP).wrapper()).toEqual([
      "setpriv",
      "--reuid=33",
      "--regid=34",
      "--groups=34,50",
      "--inh-caps=-all",
      "--pdeathsig",
      "KILL",
      "--",
    ]);
  });

  test("says where the user is at home; one without an entry is called by its number", () => {
    expect(new WorkerAccess(SHOP).environment).toEqual({ HOME: "/srv/shop", USER: "shop", LOGNAME: "shop" });
    const nameless = new WorkerAccess({ ...SHOP, userName: null, homeDirectory: null });
    expect(nameless.environment).toEqual({ HOME: "/", USER: "33", LOGNAME: "33" });
  });

  test("changes nothing where workers are who the engine is", () => {
    const same = new WorkerAccess(null);
    expect(same.environment).toEqual({});
    expect(same.wrapper()).toEqual(["setpriv", "--pdeathsig", "KILL", "--"]);
    same.give("/no/such/path");
    same.showDirectory("/no/such/path");
  });
});
