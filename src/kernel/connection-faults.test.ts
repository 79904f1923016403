import { describe, expect, spyOn, test } from "bun:test";

import { FakeClock } from "../../test/support/fake-clock.ts";
import { FakeTransport } from "../../test/support/fake-transport.ts";
import {
  type ConnectionBench,
  endOfTurn,
  fillOutput,
  openConnection,
  TICK_MS,
} from "../../test/support/open-connection.ts";
import { Connection } from "./connection.ts";
import type { MonitorEvent } from "./monitor.ts";
import { AbandonedWriteError } from "./poison-guard.ts";
import { TimerWheel } from "./timer-wheel.ts";

const THROW = (): never => {
  throw new Error("broken handler");
};

describe("Connection › poison", () => {
  test("resets the connection, drops what waits and says why", async () => {
    const { connection, socket, handler, observed } = openConnection();
    const error = new Error("framing lost");
    connection.output().writeLatin1("half a frame");
    connection.poison(error);
    await endOfTurn();
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
    const { connection, socket, handler } = openConnection();
    connection.beginWrite();
    connection.output().writeLatin1("first half");
    await endOfTurn();
    close(connection);
    expect(socket.calls).toEqual(["terminate"]);
    expect(handler).toMatchObject({ closeCause: "poisoned", isWritten: false });
    expect(connection.poisonedBy).toBeInstanceOf(AbandonedWriteError);
  });

  test("a peer that leaves in the middle of a logical write has not got all of it", async () => {
    const { connection, handler } = openConnection();
    connection.beginWrite();
    connection.output().writeLatin1("first half");
    await endOfTurn();
    connection.socketClosed(false);
    expect(handler).toMatchObject({ closeCause: "peer", isWritten: false });
    expect(connection.poisonedBy).toBeNull();
  });

  test("a logical write that has ended closes like any other", async () => {
    const { connection, socket, handler } = openConnection();
    connection.beginWrite();
    connection.output().writeLatin1("first half");
    await endOfTurn();
    connection.output().writeLatin1(" and second");
    connection.endWrite();
    connection.closeAfterFlush();
    await endOfTurn();
    expect(socket.bytes.toString()).toBe("first half and second");
    expect(handler).toMatchObject({ closeCause: "local", isWritten: true });
  });
});

describe("Connection › a handler that throws", () => {
  test.each([
    ["onBytes", (bench: ConnectionBench) => bench.connection.receive(Buffer.from("x"))],
    ["onEnd", (bench: ConnectionBench) => bench.connection.end()],
    [
      "onDeadline",
      (bench: ConnectionBench) => {
        bench.connection.setDeadline(10);
        bench.clock.advance(10 + TICK_MS);
      },
    ],
    [
      "onDrain",
      (bench: ConnectionBench) => {
        fillOutput(bench, 300_000);
        bench.socket.roomBytes = Infinity;
        bench.connection.drain();
      },
    ],
  ] as const)("in %s loses its connection and nothing else", (event, act) => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const bench = openConnection({ [event]: THROW });
    act(bench);
    expect(bench.handler.closeCause).toBe("poisoned");
    expect(bench.handler.events.filter((each) => each === "close")).toHaveLength(1);
    expect(bench.connection.poisonedBy?.message).toBe("broken handler");
    expect(reported).not.toHaveBeenCalled();
    reported.mockRestore();
  });

  test("in onClose is reported", () => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const { connection } = openConnection({ onClose: THROW });
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
    const { connection } = openConnection({
      onBytes: () => {
        // oxlint-disable-next-line typescript/only-throw-error
        throw "a string";
      },
    });
    connection.receive(Buffer.from("x"));
    expect(connection.poisonedBy?.message).toBe("a string");
  });
});
