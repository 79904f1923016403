import { describe, expect, test } from "bun:test";

import { FakeClock } from "../../test/support/fake-clock.ts";
import { FakeTransport } from "../../test/support/fake-transport.ts";
import { endOfTurn, fillOutput, openConnection, TICK_MS } from "../../test/support/open-connection.ts";
import { RecordingHandler } from "../../test/support/recording-handler.ts";
import { Connection } from "./connection.ts";
import { TimerWheel } from "./timer-wheel.ts";

const KIB = 1_024;

describe("Connection › writing", () => {
  test("sends what was written in a turn at its end, in one piece", async () => {
    const { connection, socket } = openConnection();
    for (let i = 0; i < 100; i++) connection.output().writeDecimal(i % 10);
    connection.write(Buffer.from("!"));
    expect(socket.writeCount).toBe(0);
    await endOfTurn();
    expect(socket.written.map(String)).toEqual([`${"0123456789".repeat(10)}!`]);
    await endOfTurn();
    expect(socket.writeCount).toBe(1);
  });

  test("sends at once on flush, and nothing twice", async () => {
    const { connection, socket } = openConnection();
    connection.output().writeLatin1("now");
    connection.flush();
    expect(socket.bytes.toString()).toBe("now");
    await endOfTurn();
    expect(socket.writeCount).toBe(1);
  });

  test("hands a large block to the socket without copying it, after what was written before", async () => {
    const { connection, socket } = openConnection();
    connection.output().writeLatin1("head");
    connection.write(Buffer.alloc(64 * KIB, "x"));
    connection.write(Buffer.from("tail"));
    expect(socket.written.map(({ length }) => length)).toEqual([4, 64 * KIB]);
    await endOfTurn();
    expect(socket.written.map(({ length }) => length)).toEqual([4, 64 * KIB, 4]);
  });

  test("hands a small block to the socket at once when told so, after what was written before", async () => {
    const { connection, socket } = openConnection();
    connection.writeNow(Buffer.from("[one]"), 1, 4);
    expect(socket.written.map(String)).toEqual(["one"]);
    connection.output().writeLatin1("two");
    connection.writeNow(Buffer.from("three"), 0, 5);
    expect(socket.written.map(String)).toEqual(["one", "two", "three"]);
    socket.roomBytes = 2;
    connection.writeNow(Buffer.from("four"), 0, 4);
    connection.write(Buffer.from("five"));
    expect(connection.outputBytes).toBe(6);
    socket.roomBytes = Infinity;
    await endOfTurn();
    expect([socket.bytes.toString(), connection.outputBytes]).toEqual(["onetwothreefourfive", 0]);
  });

  test("goes on when the socket has room again", async () => {
    const { connection, socket } = openConnection();
    socket.roomBytes = 3;
    connection.output().writeLatin1("abcdef");
    await endOfTurn();
    expect(connection.outputBytes).toBe(3);
    socket.roomBytes = Infinity;
    connection.drain();
    expect(socket.bytes.toString()).toBe("abcdef");
    expect(connection.outputBytes).toBe(0);
  });

  test("tells the source to stop above high water and to go on below low water", async () => {
    const bench = openConnection();
    const { connection, socket, handler } = bench;
    fillOutput(bench, 256 * KIB);
    expect(connection.isAboveHighWater).toBe(false);
    fillOutput(bench, 1);
    expect(connection.isAboveHighWater).toBe(true);
    await endOfTurn();
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
    const bench = openConnection({
      onDrain: (connection) => {
        expect(isWriting).toBe(false);
        connection.output().writeLatin1("from drain");
      },
    });
    const { connection, socket, handler } = bench;
    fillOutput(bench, 300 * KIB);
    socket.roomBytes = Infinity;
    isWriting = true;
    connection.write(Buffer.alloc(64 * KIB, "a"));
    connection.write(Buffer.alloc(64 * KIB, "b"));
    connection.flush();
    isWriting = false;
    expect(handler.events).toEqual([]);
    await endOfTurn();
    expect(handler.events).toEqual(["drain"]);
    await endOfTurn();
    expect(socket.bytes.subarray(300 * KIB).toString()).toBe(
      `${"a".repeat(64 * KIB)}${"b".repeat(64 * KIB)}from drain`,
    );
  });

  test("counts what was queued and what was sent", async () => {
    const { connection, socket } = openConnection();
    connection.output().writeLatin1("first");
    const first = connection.queuedBytes;
    connection.output().writeLatin1("second");
    const second = connection.queuedBytes;
    expect([first, second]).toEqual([5, 11]);
    socket.roomBytes = 8;
    await endOfTurn();
    expect(connection.sentBytes).toBe(8);
    connection.close();
    expect(connection.sentBytes).toBe(8);
    expect(connection.queuedBytes).toBe(Infinity);
  });

  test("drops what is written after the close", async () => {
    const { connection, socket } = openConnection();
    connection.close();
    connection.output().writeLatin1("late");
    connection.write(Buffer.alloc(64 * KIB));
    connection.writeNow(Buffer.alloc(KIB), 0, KIB);
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
    await endOfTurn();
    expect(socket.calls).toEqual(["end"]);
    expect(socket.writeCount).toBe(0);
    expect(connection.outputBytes).toBe(0);
  });
});

