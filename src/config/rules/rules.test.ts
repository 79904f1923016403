import { describe, expect, test } from "bun:test";
import { settingsOf } from "../../../test/support/settings-of.ts";
import { renderOrigin } from "../origin.ts";
import { checkAdvice, checkRules } from "./rules.ts";

describe("checkRules", () => {
  test.each([
    [{}],
    [{ "workers.count": "2", "workers.min_workers": "1", "workers.max_workers": "2" }],
    [{ "workers.count": "3", "workers.min_workers": "3" }],
    [{ "workers.backpressure.enabled": "true", "workers.backpressure.max_queue": "0" }],
    [{ "workers.queue_timeout.enabled": "true", "workers.queue_timeout.timeout_ms": "0" }],
    [
      {
        "workers.backpressure.enabled": "false",
        "workers.queue_timeout.enabled": "true",
        "workers.queue_timeout.timeout_ms": "5",
      },
    ],
    [{ "server.limits.header_line": "32KiB" }],
    [{ "server.body_memory": "64MiB" }],
    [{ "workers.start": "fork" }],
    [{ "workers.start": "fork", runtime: "python", entry: "main:app" }],
    [{ "workers.start": "fork", runtime: "command", command: "./worker" }],
    [{ "server.websocket.ping_interval": "0" }],
    [{ "server.websocket.ping_interval": "1h", "server.websocket.idle_timeout": "0" }],
  ])("allows %j", (values) => {
    expect(checkRules(settingsOf(values as Record<string, string>))).toEqual([]);
  });

  test.each<[Record<string, string>, string, readonly string[]]>([
    [
      { "workers.count": "2", "workers.min_workers": "3" },
      "Cannot use workers.count: min_workers is 3, count 2, max_workers 2, min_workers <= count <= max_workers is allowed",
      ["workers.min_workers", "workers.count"],
    ],
    [
      { "workers.max_workers": "3" },
      "Cannot use workers.count: min_workers is 4, count 4, max_workers 3, min_workers <= count <= max_workers is allowed",
      ["workers.max_workers"],
    ],
    [
      {
        "workers.backpressure.enabled": "true",
        "workers.backpressure.max_queue": "1",
        "workers.queue_timeout.enabled": "true",
        "workers.queue_timeout.timeout_ms": "1",
      },
      "Cannot use workers.backpressure: workers.queue_timeout is enabled too, one of the two is allowed",
      ["workers.backpressure.enabled", "workers.queue_timeout.enabled"],
    ],
    [
      { "workers.start": "fork", runtime: "bun", entry: "app.ts" },
      "Cannot use workers.start: it is fork and runtime bun, fork with runtime php, python or command is allowed",
      ["workers.start", "runtime"],
    ],
    [
      { "workers.backpressure.enabled": "true" },
      "Cannot use workers.backpressure: max_queue is not given, a whole number from 0 to 1000000 is allowed",
      ["workers.backpressure.enabled"],
    ],
    [
      { "workers.queue_timeout.enabled": "true" },
      "Cannot use workers.queue_timeout: timeout_ms is not given, 0 (do not wait) or a duration from 1ms to 60m is allowed",
      ["workers.queue_timeout.enabled"],
    ],
    [
      { "server.websocket.idle_timeout": "30s" },
      "Cannot use server.websocket.ping_interval: it is 30s and idle_timeout 30s, ping_interval < idle_timeout is allowed",
      ["server.websocket.idle_timeout"],
    ],
    [
      { "server.limits.header_bytes": "4KiB" },
      "Cannot use server.limits.header_line: it is 8KiB, at most server.limits.header_bytes (4KiB) is allowed",
      ["server.limits.header_bytes"],
    ],
    [
      { "server.body_memory": "65MiB" },
      "Cannot use server.body_memory: it is 65MiB, at most server.body_memory_total (64MiB) is allowed",
      ["server.body_memory"],
    ],
  ])("refuses %j", (values, message, keys) => {
    const problems = checkRules(settingsOf(values));
    expect(problems.map((problem) => problem.message)).toEqual([message]);
    expect(problems[0]?.origins.map(renderOrigin)).toEqual(keys.map((key) => `flag -o ${key}`));
  });

  test("does not compare a value that was refused", () => {
    expect(checkRules(settingsOf({ "workers.count": "many", "workers.max_workers": "3" }))).toEqual([]);
  });
});

describe("checkAdvice", () => {
  test("says which app has fewer workers than there are fronts", () => {
    const adviceOn = (values: Readonly<Record<string, string>>) =>
      checkAdvice(settingsOf(values)).map(({ message }) => message.split(":", 1)[0]);
    expect(adviceOn({ fronts: "3", "workers.count": "2" })).toEqual([
      "Cannot share out workers.count (2) among fronts (3)",
    ]);
    expect(adviceOn({ fronts: "2", "workers.count": "2" })).toEqual([]);
    expect(adviceOn({ fronts: "9", runtime: "stub" })).toEqual([]);
  });

  test("says when messages of WebSockets may be larger than a frame", () => {
    const values = { "server.websocket.max_message_size": "16MiB" };
    expect(checkAdvice(settingsOf(values))[0]?.message).toStartWith(
      "Cannot hand over messages up to server.websocket.max_message_size (16MiB): workers.frame_size is 10MiB",
    );
    expect(checkAdvice(settingsOf({ ...values, "workers.frame_size": "17MiB" }))).toEqual([]);
    expect(checkAdvice(settingsOf({ ...values, runtime: "stub" }))).toEqual([]);
  });

  test("says when bodies may be larger than a frame, and workers may know no others", () => {
    const values = { runtime: "command", "server.max_body_size": "11MiB" };
    expect(checkAdvice(settingsOf(values))[0]?.message).toStartWith(
      "Cannot hand over bodies up to server.max_body_size (11MiB): workers.frame_size is 10MiB",
    );
    expect(checkAdvice(settingsOf({ ...values, "workers.frame_size": "12MiB" }))).toEqual([]);
    expect(checkAdvice(settingsOf({ ...values, runtime: "php" }))).toEqual([]);
  });
});
