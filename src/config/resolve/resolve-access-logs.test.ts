import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import type { LoggingConfig } from "../logging-config.ts";
import { loadConfig } from "../load-config.ts";

function resolve(logging: string): LoggingConfig {
  const text = `logging: { ${logging} }\nserver: { listeners: [{ port: 80 }, { path: x.sock }] }\n`;
  return loadConfig({ file: "a.yaml", overrides: [] }, fakeConfigSystem({ files: { "a.yaml": text } })).config.logging;
}

describe("resolveLogging", () => {
  test("has no access log until one is asked for", () => {
    expect(resolve("level: info").accessLogs).toEqual([]);
  });

  test("takes the short form as a log without conditions, before those of the list", () => {
    const item = `{ path: stdout, format: json, status: [4xx, 500-504, "404"], listeners: ["80", x.sock], sample: 10%, min_duration: 1s }`;
    expect(resolve(`access_log: access.log, access: [${item}]`).accessLogs).toMatchObject([
      { file: "/app/access.log", statuses: [], sampleShare: 1, durationMsMin: 0, bufferBytes: 8 << 20 },
      {
        file: null,
        format: "json",
        statuses: [
          [400, 499],
          [500, 504],
          [404, 404],
        ],
        listeners: ["80", "/app/x.sock"],
        sampleShare: 0.1,
        durationMsMin: 1_000,
      },
    ]);
  });

  test("masks by names in lower case", () => {
    const { maskedQueryNames, maskedHeaderNames } = resolve("mask_query: [Token], mask_headers: [X-Key]");
    expect([maskedQueryNames, maskedHeaderNames]).toEqual([["token"], ["x-key"]]);
  });
});
