import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import { settingsOf } from "../../../test/support/settings-of.ts";
import type { PoolConfig } from "../app-config.ts";
import type { Config } from "../config.ts";
import { Accounts } from "../accounts.ts";
import { deriveDefaults, type Place, resolveConfig } from "./resolve-config.ts";

const accounts = new Accounts(fakeConfigSystem());

function resolve(values: Readonly<Record<string, string>>, place: Partial<Place> = {}): Config {
  const whole: Place = { file: null, cwd: "/app", cpuCount: 2, accounts, ...place };
  const settings = settingsOf(values);
  deriveDefaults(settings, whole);
  return resolveConfig(settings, whole);
}

describe("resolveConfig", () => {
  test.each<[Record<string, string>, Partial<PoolConfig>]>([
    [{ "workers.count": "6" }, { workerCount: 6, workerCountMin: 6, workerCountMax: 6 }],
    [{ "workers.max_workers": "9" }, { workerCount: 4, workerCountMin: 4, workerCountMax: 9 }],
    [{ "workers.min_workers": "1" }, { workerCount: 4, workerCountMin: 1, workerCountMax: 4 }],
    [{ "workers.count": "auto" }, { workerCount: 16, workerCountMin: 16, workerCountMax: 16 }],
    [{ "workers.scale_down_idle_secs": "30" }, { scaleDownIdleMs: 30_000, aggressiveScaleDownMs: 0 }],
    [{ "workers.max_requests": "0" }, { requestsPerWorkerMax: 0 }],
    [{ "workers.max_requests_jitter": "25" }, { requestsPerWorkerJitter: 0.25 }],
    [{ "workers.retry_after": "1500ms" }, { retryAfterS: 2 }],
    [{ "workers.prefetch": "8" }, { prefetch: 8 }],
    [{ "workers.prefetch": "off" }, { prefetch: "off" }],
    [{}, { overflow: { strategy: "default", queueDepthMax: 10_000, queueTimeoutMs: 60_000 } }],
    [
      { "workers.queue.max_queue": "5", "workers.queue.timeout_ms": "1s" },
      { overflow: { strategy: "default", queueDepthMax: 5, queueTimeoutMs: 1000 } },
    ],
    [
      { "workers.backpressure.enabled": "true", "workers.backpressure.max_queue": "0", "workers.queue.max_queue": "5" },
      { overflow: { strategy: "backpressure", queueDepthMax: 0 } },
    ],
    [
      {
        "workers.queue_timeout.enabled": "true",
        "workers.queue_timeout.timeout_ms": "250",
        "workers.queue.max_queue": "5",
      },
      { overflow: { strategy: "queue_timeout", queueDepthMax: 5, queueTimeoutMs: 250 } },
    ],
  ])("makes a pool of %j", (values, expected) => {
    expect(resolve(values, { cpuCount: 16 }).apps[0]?.pool).toMatchObject(expected);
  });

  test.each<[Record<string, string>, number]>([
    [{}, 1],
    [{ fronts: "3" }, 3],
    [{ fronts: "auto", "workers.count": "16" }, 8],
    [{ fronts: "auto", "workers.count": "auto" }, 8],
    [{ fronts: "auto", "workers.count": "2" }, 2],
    [{ fronts: "auto", runtime: "stub", "workers.count": "2" }, 8],
    [{ fronts: "16", "workers.count": "2" }, 16],
  ])("counts the fronts of %j on 8 processors", (values, frontCount) => {
    expect(resolve(values, { cpuCount: 8 }).frontCount).toBe(frontCount);
  });

  test("makes every path absolute", () => {
    const config = resolve({
      runtime_dir: "run",
      "server.body_dir": "../spool",
      "php.binary": "bin/php",
      "php.cwd": "web",
      "php.worker_script": "w.php",
    });
    expect(config.runtimeDirectory).toBe("/app/run");
    expect(config.server.bodyDirectory).toBe("/spool");
    const [app] = config.apps;
    expect(app).toMatchObject({
      binary: "/app/web/bin/php",
      workingDirectory: "/app/web",
      entry: "/app/web/w.php",
    });
  });

  test("leaves a bare name of the interpreter to PATH, and unset directories to the engine", () => {
    const config = resolve({});
    expect(config).toMatchObject({
      runtimeDirectory: null,
      server: { bodyDirectory: null },
      apps: [{ binary: "php" }],
    });
  });

  test.each([
    [{ cwd: "/srv/shop" }, "shop"],
    [{ cwd: "/", file: "/etc/shop/vilya.yaml" }, "shop"],
    [{ cwd: "/srv/My Shop (2)" }, "My-Shop-2-"],
    [{ cwd: "/srv/.hidden" }, "hidden"],
    [{ cwd: "/" }, "vilya"],
    [{ cwd: "/srv/日本" }, "vilya"],
    [{ cwd: `/srv/${"long".repeat(20)}` }, "long".repeat(8)],
  ])("names an instance at %j %s, within the bounds of a name", (place, name) => {
    expect(resolve({}, place).name).toBe(name);
    expect(resolve({ name }, place).name).toBe(name);
  });

  test("resolves a health path that is off to null", () => {
    expect(resolve({ "server.health_path": "off" }).server.healthPath).toBeNull();
    expect(resolve({ "server.health_path": "/up" }).server.healthPath).toBe("/up");
  });

  test("is frozen all the way down, and survives JSON", () => {
    const config = resolve({ "php.ini.a": "1", "php.env.A": "1", "php.args": "-d x=1" });
    const isFrozen = (value: unknown): boolean =>
      typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    expect(isFrozen(config)).toBe(true);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });
});
