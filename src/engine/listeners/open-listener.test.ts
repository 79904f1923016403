import { describe, expect, test } from "bun:test";
import type { ServerConfig } from "../../config/server-config.ts";
import { HAS_IPV6 } from "../../../test/support/ipv6.ts";
import { port } from "../../config/options/server-options.ts";
import { Settings } from "../../config/settings.ts";
import { ListenRefusedError, openListener } from "./open-listener.ts";

const LINE = { kind: "file", file: "vilya.yaml", line: 4, column: 9 } as const;

function serverConfig(listenPort: number): ServerConfig {
  const listener = { address: { host: "127.0.0.1", port: listenPort } };
  return { listeners: [listener], backlog: 16 } as unknown as ServerConfig;
}

describe("openListener", () => {
  test("refuses a busy port with the place that names it and a way out", async () => {
    using holder = await openListener(serverConfig(0), 0, new Settings([]));
    const settings = new Settings([{ option: port, entryName: null, raw: String(holder.port), origin: LINE }]);
    const refused = await openListener(serverConfig(holder.port), 0, settings).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ListenRefusedError);
    expect(String(refused)).toContain(`Cannot listen on 127.0.0.1:${holder.port}: another process holds the port`);
    expect(refused).toMatchObject({
      origins: [LINE],
      hint: `try: --port ${holder.port + 1}`,
    });
  });

  test("has :: leave IPv4 to a listener that asks for it on the same port", async () => {
    if (!HAS_IPV6) return;
    using free = await openListener(serverConfig(0), 0, new Settings([]));
    const { port: shared } = free;
    free[Symbol.dispose]();
    const addresses = ["::", "127.0.0.1"].map((host) => ({ address: { host, port: shared } }));
    const config = { ...serverConfig(0), listeners: addresses } as unknown as ServerConfig;
    using both = await openListener(config, 0, new Settings([]));
    using ipv4 = await openListener(config, 1, new Settings([]));
    expect([both.port, ipv4.port]).toEqual([shared, shared]);
  });

  test("blames no place for a default", async () => {
    using holder = await openListener(serverConfig(0), 0, new Settings([]));
    const refused = await openListener(serverConfig(holder.port), 0, new Settings([])).catch((error: unknown) => error);
    expect(refused).toMatchObject({ origins: [] });
  });
});
