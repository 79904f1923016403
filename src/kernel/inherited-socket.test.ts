import { expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { HAS_IPV6 } from "../../test/support/ipv6.ts";
import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { bindSocket } from "./bound-socket.ts";
import { InheritedSocket } from "./inherited-socket.ts";

test.each(HAS_IPV6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"])(
  "InheritedSocket knows the address it is bound to: %s",
  async (host) => {
    using bound = await bindSocket({ host, port: 0 });
    const { port } = bound;
    const socket = new InheritedSocket(bound.fd);
    expect([socket.port, socket.path]).toEqual([port, null]);
    expect(socket.isAt({ host, port })).toBe(true);
    for (const other of [
      { host, port: port - 1 },
      { host: "127.0.0.2", port },
      { host: "localhost", port },
      { path: "/x" },
    ]) {
      expect(socket.isAt(other)).toBe(false);
    }
  },
);

test("InheritedSocket leaves the file of a Unix socket to whoever has made it", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.at("x.sock");
  using bound = await bindSocket({ path });
  const socket = new InheritedSocket(bound.release());
  expect([socket.port, socket.path, socket.isAt({ path })]).toEqual([0, path, true]);
  socket.toBoundSocket("")[Symbol.dispose]();
  expect(existsSync(path)).toBe(true);
});
