import { describe, expect, spyOn, test } from "bun:test";

import { FakeClock } from "../../test/support/fake-clock.ts";
import { FakeTransport } from "../../test/support/fake-transport.ts";
import { type Reactions, RecordingHandler } from "../../test/support/recording-handler.ts";
import { Connection } from "./connection.ts";
import type { MonitorEvent } from "./monitor.ts";
import { AbandonedWriteError } from "./poison-guard.ts";
import { TimerWheel } from "./timer-wheel.ts";

const KIB = 1_024;
const STALL_MS = 5_000;
const TICK_MS = 8;

interface Bench {
  readonly clock: FakeClock;
  readonly socket: FakeTransport;
  readonly connection: Connection;
  readonly handler: RecordingHandler;
  readonly observed: MonitorEvent[];
}

function open(reactions: Reactions = {}): Bench {
  const clock = new FakeClock();
  const socket = new FakeTransport();
  const observed: MonitorEvent[] = [];
  const connection = new Connection(socket, {
    wheel: new TimerWheel(clock),
    monitor: (event) => observed.push(event),
    stallMs: STALL_MS,
  });
  socket.onClosed = () => connection.socketClosed(false);
  connection.start(() => new RecordingHandler(connection, reactions));
  return { clock, socket, connection, handler: connection.handler as RecordingHandler, observed };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function fill(bench: Bench, byteCount: number): void {
  bench.socket.roomBytes = 0;
  bench.connection.output().writeBytes(Buffer.alloc(byteCount));
  bench.connection.flush();
}

const THROW = (): never => {
  throw new Error("broken handler");
};

describe("Connection › writing", () => {
  test("sends what was written in a turn at its end, in one piece", async () => {
    const { connection, socket } = open();
    for (let i = 0; i < 100; i++) connection.output().writeDecimal(i % 10);
    connection.write(Buffer.from("!"));
    expect(socket.writeCount).toBe(0);
    await nextTurn();
    expect(socket.written.map(String)).toEqual([`${"0123456789".repeat(10)}!`]);
    await nextTurn();
    expect(socket.writeCount).toBe(1);
  });

  test("sends at once on flush, and nothing twice", async () => {
    const { connection, socket } = open();
    connection.output().writeLatin1("now");
    connection.flush();
    expect(socket.bytes.toString()).toBe("now");
    await nextTurn();
    expect(socket.writeCount).toBe(1);
  });

  test("hands a large block to the socket without copying it, after what was written before", async () => {
    const { connection, socket } = open();
    connection.output().writeLatin1("head");
    connection.write(Buffer.alloc(64 * KIB, "x"));
    connection.write(Buffer.from("tail"));
    expect(socket.written.map(({ length }) => length)).toEqual([4, 64 * KIB]);
    await nextTurn();
    expect(socket.written.map(({ length }) => length)).toEqual([4, 64 * KIB, 4]);
  });

  test("goes on when the socket has room again", async () => {
    const { connection, socket } = open();
    socket.roomBytes = 3;
    connection.output().writeLatin1("abcdef");
    await nextTurn();
    expect(connection.outputBytes).toBe(3);
    socket.roomBytes = Infinity;
    connection.drain();
    expect(socket.bytes.toString()).toBe("abcdef");
    expect(connection.outputBytes).toBe(0);
  });

  test("tells the source to stop above high water and to go on below low water", async () => {
    const bench = open();
    const { connection, socket, handler } = bench;
    fill(bench, 256 * KIB);
    expect(connection.isAboveHighWater).toBe(false);
    fill(bench, 1);
    expect(connection.isAboveHighWater).toBe(true);
    await nextTurn();
    socket.roomBytes = 192 * KIB;
    connection.drain();
    expect(handler.events).toEqual([]);
    socket.roomBytes = 1;
    connection.drain();
    expect(handler.events).toEqual(["drain"]);
    expect(connection.isAboveHighWater).toBe(false);
    connection.drain();
    expect(handler.events).toEqual(["drain"]);
  });

  test("never calls the handler back while it writes", async () => {
    let isWriting = false;
    const bench = open({
      onDrain: (connection) => {
        expect(isWriting).toBe(false);
        connection.output().writeLatin1("from drain");
      },
    });
    const { connection, socket, handler } = bench;
    fill(bench, 300 * KIB);
    socket.roomBytes = Infinity;
    isWriting = true;
    connection.write(Buffer.alloc(64 * KIB, "a"));
    connection.write(Buffer.alloc(64 * KIB, "b"));
    connection.flush();
    isWriting = false;
    expect(handler.events).toEqual([]);
    await nextTurn();
    expect(handler.events).toEqual(["drain"]);
    await nextTurn();
    expect(socket.bytes.subarray(300 * KIB).toString()).toBe(
      `${"a".repeat(64 * KIB)}${"b".repeat(64 * KIB)}from drain`,
    );
  });

  test("counts what was queued and what was sent", async () => {
    const { connection, socket } = open();
    connection.output().writeLatin1("first");
    const first = connection.queuedBytes;
    connection.output().writeLatin1("second");
    const second = connection.queuedBytes;
    expect([first, second]).toEqual([5, 11]);
    socket.roomBytes = 8;
    await nextTurn();
    expect(connection.sentBytes).toBe(8);
    connection.close();
    expect(connection.sentBytes).toBe(8);
    expect(connection.queuedBytes).toBe(Infinity);
  });

  test("drops what is written after the close", async () => {
    const { connection, socket } = open();
    connection.close();
    connection.output().writeLatin1("late");
    connection.write(Buffer.alloc(64 * KIB));
    connection.flush();
    connection.beginWrite();
    connection.endWrite();
    connection.pause();
    connection.resume();
    connection.setDeadline(1);
    connection.clearDeadline();
    connection.closeAfterFlush();
    connection.linger(1, 1);
    connection.close();
    connection.poison(new Error("late"));
    await nextTurn();
    expect(socket.calls).toEqual(["end"]);
    expect(socket.writeCount).toBe(0);
    expect(connection.outputBytes).toBe(0);
  });
});

describe("Connection › a write that fails", () => {
  test("lets the handler read what the peer sent before it left", async () => {
    const { connection, socket, handler } = open();
    socket.isBroken = true;
    connection.output().writeLatin1("request 2");
    await nextTurn();
    connection.receive(Buffer.from("response 1"));
    expect(handler.received.toString()).toBe("response 1");
    connection.end();
    expect(handler.events).toEqual(["close"]);
    expect(handler.closeCause).toBe("reset");
    expect(handler.isWritten).toBe(false);
  });

  test.each([10, 64 * KIB])("of %d bytes drops what comes after it, and calls nobody", (byteCount) => {
    const { connection, socket, handler } = open();
    connection.output().writeLatin1("sent");
    connection.flush();
    socket.isBroken = true;
    connection.write(Buffer.alloc(byteCount));
    connection.flush();
    connection.write(Buffer.alloc(byteCount));
    connection.flush();
    expect(socket.writeCount).toBe(2);
    expect(connection.queuedBytes).toBe(Infinity);
    expect(handler.events).toEqual([]);
    connection.socketClosed(false);
    expect(handler.closeCause).toBe("reset");
    expect(handler.isWritten).toBe(false);
  });

  test("closes after a second when the peer only stopped reading", async () => {
    const { clock, connection, socket, handler } = open();
    socket.isBroken = true;
    connection.output().writeLatin1("x");
    await nextTurn();
    clock.advance(999);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.closeCause).toBe("reset");
  });

  test("does not keep a connection that is only to be closed", async () => {
    for (const close of ["closeAfterFlush", "linger"] as const) {
      const { clock, connection, socket, handler } = open();
      connection.output().writeLatin1("x");
      if (close === "linger") connection.linger(60_000, 100);
      else connection.closeAfterFlush();
      socket.isBroken = true;
      await nextTurn();
      clock.advance(2 * TICK_MS);
      expect(handler.closeCause).toBe("reset");
    }
  });
});

