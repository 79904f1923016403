import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { variableNames } from "../sources/environment-source.ts";
import * as admin from "./admin-options.ts";
import * as tracing from "./tracing-options.ts";
import * as accessLog from "./access-log-options.ts";
import * as apps from "./app-options.ts";
import * as compression from "./compression-options.ts";
import * as uploads from "./uploads-options.ts";
import * as general from "./general-options.ts";
import * as http2 from "./http2-options.ts";
import * as logging from "./logging-options.ts";
import { childNames, findOption, isSection, OPTIONS, SECTIONS, VALUE_OPTIONS } from "./option-index.ts";
import * as overflow from "./overflow-options.ts";
import * as php from "./php-options.ts";
import * as program from "./program-options.ts";
import * as python from "./python-options.ts";
import * as listeners from "./listener-options.ts";
import * as routes from "./route-options.ts";
import * as limits from "./server-limit-options.ts";
import * as server from "./server-options.ts";
import * as staticOptions from "./static-options.ts";
import * as tls from "./tls-options.ts";
import * as webSocket from "./websocket-options.ts";
import * as workerLimits from "./worker-limit-options.ts";
import * as workerAccounts from "./worker-account-options.ts";
import * as workers from "./worker-options.ts";

describe("OPTIONS", () => {
  test("holds every option that is declared, once", () => {
    const declared = [
      general,
      apps,
      routes,
      server,
      listeners,
      tls,
      limits,
      http2,
      webSocket,
      staticOptions,
      staticOptions.staticFields,
      compression.compressionFields,
      uploads.uploadsFields,
      workers,
      workerAccounts,
      workerLimits,
      overflow,
      php,
      python,
      program,
      logging,
      accessLog,
      admin,
      tracing,
    ]
      .flatMap((module) => Object.values(module) as readonly unknown[])
      .filter(
        (each): each is { key: string } =>
          typeof each === "object" && each !== null && "summary" in each && "kind" in each,
      )
      .map(({ key }) => key);
    expect([...OPTIONS.keys()].toSorted()).toEqual(declared.toSorted());
    expect(SECTIONS.flatMap(({ options }) => options)).toHaveLength(OPTIONS.size);
  });

  test("has every key below the section that lists it", () => {
    for (const section of SECTIONS) {
      for (const { key } of section.options) expect(key.split(".").slice(0, -1).join(".")).toBe(section.key);
    }
  });

  test.each(VALUE_OPTIONS.map((option) => [option.key, option] as const))(
    "%s has a default that it would accept",
    (_key, option) => {
      if (option.default === null) {
        expect(option.defaultRule).toBeString();
        return;
      }
      const shown = option.type.show(option.default);
      const raw = Array.isArray(shown) ? shown : String(shown);
      expect(v.parse(option.type.schema, raw)).toEqual(option.default);
    },
  );

  test.each([...OPTIONS.values()].map((option) => [option.key, option] as const))(
    "%s is described in sentences",
    (_key, option) => {
      for (const sentence of [option.summary, option.guards ?? "Nothing."])
        expect(sentence).toMatch(/^[A-Z`0-9].*\.$/s);
    },
  );

  test("gives no variable and no flag two meanings", () => {
    const variables = VALUE_OPTIONS.flatMap(variableNames);
    const flags = VALUE_OPTIONS.flatMap(({ flag }) => flag ?? []);
    expect(new Set(variables).size).toBe(variables.length);
    expect(new Set(flags).size).toBe(flags.length);
  });

  // The tables of the first implementation's documentation, whose files stay valid.
  test.each([
    ["server.host", "0.0.0.0"],
    ["server.port", 8888],
    ["server.read_timeout", 60_000],
    ["server.write_timeout", 60_000],
    ["server.enable_http2", true],
    ["workers.count", 4],
    ["workers.min_workers", null],
    ["workers.max_workers", null],
    ["workers.scale_down_idle_secs", 0],
    ["workers.aggressive_scale_down_secs", 0],
    ["workers.max_requests", 1000],
    ["workers.timeout", 30_000],
    ["workers.backpressure.enabled", false],
    ["workers.backpressure.max_queue", null],
    ["workers.queue_timeout.enabled", false],
    ["workers.queue_timeout.timeout_ms", null],
    ["php.binary", "php"],
    ["php.worker_script", "worker.php"],
    ["logging.level", "info"],
    ["logging.format", "text"],
  ] as const)("keeps %s with its default %p", (key, expected) => {
    expect(OPTIONS.get(key)).toMatchObject({ default: expected });
  });
});

describe("findOption", () => {
  test.each([
    ["server.port", "server.port", null],
    ["php.ini", "php.ini", null],
    ["php.ini.opcache.enable", "php.ini", "opcache.enable"],
    ["php.env.APP_ENV", "php.env", "APP_ENV"],
    ["apps.shop.workers.count", "apps.shop.workers.count", null],
    ["apps.shop.php.ini.opcache.enable", "apps.shop.php.ini", "opcache.enable"],
  ])("finds %s", (key, optionKey, entryName) => {
    const found = findOption(key);
    expect(found?.option.key).toBe(optionKey);
    expect(found?.entryName).toBe(entryName);
  });

  test.each([
    "",
    "server",
    "apps.shop",
    "apps..runtime",
    "apps.shop.prot",
    "server.port.x",
    "php.inix",
    "prot",
    "__proto__",
    "constructor",
  ])("finds nothing for %j", (key) => {
    expect(findOption(key)).toBeNull();
  });
});

test("childNames › lists options and sections side by side", () => {
  expect(childNames("")).toEqual([
    "runtime",
    "name",
    "runtime_dir",
    "fronts",
    "entry",
    "command",
    "binary",
    "args",
    "cwd",
    "env",
    "apps",
    "routes",
    "server",
    "static",
    "compress",
    "uploads",
    "workers",
    "php",
    "python",
    "logging",
    "admin",
    "tracing",
  ]);
  expect(childNames("workers.backpressure")).toEqual(["enabled", "max_queue"]);
  expect(childNames("server")).toContain("limits");
  expect(childNames("nowhere")).toEqual([]);
});

test("isSection › knows sections from options", () => {
  expect(isSection("server.limits")).toBe(true);
  expect(isSection("server.port")).toBe(false);
  expect(isSection("toString")).toBe(false);
});
