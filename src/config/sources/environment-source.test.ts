import { describe, expect, test } from "bun:test";
import { readEnvironmentSource, variableNames } from "./environment-source.ts";
import { maxRequests } from "../options/worker-options.ts";
import { port } from "../options/server-options.ts";

function read(environment: Readonly<Record<string, string>>) {
  const { assignments, warnings } = readEnvironmentSource(environment);
  return {
    assigned: assignments.map(
      ({ option, raw, origin }) => `${option.key}=${String(raw)} (${origin.kind === "environment" && origin.variable})`,
    ),
    warned: warnings.map(({ message, hint }) => [message, hint]),
  };
}

test("variableNames › follow the key, short names first, ours first", () => {
  expect(variableNames(port)).toEqual(["VILYA_PORT", "VILYA_SERVER_PORT", "NARYA_PORT", "NARYA_SERVER_PORT"]);
  expect(variableNames(maxRequests)).toEqual(["VILYA_WORKERS_MAX_REQUESTS", "NARYA_WORKERS_MAX_REQUESTS"]);
});

describe("readEnvironmentSource", () => {
  test.each([
    [{ VILYA_HOST: "::1" }, "server.host=::1 (VILYA_HOST)"],
    [{ VILYA_WORKERS: "8" }, "workers.count=8 (VILYA_WORKERS)"],
    [{ VILYA_WORKERS_COUNT: "8" }, "workers.count=8 (VILYA_WORKERS_COUNT)"],
    [{ VILYA_LOG_LEVEL: "debug" }, "logging.level=debug (VILYA_LOG_LEVEL)"],
    [{ VILYA_LOG_FORMAT: "json" }, "logging.format=json (VILYA_LOG_FORMAT)"],
    [{ NARYA_PORT: "81" }, "server.port=81 (NARYA_PORT)"],
    [{ NARYA_WORKERS_TIMEOUT: "5" }, "workers.timeout=5 (NARYA_WORKERS_TIMEOUT)"],
    [{ VILYA_PORT: "80", NARYA_PORT: "80" }, "server.port=80 (VILYA_PORT)"],
    [{ VILYA_PHP_ARGS: "-d x=1" }, "php.args=-d x=1 (VILYA_PHP_ARGS)"],
  ])("%j sets %s", (environment, expected) => {
    expect(read(environment as Record<string, string>)).toEqual({ assigned: [expected], warned: [] });
  });

  test.each([
    [{ VILYA_PORT: "" }],
    [{ PATH: "/bin", HOME: "/root", port: "1" }],
    [{ VILYA_CONFIG: "x.yaml", VILYA_BUN: "/usr/bin/bun", VILYA_ENGINE: "/usr/bin/vilya" }],
    [{ NARYA_SOMETHING: "not ours to judge" }],
    [{ VILYA_SERVICE_HOST: "10.0.0.1", VILYA_SERVICE_PORT_HTTP: "80", VILYA_PORT_80_TCP_ADDR: "10.0.0.1" }],
  ])("has nothing to say to %j", (environment) => {
    expect(read(environment as Record<string, string>)).toEqual({ assigned: [], warned: [] });
  });

  test("warns of an unknown variable, with the one it may mean", () => {
    expect(read({ VILYA_PROT: "80" }).warned).toEqual([
      ["Cannot use VILYA_PROT: no option has this variable", "did you mean VILYA_PORT?"],
    ]);
    expect(read({ VILYA_SOMETHING_ELSE: "80" }).warned).toEqual([
      ["Cannot use VILYA_SOMETHING_ELSE: no option has this variable", null],
    ]);
  });

  test("warns when two variables disagree, and takes the first", () => {
    const { assigned, warned } = read({ NARYA_PORT: "81", VILYA_SERVER_PORT: "80" });
    expect(assigned).toEqual(["server.port=80 (VILYA_SERVER_PORT)"]);
    expect(warned).toEqual([
      ["Cannot use NARYA_PORT: VILYA_SERVER_PORT sets server.port already", "try: remove one of the two"],
    ]);
  });

  test("does not take the link of a Kubernetes service for a port", () => {
    const { assigned, warned } = read({ VILYA_PORT: "tcp://10.0.0.1:80" });
    expect(assigned).toEqual([]);
    expect(warned).toHaveLength(1);
  });
});