describe("Connection › reading", () => {
  test("hands chunks to the handler as they are", () => {
    const { connection, handler } = open();
    const chunk = Buffer.from("chunk");
    connection.receive(chunk);
    expect(handler.chunks[0]).toBe(chunk);
  });

  test("delivers nothing after the close", () => {
    const { connection, handler } = open();
    connection.close();
    connection.receive(Buffer.from("late"));
    connection.end();
    connection.drain();
    connection.socketClosed(true);
    expect(handler.chunks).toEqual([]);
    expect(handler.events).toEqual(["close"]);
  });

  test("pauses and resumes the socket once, and says so", () => {
    const { connection, socket, observed } = open();
    connection.resume();
    connection.pause();
    connection.pause();
    expect(connection.isPaused).toBe(true);
    connection.resume();
    connection.resume();
    expect(connection.isPaused).toBe(false);
    expect(socket.calls).toEqual(["pause", "resume"]);
    expect(observed.map(({ kind }) => kind)).toEqual(["paused", "resumed"]);
  });

  test("lets a handler answer after the peer has closed its sending side", async () => {
    const { connection, socket, handler } = open({ onEnd: (each) => each.output().writeLatin1("answer") });
    connection.end();
    expect(handler.events).toEqual(["end"]);
    await nextTurn();
    expect(socket.bytes.toString()).toBe("answer");
    expect(connection.isClosed).toBe(false);
  });
});

