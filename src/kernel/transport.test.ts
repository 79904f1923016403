import { afterEach, describe, expect, test } from "bun:test";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { until } from "../../test/support/until.ts";
import { remoteAddressOf } from "./transport.ts";

/** One end of a connection, as the runtime gives it, with what it was told. */
interface End {
  socket: Bun.Socket;
  events: string[];
  chunks: Buffer[];
}

const directory = new TemporaryDirectory();
const servers: { stop(closeConnections: boolean): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});
process.on("exit", () => directory[Symbol.dispose]());

function handlersOf(end: End, onData: (end: End) => void = () => {}): Bun.SocketHandler<undefined, "buffer"> {
  return {
    binaryType: "buffer",
    open: (socket) => void (end.socket = socket),
    data(_, chunk) {
      end.chunks.push(chunk);
      end.events.push("data");
      onData(end);
    },
    end: () => void end.events.push("end"),
    drain: () => void end.events.push("drain"),
    close: (_, error) => void end.events.push(error instanceof Error ? "reset" : "close"),
    error: (_, error) => void end.events.push(`error ${error.message}`),
  };
}

async function connect(kind: "tcp" | "unix", onData?: (end: End) => void): Promise<{ server: End; client: End }> {
  const server = { events: [], chunks: [] } as unknown as End;
  const client = { events: [], chunks: [] } as unknown as End;
  const path = directory.at(`${servers.length}.sock`);
  const serving = { socket: handlersOf(server, onData), allowHalfOpen: true };
  const dialing = { socket: handlersOf(client), allowHalfOpen: true };
  if (kind === "unix") {
    servers.push(Bun.listen({ ...serving, unix: path }));
    await Bun.connect({ ...dialing, unix: path });
  } else {
    const listener = Bun.listen({ ...serving, hostname: "127.0.0.1", port: 0 });
    servers.push(listener);
    await Bun.connect({ ...dialing, hostname: "127.0.0.1", port: listener.port });
  }
  await until("the accept", () => server.socket !== undefined);
  return { server, client };
}

function bytesOf(end: End): Buffer {
  return Buffer.concat(end.chunks);
}

/** What the connection code relies on, and what the runtime's own documentation does not say or says otherwise. */
describe.each(["tcp", "unix"] as const)("Transport › a %s socket of the runtime", (kind) => {
  test("shutdown() closes the sending side only, and close comes after the peer's end", async () => {
    const { server, client } = await connect(kind);
    server.socket.write("last words");
    server.socket.shutdown();
    expect(server.socket.write("more")).toBe(-1);
    await until("the end", () => client.events.includes("end"));
    expect(bytesOf(client).toString()).toBe("last words");
    client.socket.write("still heard");
    await until("the bytes", () => server.chunks.length > 0);
    expect(server.events).not.toContain("close");
    client.socket.end();
    await until("the close", () => server.events.includes("close"));
    expect(bytesOf(server).toString()).toBe("still heard");
  });

  test("end() closes both directions at once, and says so before it returns", async () => {
    const { server, client } = await connect(kind);
    server.socket.write("last words");
    server.socket.end();
    expect(server.events).toEqual(["close"]);
    await until("the end", () => client.events.includes("end"));
    expect(bytesOf(client).toString()).toBe("last words");
  });

  test("the end of the peer leaves the sending side open", async () => {
    const { server, client } = await connect(kind);
    client.socket.write("request");
    client.socket.shutdown();
    await until("the end", () => server.events.includes("end"));
    expect(server.socket.write("answer")).toBe(6);
    server.socket.end();
    await until("the close", () => client.events.includes("close"));
    expect(bytesOf(client).toString()).toBe("answer");
  });

  test("bytes and the end that arrive together are told in that order", async () => {
    const { server, client } = await connect(kind);
    client.socket.write("request");
    client.socket.end();
    await until("the end", () => server.events.includes("end"));
    // A Unix socket knows when its peer has closed both directions, and then tells of the close, too.
    expect(server.events.filter((event) => event !== "drain").slice(0, 2)).toEqual(["data", "end"]);
  });

  test("write takes a part, then nothing, and drain comes when there is room", async () => {
    const { server, client } = await connect(kind);
    client.socket.pause();
    const bytes = Buffer.alloc(64 * 1_024 * 1_024);
    let taken = server.socket.write(bytes);
    expect(taken).toBeLessThan(bytes.length);
    let more = 0;
    do taken += more = server.socket.write(bytes, taken, bytes.length - taken);
    while (more > 0);
    expect(more).toBe(0);
    client.socket.resume();
    await until("the drain", () => server.events.includes("drain"));
    await until("the bytes", () => bytesOf(client).length === taken);
  });

  test("a chunk is never written to again", async () => {
    const { server, client } = await connect(kind);
    for (const byte of [1, 2, 3]) {
      client.socket.write(Buffer.alloc(1_000, byte));
      await until("the chunk", () => server.chunks.length === byte);
    }
    expect(server.chunks.map((chunk) => chunk.every((each) => each === chunk[0]) && chunk[0])).toEqual([1, 2, 3]);
    expect(new Set(server.chunks.map(({ buffer }) => buffer)).size).toBe(3);
  });

  test("no chunk arrives after pause(), whatever has been received", async () => {
    const { server, client } = await connect(kind, (end) => end.socket.pause());
    client.socket.write(Buffer.alloc(4 * 1_024 * 1_024));
    await until("the first chunk", () => server.chunks.length > 0);
    const { length } = bytesOf(server);
    await until("room for more", () => client.socket.write("more") === 4);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
    expect(bytesOf(server).length).toBe(length);
    server.socket.resume();
    await until("the second chunk", () => bytesOf(server).length > length);
  });

  test("what was received can be read after a write has failed", async () => {
    const { server, client } = await connect(kind, (end) => {
      if (end.chunks.length > 1) return;
      client.socket.write("answer");
      client.socket.end();
      // Over TCP the first one provokes the reset that a later one meets.
      while (end.socket.write("too late") > 0) Bun.sleepSync(1);
      end.events.push(`write ${end.socket.write("too late")}`);
    });
    client.socket.write("request");
    await until("the end", () => server.events.includes("end"));
    expect(server.events.filter((event) => event !== "drain").slice(0, 4)).toEqual(["data", "write -1", "data", "end"]);
    expect(bytesOf(server).toString()).toBe("requestanswer");
  });

  test("what a callback throws arrives as an error, and the socket stays open", async () => {
    const { server, client } = await connect(kind, () => {
      throw new Error("broken");
    });
    client.socket.write("x");
    await until("the error", () => server.events.includes("error broken"));
    expect(server.socket.write("still open")).toBe(10);
  });

  test("its address is known while it is open", async () => {
    const { server, client } = await connect(kind);
    const expected = kind === "tcp" ? `127.0.0.1:${client.socket.localPort}` : "unix:";
    expect(remoteAddressOf(server.socket)).toBe(expected);
    client.socket.end();
    expect(client.socket.remoteAddress).toBeUndefined();
  });
});

describe("Transport › a TCP socket of the runtime", () => {
  test("terminate() resets", async () => {
    const { server, client } = await connect("tcp");
    server.socket.terminate();
    expect(server.events).toEqual(["close"]);
    await until("the reset", () => client.events.includes("reset"));
  });
});
