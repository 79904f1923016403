import { describe, expect, test } from "bun:test";
import type { InstanceReport } from "../../admin/front-report.ts";
import { DurationHistogram } from "../../telemetry/duration-histogram.ts";
import { zeroCounters } from "../../workers/pool-status.ts";
import { renderStatus, renderWorkers } from "./render-report.ts";

const status = {
  state: "ready",
  workerCount: 2,
  busyCount: 1,
  startingCount: 0,
  leavingCount: 0,
  desiredCount: 2,
  waitingCount: 3,
  aheadCount: 0,
  counters: zeroCounters(),
  boot: new DurationHistogram().snapshot(),
  stallCount: 0,
} as const;

const worker = {
  id: 1,
  pid: 42,
  generation: 3,
  state: "ready",
  inFlightCount: 1,
  servedCount: 9,
  request: "GET /a\x1b[2J",
  requestAgeMs: 1_234,
  growth: null,
  isBlocked: false,
  stderr: [],
} as const;

const FRONT = {
  index: 0,
  pid: 2,
  state: "ready",
  uptimeMs: 0,
  residentBytes: 16 << 20,
  loopDelayMs: 0,
  connectionCount: 3,
  requestCount: 7,
} as const;

const REPORT: InstanceReport = {
  name: "shop",
  version: "0.1.0",
  configFile: "/etc/vilya.yaml",
  masterPid: 1,
  masterResidentBytes: 0,
  uptimeMs: 3 * 3_600_000 + 120_000,
  isStopping: false,
  isDrained: false,
  frontDeathCount: 0,
  frontGeneration: 1,
  fronts: [FRONT],
  front: {
    pid: 2,
    isReady: true,
    uptimeMs: 0,
    residentBytes: 0,
    loopDelayMs: 0,
    listeners: [],
    pools: [{ app: "a\x1b[2J", status, workers: [{ ...worker, residentBytes: 32 << 20, readyMs: 65_000 }], ends: [] }],
    exchanges: [],
    accessLogs: [],
    slowRequests: [],
    userMetrics: [],
    spans: { sentCount: 0, droppedCount: 0 },
    relay: { relayedCount: 0, droppedCount: 0 },
  },
};

describe("The report of an instance", () => {
  test("has the instance, its apps, and nothing that moves a cursor", () => {
    const text = renderStatus(REPORT);
    expect(text).toStartWith("vilya 0.1.0  instance shop  ready  up 3h 2m  master 1, front 2\n");
    expect(text).toMatch(/ready +2\/2 +1 +3 +0 +0 +32 MiB\n$/);
    expect(text).not.toContain("\x1b");
  });

  test.each([
    [{ isStopping: true }, "stopping"],
    [{ isDrained: true }, "drained"],
    [{ front: null }, "no front answers"],
    [{ front: { ...REPORT.front!, isReady: false } }, "not ready"],
  ])("says what it is when it is not ready", (change, state) => {
    expect(renderStatus({ ...REPORT, ...change })).toContain(`instance shop  ${state}  `);
  });

  test("has a line for each worker, under a head", () => {
    const [head, line] = renderWorkers(REPORT).split("\n");
    expect(head).toMatch(/^APP +WORKER +PID +GEN +STATE/);
    expect(line).toMatch(/ 1 +42 +3 +busy +9 +1 +32 MiB +1m 5s +1\.2s {2}GET \/a\S+$/);
  });
});
