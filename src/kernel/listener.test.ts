import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { RecordingHandler } from "../../test/support/recording-handler.ts";
import { until } from "../../test/support/until.ts";
import { bindBeside, bindSocket } from "./bound-socket.ts";
import { dial } from "./dial.ts";
import { ListenError } from "./listen-error.ts";
import { Listener, type ListenerOptions } from "./listener.ts";
import { type MonitorEvent, unobserved } from "./monitor.ts";
import type { SocketAddress } from "./socket-address.ts";
import { TimerWheel } from "./timer-wheel.ts";

const directory = new TemporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

const wheel = new TimerWheel();
const listeners: Listener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) {
    listener.stop();
    for (const connection of listener.connections) connection.close();
  }
});

function listen(options: Partial<ListenerOptions> = {}): Listener {
  const listener = new Listener({
    address: { host: "127.0.0.1", port: 0 },
    connectionCountMax: 100,
    wheel,
    monitor: unobserved,
    stallMs: 0,
    accept: (connection) => new RecordingHandler(connection, { onEnd: (each) => each.close("peer") }),
    ...options,
  });
  listeners.push(listener);
  return listener;
}

async function connect(address: SocketAddress): Promise<RecordingHandler> {
  const options = { address, wheel, monitor: unobserved, stallMs: 0 };
  const connection = await dial({
    ...options,
    open: (each) => new RecordingHandler(each, { onEnd: () => each.close("peer") }),
  });
  return connection.handler as RecordingHandler;
}

function addressOf(listener: Listener): SocketAddress {
  return { host: "127.0.0.1", port: listener.port };
}