describe("Connection › closing", () => {
  test("closeAfterFlush closes at once when nothing waits", () => {
    const { connection, socket, handler } = open();
    connection.closeAfterFlush();
    expect(socket.calls).toEqual(["end"]);
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });

  test("closeAfterFlush sends what waits first, takes nothing more and drops what arrives", async () => {
    const { connection, socket, handler } = open();
    socket.roomBytes = 2;
    connection.output().writeLatin1("answer");
    connection.closeAfterFlush();
    expect(connection.isClosing).toBe(true);
    connection.output().writeLatin1("dropped");
    connection.receive(Buffer.from("dropped"));
    connection.end();
    await nextTurn();
    expect(handler.events).toEqual([]);
    socket.roomBytes = Infinity;
    connection.drain();
    expect(socket.bytes.toString()).toBe("answer");
    expect(handler.events).toEqual(["close"]);
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
    expect(handler.chunks).toEqual([]);
  });

  test("closeAfterFlush reads on, so that the peer's close is noticed", () => {
    const { connection, socket, handler } = open();
    connection.pause();
    socket.roomBytes = 0;
    connection.output().writeLatin1("answer");
    connection.closeAfterFlush();
    expect(socket.calls).toEqual(["pause", "resume"]);
    connection.socketClosed(false);
    expect(handler).toMatchObject({ closeCause: "peer", isWritten: false });
  });

  test("linger sends what waits, shuts down writing and waits for the peer", async () => {
    const { connection, socket, handler } = open();
    connection.pause();
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    connection.receive(Buffer.alloc(50));
    await nextTurn();
    expect(socket.bytes.toString()).toBe("answer");
    expect(socket.calls).toEqual(["pause", "resume", "shutdown"]);
    connection.drain();
    connection.receive(Buffer.alloc(50));
    expect(handler.events).toEqual([]);
    connection.end();
    expect(handler).toMatchObject({ closeCause: "peer", isWritten: true });
    expect(handler.chunks).toEqual([]);
  });

  test("linger ends when the peer has sent more than it is allowed to", () => {
    const { connection, handler } = open();
    connection.linger(2_000, 100);
    connection.receive(Buffer.alloc(100));
    expect(handler.events).toEqual([]);
    connection.receive(Buffer.alloc(1));
    expect(handler.closeCause).toBe("local");
  });

  test("linger ends at its deadline, which nobody moves", async () => {
    const { clock, connection, handler, socket } = open();
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    connection.setDeadline(60_000);
    connection.clearDeadline();
    connection.pause();
    await nextTurn();
    clock.advance(1_999);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.events).toEqual(["close"]);
    expect(handler.closeCause).toBe("local");
    expect(socket.calls).toEqual(["shutdown", "end"]);
  });

  test("linger still sends the answer when the peer ends first", async () => {
    const { connection, socket, handler } = open();
    socket.roomBytes = 0;
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    connection.end();
    await nextTurn();
    expect(handler.events).toEqual([]);
    socket.roomBytes = Infinity;
    connection.drain();
    expect(socket.bytes.toString()).toBe("answer");
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });

  test("linger only flushes when the peer has ended before", () => {
    const { connection, socket, handler } = open();
    connection.end();
    connection.linger(2_000, 100);
    expect(socket.calls).toEqual(["end"]);
    expect(handler.events).toEqual(["end", "close"]);
  });

  test.each([
    ["the peer closes", (bench: Bench) => bench.connection.socketClosed(false), "peer", ""],
    ["the network breaks", (bench: Bench) => bench.connection.socketClosed(true), "reset", ""],
    ["the handler closes", (bench: Bench) => bench.connection.close(), "local", "end"],
    ["the handler follows the peer", (bench: Bench) => bench.connection.close("peer"), "peer", "end"],
    ["the framing is lost", (bench: Bench) => bench.connection.poison(new Error("lost")), "poisoned", "terminate"],
    [
      "the peer stalls",
      (bench: Bench) => {
        fill(bench, 1);
        bench.clock.advance(STALL_MS + TICK_MS);
      },
      "stalled",
      "terminate",
    ],
  ] as const)("onClose is called once when %s", async (_, close, cause, call) => {
    const bench = open();
    const { clock, connection, handler, socket, observed } = bench;
    connection.setDeadline(10);
    close(bench);
    socket.onClosed();
    connection.close();
    connection.socketClosed(true);
    await nextTurn();
    clock.advance(60_000);
    expect(handler.events.filter((event) => event !== "deadline")).toEqual(["close"]);
    expect(handler.closeCause).toBe(cause);
    expect(socket.calls).toEqual(call === "" ? [] : [call]);
    expect(observed.filter(({ kind }) => kind === "closed")).toEqual([{ kind: "closed", cause }]);
    expect(clock.timerCount).toBe(0);
  });

  test("isWritten is false when output was still waiting", () => {
    const bench = open();
    fill(bench, 1);
    bench.connection.close();
    expect(bench.handler.isWritten).toBe(false);
  });

  test("tells the peer's address after the close if it was asked before", () => {
    const first = open().connection;
    expect(first.remoteAddress).toBe("192.0.2.1:4711");
    first.close();
    expect(first.remoteAddress).toBe("192.0.2.1:4711");
    const second = open().connection;
    second.close();
    expect(second.remoteAddress).toBe("unknown");
  });

  test("writes an IPv6 peer in brackets and a Unix peer without address", () => {
    const { connection, socket } = open();
    socket.remoteAddress = "::1";
    expect(connection.remoteAddress).toBe("[::1]:4711");
    const unix = open();
    unix.socket.remoteAddress = unix.socket.remotePort = undefined;
    expect(unix.connection.remoteAddress).toBe("unix:");
  });
});

