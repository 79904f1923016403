import { describe, expect, test } from "bun:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { OutputCapture } from "./output-capture.ts";

/** A stream that the test writes to, and what was captured of it. */
function scene(): {
  clock: FakeClock;
  lines: string[];
  capture: OutputCapture;
  write: (text: string) => Promise<void>;
  end: () => void;
  fail: () => void;
} {
  const clock = new FakeClock();
  const lines: string[] = [];
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({ start: (it) => void (controller = it) });
  const capture = new OutputCapture({
    stream,
    onLine: (line) => lines.push(String(line)),
    wheel: new TimerWheel(clock),
  });
  return {
    clock,
    lines,
    capture,
    async write(text) {
      controller.enqueue(Buffer.from(text));
      await Bun.sleep(0);
    },
    end: () => controller.close(),
    fail: () => controller.error(new Error("EIO")),
  };
}

describe("OutputCapture", () => {
  test("hands over lines, and the last one even if it does not end", async () => {
    const { lines, capture, write, end } = scene();
    await write("one\ntwo\nthr");
    expect(lines).toEqual(["one", "two"]);
    await write("ee");
    end();
    await capture.ended;
    expect(lines).toEqual(["one", "two", "three"]);
  });

  test("shows a line that does not go on after a tenth of a second", async () => {
    const { clock, lines, write, end } = scene();
    await write("working ");
    clock.advance(90);
    await write("still ");
    clock.advance(90);
    expect(lines).toEqual([]);
    clock.advance(20);
    expect(lines).toEqual(["working still "]);
    end();
  });

  test("ends with a pipe that breaks", async () => {
    const { lines, capture, write, fail } = scene();
    await write("last words");
    fail();
    await capture.ended;
    expect(lines).toEqual(["last words"]);
  });

  test("ends when it is cancelled", async () => {
    const { capture } = scene();
    await capture.cancel();
    await capture.ended;
  });
});