describe("Listener", () => {
  test("takes connections up to its limit, refuses the next and takes one again when one has left", async () => {
    const observed: MonitorEvent[] = [];
    const listener = listen({ connectionCountMax: 3, monitor: (event) => observed.push(event) });
    const clients = [];
    for (let count = 1; count <= 3; count++) {
      clients.push(await connect(addressOf(listener)));
      await until("the accept", () => listener.connectionCount === count);
    }
    expect(listener.refusedCount).toBe(0);

    const refused = await connect(addressOf(listener));
    expect(await refused.untilClosed()).toBe("reset");
    expect(listener.refusedCount).toBe(1);
    expect(listener.connectionCount).toBe(3);
    expect(observed.filter(({ kind }) => kind === "refused")).toEqual([
      { kind: "refused", reason: "connection-limit" },
    ]);

    clients[1]!.connection.close();
    await until("the leave", () => listener.connectionCount === 2);
    const next = await connect(addressOf(listener));
    await until("the accept", () => listener.connectionCount === 3);
    expect(next.closeCause).toBeNull();
    expect(observed.map(({ kind }) => kind)).toEqual([
      ...["accepted", "accepted", "accepted"],
      ...["refused", "closed", "accepted"],
    ] as (typeof observed)[number]["kind"][]);
  });

  test("lists its connections, oldest first", async () => {
    const listener = listen();
    const ports: number[] = [];
    for (let i = 1; i <= 3; i++) {
      await connect(addressOf(listener));
      await until("the accept", () => listener.connectionCount === i);
      ports.push([...listener.connections].length);
    }
    expect(ports).toEqual([1, 2, 3]);
    for (const connection of listener.connections) {
      expect(connection.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/);
      connection.close();
    }
    expect(listener.connectionCount).toBe(0);
  });

  test("has no connection of a peer that has left before it was accepted, and keeps the address of one that leaves later", async () => {
    const addresses: string[] = [];
    const listener = listen({ onClosed: ({ remoteAddress }) => void addresses.push(remoteAddress) });
    const { port } = listener;
    const program = `const socket = await Bun.connect({ hostname: "127.0.0.1", port: ${port}, socket: { data() {} } });
      socket.write("request");
      socket.terminate();`;
    // While it runs nothing is accepted: what it sent and its reset wait together.
    expect(Bun.spawnSync([process.execPath, "-e", program]).exitCode).toBe(0);
    const client = await connect(addressOf(listener));
    await until("the accept", () => listener.connectionCount === 1);
    client.connection.poison(new Error("enough"));
    await until("the leave", () => listener.connectionCount === 0);
    expect(addresses).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
  });

  test("stops accepting, and its connections go on", async () => {
    const listener = listen({
      accept: (connection) =>
        new RecordingHandler(connection, {
          onBytes: (each, chunk) => each.write(chunk),
          onEnd: (each) => each.close("peer"),
        }),
    });
    const client = await connect(addressOf(listener));
    await until("the accept", () => listener.connectionCount === 1);
    listener.stop();
    await expect(connect(addressOf(listener))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.connection.output().writeLatin1("echo");
    await client.untilReceived(4);
  });

  test("goes on when a handler cannot be made", async () => {
    let isBroken = true;
    const listener = listen({
      accept: (connection) => {
        if (isBroken) throw new Error("no handler today");
        return new RecordingHandler(connection);
      },
    });
    const first = await connect(addressOf(listener));
    expect(await first.untilClosed()).toBe("reset");
    expect(listener.connectionCount).toBe(0);
    isBroken = false;
    await connect(addressOf(listener));
    await until("the accept", () => listener.connectionCount === 1);
  });

  test("a handler may close the connection while it is made", async () => {
    const listener = listen({
      accept: (connection) => {
        connection.output().writeLatin1("go away");
        connection.closeAfterFlush();
        return new RecordingHandler(connection);
      },
    });
    const client = await connect(addressOf(listener));
    expect(await client.untilClosed()).toBe("peer");
    expect(client.received.toString()).toBe("go away");
    expect(listener.connectionCount).toBe(0);
  });

  test("listens on a Unix socket of its user only, and removes it when it stops", async () => {
    const path = directory.at("private.sock");
    const umask = process.umask(0);
    const listener = listen({ address: { path } });
    expect(process.umask(umask)).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(listener.port).toBe(0);
    await connect({ path });
    await until("the accept", () => listener.connectionCount === 1);
    expect([...listener.connections][0]!.remoteAddress).toBe("unix:");
    listener.stop();
    expect(existsSync(path)).toBe(false);
  });

  test("replaces a Unix socket that a killed process has left", async () => {
    const path = directory.at("stale.sock");
    const program = `Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } }); console.log("listening");`;
    await using holder = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    await holder.stdout.getReader().read();
    expect(() => listen({ address: { path } })).toThrow(ListenError);
    holder.kill("SIGKILL");
    await holder.exited;
    expect(existsSync(path)).toBe(true);
    listen({ address: { path } });
    await connect({ path });
  });

  test("serves on a descriptor that it is handed, and closes it when it stops", async () => {
    const socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const { port } = socket;
    const listener = listen({ address: { fd: socket.release() } });
    expect(listener.port).toBe(port);
    await connect({ host: "127.0.0.1", port });
    await until("the accept", () => listener.connectionCount === 1);
    listener.stop();
    await expect(connect({ host: "127.0.0.1", port })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("accepts on further sockets of its port for as long as it is told to", async () => {
    const socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const { port } = socket;
    const beside = bindBeside(socket);
    const listener = listen({ address: { fd: socket.release() } });
    const further = listener.acceptAlsoOn(beside.release());
    const listeningCount = () =>
      Bun.spawnSync(["ss", "-Hltn", `sport = :${port}`])
        .stdout.toString()
        .trim()
        .split("\n").length;
    expect(listeningCount()).toBe(2);
    for (let count = 1; count <= 16; count++) await connect({ host: "127.0.0.1", port });
    await until("every connection to be accepted", () => listener.connectionCount === 16);
    further.stop();
    expect(listeningCount()).toBe(1);
    further.stop();
    await connect({ host: "127.0.0.1", port });
    await until("the accept", () => listener.connectionCount === 17);
    listener.stop();
    await expect(connect({ host: "127.0.0.1", port })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test.each(["host", "fd"] as const)("lets more than the runtime's 511 connections wait (%s)", async (kind) => {
    const fd = kind === "fd" ? (await bindSocket({ host: "127.0.0.1", port: 0 })).release() : -1;
    const { port } = listen(kind === "fd" ? { address: { fd } } : {});
    const { stdout } = Bun.spawnSync(["ss", "-Hltn", `sport = :${port}`]);
    const somaxconn = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
    expect(Number(stdout.toString().trim().split(/\s+/)[2])).toBe(Math.min(4_096, somaxconn));
  });

  test.each([
    ["VILYA_LISTEN_ADDRESS_NOT_AVAILABLE", { host: "203.0.113.7", port: 0 }],
    ["VILYA_LISTEN_PATH_NOT_FOUND", { path: directory.at("none/a.sock") }],
  ] as const)("says %s of %j", (code, address) => {
    expect(() => listen({ address })).toThrow(expect.objectContaining({ code }));
  });

  test("says who holds the port that is taken", () => {
    const { port } = listen();
    expect(() => listen({ address: { host: "127.0.0.1", port } })).toThrow(
      `Cannot listen on 127.0.0.1:${port}: another process holds the port`,
    );
  });
});
