import { afterEach, describe, expect, test } from "bun:test";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { type Reactions, RecordingHandler } from "../../test/support/recording-handler.ts";
import { until } from "../../test/support/until.ts";
import type { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { Listener } from "./listener.ts";
import { unobserved } from "./monitor.ts";
import type { SocketAddress } from "./socket-address.ts";
import { TimerWheel } from "./timer-wheel.ts";

const MIB = 1_024 * 1_024;
const STALL_MS = 5_000;
const TICK_MS = 8;

const directory = new TemporaryDirectory();
const clock = new FakeClock();
const options = { wheel: new TimerWheel(clock), monitor: unobserved, stallMs: STALL_MS };
const listeners: Listener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) {
    listener.stop();
    for (const connection of listener.connections) connection.close();
  }
});
process.on("exit", () => directory[Symbol.dispose]());

interface Ends {
  readonly server: RecordingHandler;
  readonly client: RecordingHandler;
}

/** Both ends of one connection, over a real socket. */
async function connect(kind: "tcp" | "unix", serving: Reactions = {}, dialing: Reactions = {}): Promise<Ends> {
  const path = directory.at(`${listeners.length}.sock`);
  let server: RecordingHandler | undefined;
  const listener = new Listener({
    ...options,
    address: kind === "tcp" ? { host: "127.0.0.1", port: 0 } : { path },
    connectionCountMax: 10,
    accept: (connection) => (server = new RecordingHandler(connection, serving)),
  });
  listeners.push(listener);
  const address: SocketAddress = kind === "tcp" ? { host: "127.0.0.1", port: listener.port } : { path };
  const connection = await dial({ ...options, address, open: (each) => new RecordingHandler(each, dialing) });
  return {
    server: await until("the accept", () => server ?? null),
    client: connection.handler as RecordingHandler,
  };
}

/** Bytes that differ at every place a mistake would shift them to. */
function pattern(byteCount: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  for (let i = 0; i < byteCount; i += 4) bytes.writeUInt32BE((i * 2_654_435_761) >>> 0, i);
  return bytes;
}

/** Sends for ever, as fast as the socket takes it. */
function flood(connection: Connection): void {
  while (!connection.isClosed && !connection.isAboveHighWater) {
    connection.write(Buffer.alloc(64 * 1_024));
    connection.flush();
  }
}

