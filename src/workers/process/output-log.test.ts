import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { OutputLog } from "./output-log.ts";

describe("OutputLog", () => {
  test("writes lines with the stream they came from", () => {
    const log = new RecordingLog();
    const output = new OutputLog({ log, fields: () => ({ workerId: 3 }), nowMs: () => 0 });
    output.write("stdout", Buffer.from("hello"));
    output.write("stderr", Buffer.from([0x61, 0xff]));
    expect(log.events).toEqual([
      { level: "info", event: "worker output", fields: { workerId: 3, stream: "stdout", line: "hello" } },
      { level: "info", event: "worker output", fields: { workerId: 3, stream: "stderr", line: "a\ufffd" } },
    ]);
  });

  test("lets a thousand lines a second through, and says how many it dropped", () => {
    let nowMs = 0;
    const log = new RecordingLog();
    const output = new OutputLog({ log, fields: () => ({}), nowMs: () => nowMs });
    for (let i = 0; i < 1_500; i++) output.write("stdout", Buffer.from("x"));
    expect(log.named("worker output")).toHaveLength(1_000);
    expect(log.named("worker output dropped")).toHaveLength(0);
    nowMs = 1_000;
    for (let i = 0; i < 10; i++) output.write("stdout", Buffer.from("y"));
    expect(log.named("worker output")).toHaveLength(1_010);
    expect(log.named("worker output dropped")[0]?.fields).toEqual({ lineCount: 500 });
  });

  test("says at the end what it dropped last", () => {
    const log = new RecordingLog();
    const output = new OutputLog({ log, fields: () => ({}), nowMs: () => 0 });
    for (let i = 0; i < 1_001; i++) output.write("stdout", Buffer.from("x"));
    output.end();
    output.end();
    expect(log.named("worker output dropped")).toHaveLength(1);
  });

  test("a slow trickle is never cut", () => {
    let nowMs = 0;
    const log = new RecordingLog();
    const output = new OutputLog({ log, fields: () => ({}), nowMs: () => nowMs });
    for (let i = 0; i < 5_000; i++) {
      nowMs += 10;
      output.write("stdout", Buffer.from("x"));
    }
    expect(log.named("worker output")).toHaveLength(5_000);
  });
});
