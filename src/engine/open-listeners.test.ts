import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import type { ServerConfig } from "../config/server-config.ts";
import { Settings } from "../config/settings.ts";
import { ListenRefusedError } from "./open-listener.ts";
import { openListeners } from "./open-listeners.ts";

type Address = ServerConfig["listeners"][number]["address"];

function serverOn(...addresses: readonly Address[]): ServerConfig {
  return { listeners: addresses.map((address) => ({ address })), backlog: 16 } as unknown as ServerConfig;
}

describe("openListeners", () => {
  test("binds every address in order, and lets go of all", async () => {
    using directory = new TemporaryDirectory();
    const path = directory.at("v.sock");
    const server = serverOn({ host: "127.0.0.1", port: 0 }, { path, mode: 0o600 });
    const listeners = await openListeners(server, new Settings([]));
    expect(listeners.sockets.map(({ address }) => ("path" in address ? "path" : "port"))).toEqual(["port", "path"]);
    expect(listeners.fds).toHaveLength(2);
    listeners[Symbol.dispose]();
    expect(existsSync(path)).toBe(false);
  });

  test("keeps none when one cannot be bound", async () => {
    using holder = await openListeners(serverOn({ host: "127.0.0.1", port: 0 }), new Settings([]));
    const { address } = holder.sockets[0]!;
    const free = { host: "127.0.0.1", port: 0 };
    using directory = new TemporaryDirectory();
    const path = directory.at("v.sock");
    const server = serverOn(free, { path, mode: 0o600 }, address as Address);
    expect(await openListeners(server, new Settings([])).catch((error: unknown) => error)).toBeInstanceOf(
      ListenRefusedError,
    );
    expect(existsSync(path)).toBe(false);
  });
});