describe("Connection › a write that fails", () => {
  test("lets the handler read what the peer sent before it left", async () => {
    const { connection, socket, handler } = openConnection();
    socket.isBroken = true;
    connection.output().writeLatin1("request 2");
    await endOfTurn();
    connection.receive(Buffer.from("response 1"));
    expect(handler.received.toString()).toBe("response 1");
    connection.end();
    expect(handler.events).toEqual(["close"]);
    expect(handler.closeCause).toBe("reset");
    expect(handler.isWritten).toBe(false);
  });

  test.each([10, 64 * KIB])("of %d bytes drops what comes after it, and calls nobody", (byteCount) => {
    const { connection, socket, handler } = openConnection();
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
    const { clock, connection, socket, handler } = openConnection();
    socket.isBroken = true;
    connection.output().writeLatin1("x");
    await endOfTurn();
    clock.advance(999);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.closeCause).toBe("reset");
  });

  test("does not keep a connection that is only to be closed", async () => {
    for (const close of ["closeAfterFlush", "linger"] as const) {
      const { clock, connection, socket, handler } = openConnection();
      connection.output().writeLatin1("x");
      if (close === "linger") connection.linger(60_000, 100);
      else connection.closeAfterFlush();
      socket.isBroken = true;
      await endOfTurn();
      clock.advance(2 * TICK_MS);
      expect(handler.closeCause).toBe("reset");
    }
  });
});

describe("Connection › reading", () => {
  test("hands chunks to the handler as they are", () => {
    const { connection, handler } = openConnection();
    const chunk = Buffer.from("chunk");
    connection.receive(chunk);
    expect(handler.chunks[0]).toBe(chunk);
  });

  test("delivers nothing after the close", () => {
    const { connection, handler } = openConnection();
    connection.close();
    connection.receive(Buffer.from("late"));
    connection.end();
    connection.drain();
    connection.socketClosed(true);
    expect(handler.chunks).toEqual([]);
    expect(handler.events).toEqual(["close"]);
  });

  test("pauses and resumes the socket once, and says so", () => {
    const { connection, socket, observed } = openConnection();
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
    const { connection, socket, handler } = openConnection({ onEnd: (each) => each.output().writeLatin1("answer") });
    connection.end();
    expect(handler.events).toEqual(["end"]);
    await endOfTurn();
    expect(socket.bytes.toString()).toBe("answer");
    expect(connection.isClosed).toBe(false);
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
    const { connection } = openConnection({ onClose: () => order.push("handler") });
    connection.owner = { onConnectionClosed: (_, cause) => order.push(`owner ${cause}`) };
    connection.close();
    expect(order).toEqual(["owner local", "handler"]);
  });
});
