import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { TemporaryDirectory } from "../../../test/support/temporary-directory.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import { Settings } from "../../config/settings.ts";
import { ListenRefusedError } from "./open-listener.ts";
import { openListeners, type WantedListeners } from "./open-listeners.ts";

type Address = ServerConfig["listeners"][number]["address"];

function wantedOn(...addresses: readonly Address[]): WantedListeners {
  const server = { listeners: addresses.map((address) => ({ address })), backlog: 16 } as unknown as ServerConfig;
  return { server, frontCount: 1 };
}

describe("openListeners", () => {
  test("binds every address in order, and lets go of all", async () => {
    using directory = new TemporaryDirectory();
    const path = directory.at("v.sock");
    const wanted = wantedOn({ host: "127.0.0.1", port: 0 }, { path, mode: 0o600 });
    const listeners = await openListeners(wanted, new Settings([]));
    expect(listeners.sockets.map(({ address }) => ("path" in address ? "path" : "port"))).toEqual(["port", "path"]);
    expect(listeners.fds).toHaveLength(2);
    listeners[Symbol.dispose]();
    expect(existsSync(path)).toBe(false);
  });

  test("keeps none when one cannot be bound", async () => {
    using holder = await openListeners(wantedOn({ host: "127.0.0.1", port: 0 }), new Settings([]));
    const { address } = holder.sockets[0]!;
    const free = { host: "127.0.0.1", port: 0 };
    using directory = new TemporaryDirectory();
    const path = directory.at("v.sock");
    const wanted = wantedOn(free, { path, mode: 0o600 }, address as Address);
    expect(await openListeners(wanted, new Settings([])).catch((error: unknown) => error)).toBeInstanceOf(
      ListenRefusedError,
    );
    expect(existsSync(path)).toBe(false);
  });

  test("binds a port for each front, and a path once", async () => {
    using directory = new TemporaryDirectory();
    const path = directory.at("v.sock");
    const wanted = { ...wantedOn({ host: "127.0.0.1", port: 0 }, { path, mode: 0o600 }), frontCount: 3 };
    using listeners = await openListeners(wanted, new Settings([]));
    expect(listeners.fdsByListener.map(({ length }) => length)).toEqual([3, 1]);
    expect(listeners.fds).toHaveLength(4);
    expect(listeners.offered.map(({ isOurs }) => isOurs)).toEqual([false, false, false, true]);
  });

  test("adds what more fronts need, keeps what fewer leave, and binds nothing twice", async () => {
    const wanted = wantedOn({ host: "127.0.0.1", port: 0 });
    using one = await openListeners({ ...wanted, frontCount: 1 }, new Settings([]));
    using three = await openListeners({ ...wanted, frontCount: 3 }, new Settings([]), one);
    expect([one.fds.length, three.fds.length]).toEqual([1, 3]);
    expect(three.sockets).toEqual(one.sockets);
    const two = await openListeners({ ...wanted, frontCount: 2 }, new Settings([]), three);
    expect(two.fds).toEqual(three.fds);
  });
});
