import { describe, expect, test } from "bun:test";
import type { AppConfig, Config } from "../config/config.ts";
import { renderServing } from "./serving-text.ts";

function configOf({
  host = "127.0.0.1",
  healthPath = "/health",
  apps = [{ name: "default", runtime: "php", pool: { workerCount: 4, workerCountMax: 4 } }],
}: {
  host?: string;
  healthPath?: string | null;
  apps?: readonly object[];
} = {}): Config {
  return { server: { host, healthPath }, apps: apps as AppConfig[] } as unknown as Config;
}

const FACTS = { version: "1.2.3", port: 8888, isReady: true };

describe("renderServing", () => {
  test("names the address, the app and what to try", () => {
    expect(renderServing({ ...FACTS, config: configOf() })).toBe(
      "vilya 1.2.3 serving http://127.0.0.1:8888 (app default: 4 php workers)\n  try: curl -i http://127.0.0.1:8888/health\n",
    );
  });

  test("says that nothing works yet", () => {
    expect(renderServing({ ...FACTS, config: configOf(), isReady: false })).toStartWith(
      "vilya 1.2.3 listening on http://127.0.0.1:8888, not ready (app default: 4 php workers): ",
    );
  });

  test.each([
    ["0.0.0.0", "http://127.0.0.1:8888"],
    ["::", "http://[::1]:8888"],
    ["::1", "http://[::1]:8888"],
    ["localhost", "http://localhost:8888"],
  ])("prints an address that can be typed for host %s", (host, url) => {
    expect(renderServing({ ...FACTS, config: configOf({ host }) })).toContain(` serving ${url} `);
  });

  test("tries the root where there is no health path", () => {
    expect(renderServing({ ...FACTS, config: configOf({ healthPath: null }) })).toContain(
      "curl -i http://127.0.0.1:8888/\n",
    );
  });

  test("describes every app", () => {
    const apps = [
      { name: "shop", runtime: "php", pool: { workerCount: 1, workerCountMax: 8 } },
      { name: "bench", runtime: "stub", pool: { workerCount: 4, workerCountMax: 4 } },
    ];
    expect(renderServing({ ...FACTS, config: configOf({ apps }) })).toContain(
      "(app shop: 1 php worker, up to 8; app bench: answered by the front itself)",
    );
  });
});
