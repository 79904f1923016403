import { describe, expect, test } from "bun:test";
import { TestCall } from "../../../test/support/worker-calls.ts";
import { CallStream } from "./call-stream.ts";

/** A stream with a window of 100 bytes, and what it has said to its worker. */
function open(): { readonly stream: CallStream; readonly call: TestCall; readonly said: string[] } {
  const said: string[] = [];
  const call = new TestCall("/");
  call.state = "running";
  const link = {
    sendCredit: (id: number, byteCount: number) => void said.push(`credit ${id} ${byteCount}`),
    sendCancel: (id: number) => void said.push(`cancel ${id}`),
  };
  const stream = new CallStream({ call, id: 7, link, windowBytes: 100, onChange: () => void said.push("change") });
  stream.open();
  return { stream, call, said };
}

describe("CallStream", () => {
  test("lets the worker send the window, and not one byte more", () => {
    const { stream, said } = open();
    expect(said).toEqual(["credit 7 100", "change"]);
    stream.take(99);
    stream.take(1);
    expect(stream.maySend).toBe(false);
    stream.take(0);
    expect(() => stream.take(1)).toThrow("Cannot take the response to request 7: it has 1 bytes more, 0 are allowed");
  });

  test("gives credit again once half of the window has been taken", () => {
    const { stream, said } = open();
    stream.take(100);
    stream.grant(49);
    expect(said).toHaveLength(2);
    stream.grant(1);
    expect(said.slice(2)).toEqual(["credit 7 50", "change"]);
    stream.take(50);
    expect(() => stream.take(1)).toThrow("0 are allowed");
  });

  test("never has more under way than the window, however much is granted", () => {
    const { stream } = open();
    for (let round = 0; round < 1_000; round++) {
      stream.take(60);
      stream.grant(60);
    }
    stream.take(100);
    expect(() => stream.take(1)).toThrow("0 are allowed");
  });

  test("tells the worker once that it is cancelled, and gives no credit from there on", () => {
    const { stream, call, said } = open();
    stream.cancel();
    stream.cancel();
    stream.grant(100);
    expect(said.slice(2)).toEqual(["cancel 7", "change"]);
    expect([stream.isCancelled, call.state]).toEqual([true, "ended"]);
    stream.take(100);
    expect(() => stream.take(1)).toThrow("0 are allowed");
  });

  test("says nothing any more once it has ended", () => {
    const { stream, said } = open();
    stream.end();
    stream.grant(100);
    stream.cancel();
    expect(said).toHaveLength(2);
  });
});
