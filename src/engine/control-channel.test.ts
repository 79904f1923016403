import { describe, expect, spyOn, test } from "bun:test";
import { Connection } from "../kernel/connection.ts";
import { unobserved } from "../kernel/monitor.ts";
import { TimerWheel } from "../kernel/timer-wheel.ts";
import type { Transport } from "../kernel/transport.ts";
import { CONTROL_MESSAGE_BYTES_MAX, ControlChannel, openControlChannel } from "./control-channel.ts";
import { type FrontMessage, parseMasterMessage } from "./control-message.ts";

/** A channel over a socket that takes `room` bytes and keeps them. */
function createChannel({ room = Infinity, onMessage }: { room?: number; onMessage?: (message: object) => void } = {}) {
  const written: Buffer[] = [];
  const messages: object[] = [];
  const closes: unknown[] = [];
  const transport: Transport = {
    write(bytes, start, count) {
      const taken = Math.min(count, room);
      room -= taken;
      written.push(Buffer.from(bytes.subarray(start, start + taken)));
      return taken;
    },
    pause() {},
    resume() {},
    end() {},
    terminate() {},
    shutdown() {},
  };
  const connection = new Connection(transport, { wheel: new TimerWheel(), monitor: unobserved, stallMs: 0 });
  const channel = new ControlChannel<object, object>(connection, {
    fd: -1,
    parse: parseMasterMessage,
    onOpen() {},
    onMessage: onMessage ?? ((message) => void messages.push(message)),
    onClose: (error) => void closes.push(error),
  });
  connection.handler = channel;
  return { channel, connection, messages, closes, written: () => Buffer.concat(written).toString() };
}

const STREAM = Buffer.from(
  '{"kind":"ping"}\n{"kind":"stop","isNow":true}\n{"kind":"start","directory":"Grüße\\n"}\n{"kind":"ping"}\n',
);
const MESSAGES = [
  { kind: "ping" },
  { kind: "stop", isNow: true },
  { kind: "start", directory: "Grüße\n" },
  { kind: "ping" },
];

describe("ControlChannel", () => {
  test("yields the same messages wherever the stream is cut", () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const { connection, messages } = createChannel();
      connection.receive(Buffer.from(STREAM.subarray(0, cut)));
      connection.receive(Buffer.from(STREAM.subarray(cut)));
      expect(messages).toEqual(MESSAGES);
    }
  });

  test("yields the same messages byte by byte", () => {
    const { connection, messages } = createChannel();
    for (const byte of STREAM) connection.receive(Buffer.from([byte]));
    expect(messages).toEqual(MESSAGES);
  });

  test("has written a message when send returns", () => {
    const { channel, written } = createChannel();
    channel.send({ kind: "worker-spawned", pid: 1 });
    expect(written()).toBe('{"kind":"worker-spawned","pid":1}\n');
  });

  test("closes with the error on what is no message, and hears nothing after it", () => {
    const { connection, messages, closes } = createChannel();
    connection.receive(Buffer.from('{"kind":"ping"}\nnonsense\n{"kind":"ping"}\n'));
    expect(messages).toEqual([{ kind: "ping" }]);
    expect(closes).toEqual([expect.objectContaining({ code: "VILYA_CONTROL_MESSAGE" })]);
  });

  test("takes a message of the longest length and closes on a longer one", () => {
    for (const [extraBytes, closeCount] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const { connection, closes } = createChannel();
      connection.receive(Buffer.alloc(CONTROL_MESSAGE_BYTES_MAX + extraBytes, "x"));
      expect(closes).toHaveLength(closeCount);
    }
  });

  test("closes when the other end reads nothing and too much waits for it", () => {
    const { channel, closes } = createChannel({ room: 0 });
    const text = "x".repeat(CONTROL_MESSAGE_BYTES_MAX / 2);
    for (let sent = 0; closes.length === 0 && sent < 10; sent++) channel.send({ kind: "failed", text });
    expect(closes).toEqual([expect.objectContaining({ code: "VILYA_CONTROL_MESSAGE" })]);
  });

  test("says without an error that the other end is gone", () => {
    const { channel, connection, closes } = createChannel();
    connection.end();
    channel.send({ kind: "pong" });
    expect(closes).toEqual([null]);
  });

  test("goes on after a message whose handling failed", () => {
    using report = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const { connection, closes } = createChannel({
      onMessage() {
        throw new Error("a bug");
      },
    });
    connection.receive(Buffer.from('{"kind":"ping"}\n{"kind":"ping"}\n'));
    expect(report).toHaveBeenCalledTimes(2);
    expect(closes).toEqual([]);
  });

  test("talks over a socket pair shared with another process, until that ends", async () => {
    const echo = Bun.spawn(["sh", "-c", "exec head -n 2 <&3 >&3"], {
      stdio: ["ignore", "ignore", "inherit", "socket-fd"],
    });
    const messages: object[] = [];
    const closed = Promise.withResolvers<Error | null>();
    await openControlChannel<object, FrontMessage | object>({
      fd: echo.stdio[3] as number,
      parse: parseMasterMessage,
      onOpen(channel) {
        channel.send({ kind: "ping" });
        channel.send({ kind: "stop", isNow: false });
      },
      onMessage: (message) => void messages.push(message),
      onClose: closed.resolve,
    });
    expect(await closed.promise).toBeNull();
    expect(messages).toEqual([{ kind: "ping" }, { kind: "stop", isNow: false }]);
    expect(await echo.exited).toBe(0);
  });
});