describe("Connection › deadlines", () => {
  test("calls the handler when its deadline passes", () => {
    const { clock, connection, handler } = open();
    connection.setDeadline(100);
    clock.advance(99);
    connection.setDeadline(100);
    clock.advance(99);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.events).toEqual(["deadline"]);
    connection.setDeadline(100);
    connection.clearDeadline();
    clock.advance(60_000);
    expect(handler.events).toEqual(["deadline"]);
  });

  test("cuts a peer off that takes nothing, and none that takes a little", () => {
    const bench = open();
    const { clock, connection, handler, socket } = bench;
    fill(bench, 10);
    for (let i = 0; i < 9; i++) {
      clock.advance(STALL_MS - 1);
      socket.roomBytes = 1;
      connection.drain();
    }
    expect(handler.events).toEqual([]);
    clock.advance(STALL_MS + TICK_MS);
    expect(handler.closeCause).toBe("stalled");
    expect(handler.isWritten).toBe(false);
  });

  test("counts what a later write gets through as progress", () => {
    const bench = open();
    const { clock, connection, handler, socket } = bench;
    fill(bench, 100);
    clock.advance(STALL_MS - 1);
    socket.roomBytes = 100 + 10;
    connection.write(Buffer.alloc(64 * KIB));
    clock.advance(STALL_MS - 1);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.closeCause).toBe("stalled");
  });

  test("does not time a peer that has taken everything", async () => {
    const bench = open();
    const { clock, connection, handler, socket } = bench;
    fill(bench, 10);
    socket.roomBytes = Infinity;
    connection.drain();
    await nextTurn();
    clock.advance(10 * STALL_MS);
    expect(handler.events).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});

