import { describe, expect, spyOn, test } from "bun:test";
import { RecordingLog } from "../../test/support/recording-log.ts";
import { containFaults } from "./contain-faults.ts";

describe("containFaults", () => {
  test("logs what nobody caught with its error, until it is disposed of", () => {
    const log = new RecordingLog();
    const before = process.listenerCount("uncaughtException");
    {
      using _faults = containFaults(log);
      process.emit("uncaughtException", new Error("a bug"), "uncaughtException");
      process.emit("unhandledRejection", "a reason that is no error", Promise.resolve());
    }
    expect(process.listenerCount("uncaughtException")).toBe(before);
    expect(log.events).toEqual([
      { level: "error", event: "fault contained", fields: { error: new Error("a bug") } },
      { level: "error", event: "fault contained", fields: { error: new Error("a reason that is no error") } },
    ]);
  });

  test("writes ten faults of a second and counts the others", () => {
    const log = new RecordingLog();
    let nowMs = 5_000;
    using _clock = spyOn(performance, "now").mockImplementation(() => nowMs);
    using _faults = containFaults(log);
    for (let count = 0; count < 25; count++) process.emit("uncaughtException", new Error("a bug"), "uncaughtException");
    expect(log.events).toHaveLength(10);
    nowMs += 1_000;
    process.emit("uncaughtException", new Error("another"), "uncaughtException");
    expect(log.events.slice(10)).toEqual([
      { level: "error", event: "more faults contained", fields: { count: 15 } },
      { level: "error", event: "fault contained", fields: { error: new Error("another") } },
    ]);
  });
});
