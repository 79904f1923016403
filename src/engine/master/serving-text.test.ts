import { describe, expect, test } from "bun:test";
import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import { renderServing } from "./serving-text.ts";

function configOf({
  healthPath = "/health",
  apps = [{ name: "default", runtime: "php", pool: { workerCount: 4, workerCountMax: 4 } }],
}: {
  healthPath?: string | null;
  apps?: readonly object[];
} = {}): Config {
  return { server: { listeners: [{ tls: null }], healthPath }, apps: apps as AppConfig[] } as unknown as Config;
}

const FACTS = { version: "1.2.3", addresses: [{ host: "127.0.0.1", port: 8888 }], isReady: true };

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
    const addresses = [{ host, port: 8888 }];
    expect(renderServing({ ...FACTS, addresses, config: configOf() })).toContain(` serving ${url} `);
  });

  test("names every listener, and tries the first", () => {
    const server = { listeners: [{ tls: {} }, { tls: null }, { tls: null }], healthPath: "/health" };
    const config = { ...configOf(), server } as unknown as Config;
    const addresses = [{ host: "0.0.0.0", port: 8443 }, { host: "::", port: 8080 }, { path: "/run/vilya.sock" }];
    const text = renderServing({ ...FACTS, addresses, config });
    expect(text).toContain(" serving https://127.0.0.1:8443, http://[::1]:8080, http+unix:/run/vilya.sock (");
    expect(text).toContain("curl -i --insecure https://127.0.0.1:8443/health\n");
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