describe.each(["tcp", "unix"] as const)("Connection over %s", (kind) => {
  test("delivers 50 MB to a reader that first stalls, every byte in its place", async () => {
    const { server, client } = await connect(kind);
    client.connection.pause();
    const bytes = pattern(50 * MIB);
    for (let start = 0; start < bytes.length; start += MIB) server.connection.write(bytes, start, start + MIB);
    expect(server.connection.isAboveHighWater).toBe(true);
    expect(server.connection.outputBytes).toBeGreaterThan(32 * MIB);
    client.connection.resume();
    const received = await client.untilReceived(bytes.length);
    expect(received.equals(bytes)).toBe(true);
    await until("the drain", () => server.events.includes("drain"));
    expect(server.connection.outputBytes).toBe(0);
    expect(server.connection.sentBytes).toBe(bytes.length);
  });

  test("answers a peer that has closed its sending side", async () => {
    const { server, client } = await connect(kind, {
      onEnd: (connection) => {
        connection.output().writeLatin1("answer");
        connection.closeAfterFlush();
      },
    });
    client.connection.output().writeLatin1("request");
    client.connection.linger(60_000, 6);
    expect(await server.untilClosed()).toBe("local");
    expect(server.received.toString()).toBe("request");
    expect(server.events).toEqual(["end", "close"]);
    expect(await client.untilClosed()).toBe("peer");
  });

  test("lets a client that keeps sending see the answer, and then its end", async () => {
    let isRefused = false;
    const { server, client } = await connect(
      kind,
      {
        onBytes: (connection) => {
          if (isRefused) return;
          isRefused = true;
          connection.output().writeLatin1("refused");
          connection.linger(60_000, 1_024 * MIB);
        },
      },
      { onDrain: flood },
    );
    flood(client.connection);
    await client.untilReceived(7);
    expect(client.received.toString()).toBe("refused");
    await until("the end", () => client.events.includes("end"));
    expect(server.closeCause).toBeNull();
    client.connection.close();
    await server.untilClosed();
    expect(server.isWritten).toBe(true);
  });

  test("lingers for no longer than it was told", async () => {
    const { server, client } = await connect(kind, { onBytes: (connection) => connection.linger(1_000, MIB) });
    client.connection.output().writeLatin1("request");
    await until("the end", () => client.events.includes("end"));
    clock.advance(1_000 + TICK_MS);
    expect(server.closeCause).toBe("local");
  });

  test("lingers for no more bytes than it was told", async () => {
    const { server, client } = await connect(
      kind,
      { onBytes: (connection) => connection.linger(60_000, MIB) },
      { onDrain: flood },
    );
    flood(client.connection);
    expect(await server.untilClosed()).toBe("local");
    expect(await client.untilClosed()).toBe("reset");
  });

  test("cuts off a peer that stops taking bytes", async () => {
    const { server, client } = await connect(kind);
    client.connection.pause();
    server.connection.write(Buffer.alloc(50 * MIB));
    await new Promise(setImmediate);
    clock.advance(STALL_MS + TICK_MS);
    expect(server).toMatchObject({ closeCause: "stalled", isWritten: false });
    client.connection.resume();
    await until("the end", () => client.events.length > 0);
  });

  test("reads what the peer sent before it left, though it cannot be written to any more", async () => {
    let ends: Ends | null = null;
    ends = await connect(kind, {
      onBytes: (connection, chunk) => {
        if (chunk.toString() !== "ready") return;
        ends!.client.connection.output().writeLatin1("response 1");
        ends!.client.connection.flush();
        ends!.client.connection.close();
        // Over TCP the first write provokes the reset that a later one meets.
        for (let tries = 0; tries < 1_000 && !connection.outbox.isFailed; tries++) {
          connection.output().writeLatin1("request");
          connection.flush();
          if (!connection.outbox.isFailed) Bun.sleepSync(1);
        }
      },
    });
    ends.client.connection.output().writeLatin1("ready");
    expect(await ends.server.untilClosed()).toBe("reset");
    expect(ends.server.received.toString()).toBe("readyresponse 1");
    expect(ends.server.isWritten).toBe(false);
  });

  test("a handler that throws loses its connection, and the listener goes on", async () => {
    const { server, client } = await connect(kind, {
      onBytes: () => {
        throw new Error("broken handler");
      },
    });
    client.connection.output().writeLatin1("x");
    expect(await server.untilClosed()).toBe("poisoned");
    await until("the end of the connection", () => client.events.length > 0);
    const listener = listeners[0]!;
    expect(listener.connectionCount).toBe(0);
  });

  test("both ends hear of an orderly close once", async () => {
    const { server, client } = await connect(kind, {}, { onEnd: (connection) => connection.close("peer") });
    server.connection.output().writeLatin1("bye");
    server.connection.closeAfterFlush();
    expect(await client.untilClosed()).toBe("peer");
    expect(client.received.toString()).toBe("bye");
    expect(client.events).toEqual(["end", "close"]);
    expect(server.events).toEqual(["close"]);
    expect(server.isWritten).toBe(true);
  });
});

describe("Connection over tcp", () => {
  test("a peer that is left in the middle of a logical write sees a reset and no end", async () => {
    const { server, client } = await connect("tcp");
    server.connection.beginWrite();
    server.connection.output().writeLatin1("first half");
    server.connection.flush();
    await client.untilReceived(10);
    server.connection.closeAfterFlush();
    expect(await client.untilClosed()).toBe("reset");
    expect(client.events).toEqual(["close"]);
    expect(server).toMatchObject({ closeCause: "poisoned", isWritten: false });
  });
});
