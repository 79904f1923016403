import { describe, expect, test } from "bun:test";

import { RecordingLog } from "../../../test/support/recording-log.ts";
import { LogMemory, TappedLog } from "./log-tap.ts";

describe("TappedLog", () => {
  test("passes everything on, and keeps what an error page shows", () => {
    const [log, memory] = [new RecordingLog(), new LogMemory()];
    const tapped = new TappedLog(log, memory);
    tapped.error("worker reported an error", { app: "shop", errorId: "1", error: "Error: x" });
    const child = tapped.child({ app: "shop" });
    child.info("worker output", { stream: "stderr", line: "a warning" });
    child.info("worker output", { stream: "stdout", line: "a print" });
    child.warn("worker crashed", { exitCode: 7, signal: null });
    expect(log.events.length).toBe(4);
    expect([memory.errorOf("1"), memory.errorOf("2"), memory.outputOf("shop"), memory.outputOf("other")]).toEqual([
      "Error: x",
      "",
      ["a warning"],
      [],
    ]);
    expect([memory.endOf("shop"), memory.endOf("other")]).toEqual(["worker crashed: exited with code 7", ""]);
  });

  test("has of workers that do not start what the last one has written", () => {
    const memory = new LogMemory();
    for (const workerId of [1, 2]) {
      memory.note("worker output", { app: "shop", stream: "stderr", line: `error of ${workerId}` });
      memory.note("worker failed to start", {
        app: "shop",
        exitCode: 1,
        signal: null,
        stderr: [`error of ${workerId}`],
      });
    }
    expect(memory.outputOf("shop")).toEqual(["error of 2"]);
  });

  test("forgets the oldest", () => {
    const memory = new LogMemory();
    for (let id = 0; id <= 100; id++) memory.note("worker reported an error", { errorId: String(id), error: "x" });
    for (let line = 0; line <= 40; line++)
      memory.note("worker output", { app: "a", stream: "stderr", line: String(line) });
    expect([memory.errorOf("0"), memory.errorOf("1"), memory.errorOf("100")]).toEqual(["", "x", "x"]);
    expect([memory.outputOf("a").length, memory.outputOf("a")[0]]).toEqual([40, "1"]);
  });
});
