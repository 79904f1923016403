import { describe, expect, test } from "bun:test";
import { fakeConfigSystem } from "../../../test/support/fake-config-system.ts";
import type { Config } from "../../config/config.ts";
import { loadConfig } from "../../config/load-config.ts";
import { ConfigProblemsError } from "../../config/problem.ts";
import { parseFlags } from "../parse-flags.ts";
import { runCommand } from "./run-command.ts";
import { UsageError } from "../usage-error.ts";
import { runRequest } from "./run-request.ts";

const FILES = { "vilya.yaml": "server: {port: 1}", "cert.pem": "", "/usr/bin/python3": "" };

function configOf(line: string): Config {
  const { flags, positionals } = parseFlags(line.split(" ").filter(Boolean), runCommand.flags);
  const system = fakeConfigSystem({ files: FILES, environment: { PATH: "/usr/bin" } });
  return loadConfig(runRequest(positionals[0], flags), system).config;
}

describe("runRequest", () => {
  test("serves as uvicorn does where nothing is said, whatever file lies there", () => {
    const { apps, server, logging } = configOf("main:app");
    expect(apps[0]).toMatchObject({ runtime: "python", entry: "main:app", pool: { workerCount: 1 } });
    expect(server.listeners[0]?.address).toMatchObject({ host: "127.0.0.1", port: 8000 });
    expect(logging.accessLogs).toHaveLength(1);
  });

  test("takes uvicorn's flags", () => {
    const line =
      "main:make --factory --host 0.0.0.0 --port 80 --workers 3 --interface asgi3 --lifespan on --root-path /api --log-level warning " +
      "--limit-concurrency 7 --limit-max-requests 9 --timeout-keep-alive 5 --timeout-graceful-shutdown 2 --no-access-log " +
      "--ws-max-size 1024 --no-ws-per-message-deflate --forwarded-allow-ips 10.0.0.1 -o workers.timeout=9s --loop uvloop";
    const { apps, server, logging } = configOf(line);
    expect(apps[0]).toMatchObject({
      entry: "main:make()",
      python: { interface: "asgi", lifespan: "on", rootPath: "/api" },
      pool: { workerCount: 3, concurrencyMax: 7, requestsPerWorkerMax: 9, requestTimeoutMs: 9_000 },
    });
    expect(server.listeners[0]?.address).toMatchObject({ host: "0.0.0.0", port: 80 });
    expect(server).toMatchObject({ graceTimeoutMs: 2_000, deadlines: { idleMs: 5_000 } });
    expect([logging.level, logging.accessLogs.length]).toEqual(["warn", 0]);
  });

  test("listens on a path", () => {
    expect(configOf("main:app --uds app.sock").server.listeners[0]?.address).toMatchObject({
      path: expect.stringMatching(/\/app\.sock$/),
    });
  });

  test.each([
    ["", "there is no application"],
    ["main:app --ssl-certfile cert.pem", "it needs both a certificate and its key"],
    ["main:app -o nonsense", "it has no key and value"],
    ["main:app --env-file nowhere.env", "Cannot read the variables of nowhere.env: ENOENT"],
  ])("refuses %j", (line, reason) => {
    expect(() => configOf(line)).toThrow(UsageError);
    expect(() => configOf(line)).toThrow(reason);
  });

  test("judges a port beside a certificate like any other", () => {
    const line = "main:app --ssl-certfile cert.pem --ssl-keyfile cert.pem --port 80a";
    expect(() => configOf(line)).toThrow('it is "80a", a whole number from 0 to 65535 is allowed');
  });

  test("names the flag whose value is refused", () => {
    try {
      configOf("main:app --workers many");
    } catch (error) {
      const [problem] = (error as ConfigProblemsError).problems;
      expect([error instanceof ConfigProblemsError, problem?.origins]).toEqual([
        true,
        [{ kind: "flag", flag: "--workers" }],
      ]);
      return;
    }
    throw new Error("It was taken");
  });
});