describe("Connection › poison", () => {
  test("resets the connection, drops what waits and says why", async () => {
    const { connection, socket, handler, observed } = open();
    const error = new Error("framing lost");
    connection.output().writeLatin1("half a frame");
    connection.poison(error);
    await nextTurn();
    expect(socket.writeCount).toBe(0);
    expect(socket.calls).toEqual(["terminate"]);
    expect(handler).toMatchObject({ closeCause: "poisoned", isWritten: false });
    expect(connection.poisonedBy).toBe(error);
    expect(observed).toEqual([
      { kind: "poisoned", error },
      { kind: "closed", cause: "poisoned" },
    ]);
  });

  test.each([
    ["close", (connection: Connection) => connection.close()],
    ["closeAfterFlush", (connection: Connection) => connection.closeAfterFlush()],
    ["linger", (connection: Connection) => connection.linger(1_000, 100)],
    ["following the peer", (connection: Connection) => connection.close("peer")],
  ])("%s in the middle of a logical write resets: half must not pass for the whole", async (_, close) => {
    const { connection, socket, handler } = open();
    connection.beginWrite();
    connection.output().writeLatin1("first half");
    await nextTurn();
    close(connection);
    expect(socket.calls).toEqual(["terminate"]);
    expect(handler).toMatchObject({ closeCause: "poisoned", isWritten: false });
    expect(connection.poisonedBy).toBeInstanceOf(AbandonedWriteError);
  });

  test("a peer that leaves in the middle of a logical write has not got all of it", async () => {
    const { connection, handler } = open();
    connection.beginWrite();
    connection.output().writeLatin1("first half");
    await nextTurn();
    connection.socketClosed(false);
    expect(handler).toMatchObject({ closeCause: "peer", isWritten: false });
    expect(connection.poisonedBy).toBeNull();
  });

  test("a logical write that has ended closes like any other", async () => {
    const { connection, socket, handler } = open();
    connection.beginWrite();
    connection.output().writeLatin1("first half");
    await nextTurn();
    connection.output().writeLatin1(" and second");
    connection.endWrite();
    connection.closeAfterFlush();
    await nextTurn();
    expect(socket.bytes.toString()).toBe("first half and second");
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });
});

describe("Connection › a handler that throws", () => {
  test.each([
    ["onBytes", (bench: Bench) => bench.connection.receive(Buffer.from("x"))],
    ["onEnd", (bench: Bench) => bench.connection.end()],
    [
      "onDeadline",
      (bench: Bench) => {
        bench.connection.setDeadline(10);
        bench.clock.advance(10 + TICK_MS);
      },
    ],
    [
      "onDrain",
      (bench: Bench) => {
        fill(bench, 300 * KIB);
        bench.socket.roomBytes = Infinity;
        bench.connection.drain();
      },
    ],
  ] as const)("in %s loses its connection and nothing else", (event, act) => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const bench = open({ [event]: THROW });
    act(bench);
    expect(bench.handler.closeCause).toBe("poisoned");
    expect(bench.handler.events.filter((each) => each === "close")).toHaveLength(1);
    expect(bench.connection.poisonedBy?.message).toBe("broken handler");
    expect(reported).not.toHaveBeenCalled();
    reported.mockRestore();
  });

  test("in onClose is reported", () => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const { connection } = open({ onClose: THROW });
    connection.close();
    expect(reported).toHaveBeenCalledTimes(1);
    reported.mockRestore();
  });

  test("while it is made closes the connection", () => {
    const socket = new FakeTransport();
    const observed: MonitorEvent[] = [];
    const connection = new Connection(socket, {
      wheel: new TimerWheel(new FakeClock()),
      monitor: (event) => observed.push(event),
      stallMs: 0,
    });
    connection.start(THROW);
    expect(socket.calls).toEqual(["terminate"]);
    expect(observed.map(({ kind }) => kind)).toEqual(["poisoned", "closed"]);
  });

  test("with what is no error is wrapped", () => {
    const { connection } = open({
      onBytes: () => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw "a string";
      },
    });
    connection.receive(Buffer.from("x"));
    expect(connection.poisonedBy?.message).toBe("a string");
  });
});

describe("Connection › start", () => {
  test("a handler that closes while it is made is told of the close, once", () => {
    const connection = new Connection(new FakeTransport(), {
      wheel: new TimerWheel(new FakeClock()),
      monitor: () => {},
      stallMs: 0,
    });
    connection.start((each) => {
      each.output().writeLatin1("never sent");
      each.close();
      return new RecordingHandler(each);
    });
    const handler = connection.handler as RecordingHandler;
    expect(handler.events).toEqual(["close"]);
    expect(handler).toMatchObject({ closeCause: "local", isWritten: false });
  });

  test("the owner hears of the close before the handler", () => {
    const order: string[] = [];
    const { connection } = open({ onClose: () => order.push("handler") });
    connection.owner = { onConnectionClosed: (_, cause) => order.push(`owner ${cause}`) };
    connection.close();
    expect(order).toEqual(["owner local", "handler"]);
  });
});
