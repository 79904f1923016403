import { describe, expect, test } from "bun:test";
import { ResponseStream } from "./response-stream.ts";

/** A stream of an announced length, and what its body got. */
function begin(byteLength: number): {
  readonly stream: ResponseStream;
  readonly got: string[];
  readonly leave: () => void;
} {
  const got: string[] = [];
  let isOpen = true;
  const finish = (): boolean => {
    const wasOpen = isOpen;
    isOpen = false;
    return wasOpen;
  };
  const body = {
    write: (bytes: Buffer, start: number, end: number) => void got.push(bytes.toString("latin1", start, end)),
    end: () => void got.push("end"),
    abort: () => void got.push("abort"),
  };
  return { stream: new ResponseStream(body, byteLength, finish), got, leave: () => void finish() };
}

const BYTES = Buffer.from("abcdef");

describe("ResponseStream", () => {
  test("passes on what is written, and no empty part, which would end a chunked body", () => {
    const { stream, got } = begin(-1);
    expect([stream.write(BYTES, 1, 3), stream.write(BYTES, 3, 3), stream.write(BYTES, 3, 4), stream.end()]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(got).toEqual(["bc", "d", "end"]);
  });

  test.each([
    [5, false, ["abc", "abort"]],
    [6, true, ["abc", "def", "end"]],
    [7, false, ["abc", "def", "abort"]],
  ] as const)("keeps two parts of three bytes to an announced length of %d", (byteLength, isWhole, expected) => {
    const { stream, got } = begin(byteLength);
    const answers = [stream.write(BYTES, 0, 3), stream.write(BYTES, 3, 6)];
    if (answers.every(Boolean)) answers.push(stream.end());
    expect(answers.every(Boolean)).toBe(isWhole);
    expect(got).toEqual([...expected]);
  });

  test("ends once: what comes later is dropped", () => {
    const { stream, got } = begin(-1);
    stream.abort();
    stream.abort();
    expect([stream.write(BYTES, 0, 1), stream.end()]).toEqual([true, true]);
    expect(got).toEqual(["abort"]);
  });

  test("ends nothing once the client has left", () => {
    const { stream, got, leave } = begin(-1);
    leave();
    stream.end();
    expect(got).toEqual([]);
  });
});
