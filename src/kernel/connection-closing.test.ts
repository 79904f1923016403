import { describe, expect, test } from "bun:test";

import {
  type ConnectionBench,
  endOfTurn,
  fillOutput,
  openConnection,
  STALL_MS,
  TICK_MS,
} from "../../test/support/open-connection.ts";

describe("Connection › closing", () => {
  test("closeAfterFlush closes at once when nothing waits", () => {
    const { connection, socket, handler } = openConnection();
    connection.closeAfterFlush();
    expect(socket.calls).toEqual(["end"]);
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });

  test("closeAfterFlush sends what waits first, takes nothing more and drops what arrives", async () => {
    const { connection, socket, handler } = openConnection();
    socket.roomBytes = 2;
    connection.output().writeLatin1("answer");
    connection.closeAfterFlush();
    expect(connection.isClosing).toBe(true);
    connection.output().writeLatin1("dropped");
    connection.receive(Buffer.from("dropped"));
    connection.end();
    await endOfTurn();
    expect(handler.events).toEqual([]);
    socket.roomBytes = Infinity;
    connection.drain();
    expect(socket.bytes.toString()).toBe("answer");
    expect(handler.events).toEqual(["close"]);
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
    expect(handler.chunks).toEqual([]);
  });

  test("closeAfterFlush reads on, so that the peer's close is noticed", () => {
    const { connection, socket, handler } = openConnection();
    connection.pause();
    socket.roomBytes = 0;
    connection.output().writeLatin1("answer");
    connection.closeAfterFlush();
    expect(socket.calls).toEqual(["pause", "resume"]);
    connection.socketClosed(false);
    expect(handler).toMatchObject({ closeCause: "peer", isWritten: false });
  });

  test("linger sends what waits, shuts down writing and waits for the peer", async () => {
    const { connection, socket, handler } = openConnection();
    connection.pause();
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    connection.receive(Buffer.alloc(50));
    await endOfTurn();
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
    const { connection, handler } = openConnection();
    connection.linger(2_000, 100);
    connection.receive(Buffer.alloc(100));
    expect(handler.events).toEqual([]);
    connection.receive(Buffer.alloc(1));
    expect(handler.closeCause).toBe("local");
  });

  test("linger ends at its deadline, which nobody moves", async () => {
    const { clock, connection, handler, socket } = openConnection();
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    connection.setDeadline(60_000);
    connection.clearDeadline();
    connection.pause();
    await endOfTurn();
    clock.advance(1_999);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.events).toEqual(["close"]);
    expect(handler.closeCause).toBe("local");
    expect(socket.calls).toEqual(["shutdown", "end"]);
  });

  test("linger gives a slow peer the time it needs for what waits, and its own time behind that", async () => {
    const { clock, connection, handler, socket } = openConnection();
    socket.roomBytes = 0;
    connection.setDeadline(1_000);
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    await endOfTurn();
    for (let taken = 0; taken < 5; taken++) {
      clock.advance(STALL_MS - 100);
      socket.roomBytes = 1;
      connection.drain();
    }
    expect(handler.events).toEqual([]);
    clock.advance(STALL_MS - 100);
    socket.roomBytes = 1;
    connection.drain();
    expect(socket.bytes.toString()).toBe("answer");
    clock.advance(1_900);
    expect(handler.events).toEqual([]);
    clock.advance(200);
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });

  test("linger does not wait for a peer that takes nothing", async () => {
    const { clock, connection, handler, socket } = openConnection();
    socket.roomBytes = 0;
    connection.output().writeLatin1("answer");
    connection.linger(60_000, 100);
    await endOfTurn();
    clock.advance(STALL_MS + TICK_MS);
    expect(handler).toMatchObject({ closeCause: "stalled", isWritten: false });
  });

  test("linger still sends the answer when the peer ends first", async () => {
    const { connection, socket, handler } = openConnection();
    socket.roomBytes = 0;
    connection.output().writeLatin1("answer");
    connection.linger(2_000, 100);
    connection.end();
    await endOfTurn();
    expect(handler.events).toEqual([]);
    socket.roomBytes = Infinity;
    connection.drain();
    expect(socket.bytes.toString()).toBe("answer");
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });

  test("linger only flushes when the peer has ended before", () => {
    const { connection, socket, handler } = openConnection();
    connection.end();
    connection.linger(2_000, 100);
    expect(socket.calls).toEqual(["end"]);
    expect(handler.events).toEqual(["end", "close"]);
  });

  test.each([
    ["the peer closes", (bench: ConnectionBench) => bench.connection.socketClosed(false), "peer", ""],
    ["the network breaks", (bench: ConnectionBench) => bench.connection.socketClosed(true), "reset", ""],
    ["the handler closes", (bench: ConnectionBench) => bench.connection.close(), "local", "end"],
    ["the handler follows the peer", (bench: ConnectionBench) => bench.connection.close("peer"), "peer", "end"],
    [
      "the framing is lost",
      (bench: ConnectionBench) => bench.connection.poison(new Error("lost")),
      "poisoned",
      "terminate",
    ],
    [
      "the peer stalls",
      (bench: ConnectionBench) => {
        fillOutput(bench, 1);
        bench.clock.advance(STALL_MS + TICK_MS);
      },
      "stalled",
      "terminate",
    ],
  ] as const)("onClose is called once when %s", async (_, close, cause, call) => {
    const bench = openConnection();
    const { clock, connection, handler, socket, observed } = bench;
    connection.setDeadline(10);
    close(bench);
    socket.onClosed();
    connection.close();
    connection.socketClosed(true);
    await endOfTurn();
    clock.advance(60_000);
    expect(handler.events.filter((event) => event !== "deadline")).toEqual(["close"]);
    expect(handler.closeCause).toBe(cause);
    expect(socket.calls).toEqual(call === "" ? [] : [call]);
    expect(observed.filter(({ kind }) => kind === "closed")).toEqual([{ kind: "closed", cause }]);
    expect(clock.timerCount).toBe(0);
  });

  test("isWritten is false when output was still waiting", () => {
    const bench = openConnection();
    fillOutput(bench, 1);
    bench.connection.close();
    expect(bench.handler.isWritten).toBe(false);
  });

  test("tells the peer's address after the close if it was asked before", () => {
    const first = openConnection().connection;
    expect(first.remoteAddress).toBe("192.0.2.1:4711");
    first.close();
    expect(first.remoteAddress).toBe("192.0.2.1:4711");
    const second = openConnection().connection;
    second.close();
    expect(second.remoteAddress).toBe("unknown");
  });

  test("writes an IPv6 peer in brackets and a Unix peer without address", () => {
    const { connection, socket } = openConnection();
    socket.remoteAddress = "::1";
    expect(connection.remoteAddress).toBe("[::1]:4711");
    const unix = openConnection();
    unix.socket.remoteAddress = unix.socket.remotePort = undefined;
    expect(unix.connection.remoteAddress).toBe("unix:");
  });
});

describe("Connection › deadlines", () => {
  test("calls the handler when its deadline passes", () => {
    const { clock, connection, handler } = openConnection();
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
    const bench = openConnection();
    const { clock, connection, handler, socket } = bench;
    fillOutput(bench, 10);
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
    const bench = openConnection();
    const { clock, connection, handler, socket } = bench;
    fillOutput(bench, 100);
    clock.advance(STALL_MS - 1);
    socket.roomBytes = 100 + 10;
    connection.write(Buffer.alloc(65_536));
    clock.advance(STALL_MS - 1);
    expect(handler.events).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(handler.closeCause).toBe("stalled");
  });

  test("does not time a peer that has taken everything", async () => {
    const bench = openConnection();
    const { clock, connection, handler, socket } = bench;
    fillOutput(bench, 10);
    socket.roomBytes = Infinity;
    connection.drain();
    await endOfTurn();
    clock.advance(10 * STALL_MS);
    expect(handler.events).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});
