import { describe, expect, test } from "bun:test";
import type { ServerConfig } from "../../config/server-config.ts";
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

  test("blames no place for a default", async () => {
    using holder = await openListener(serverConfig(0), 0, new Settings([]));
    const refused = await openListener(serverConfig(holder.port), 0, new Settings([])).catch((error: unknown) => error);
    expect(refused).toMatchObject({ origins: [] });
  });
});
