import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { HAS_IPV6 } from "../../test/support/ipv6.ts";
import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { openSockets } from "../../test/support/process-table.ts";
import { until } from "../../test/support/until.ts";
import {
  bindBeside,
  type BindOptions,
  bindSocket,
  type BoundSocket,
  copyDescriptor,
  readBoundPort,
  setBacklog,
} from "./bound-socket.ts";
import { ListenError } from "./listen-error.ts";

const directory = new TemporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

let pathCount = 0;
function freshPath(): string {
  return directory.at(`${++pathCount}.sock`);
}

async function listenError(options: BindOptions): Promise<ListenError> {
  try {
    using _ = await bindSocket(options);
  } catch (error) {
    expect(error).toBeInstanceOf(ListenError);
    return error as ListenError;
  }
  throw new Error("It was bound");
}

async function canConnect(host: string, port: number): Promise<boolean> {
  try {
    (await Bun.connect({ hostname: host, port, socket: { data() {} } })).terminate();
    return true;
  } catch {
    return false;
  }
}

/** The largest queue of connections to accept, as the kernel tells it. */
function readBacklog(port: number): number {
  return readBacklogs(port)[0]!;
}

/** Of every socket that listens on the port. */
function readBacklogs(port: number): readonly number[] {
  const { stdout } = Bun.spawnSync(["ss", "-Hltn", `sport = :${port}`]);
  const lines = stdout.toString().trim().split("\n");
  return lines.map((line) => Number(line.split(/\s+/)[2]));
}

/** A process that serves on descriptor 3: it tells its name to everybody who asks, and leaves on SIGTERM without dropping anybody. */
function spawnServer(name: string, { fd }: BoundSocket): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  const program = `
    import { Listener } from ${JSON.stringify(join(import.meta.dir, "listener.ts"))};
    import { unobserved } from ${JSON.stringify(join(import.meta.dir, "monitor.ts"))};
    import { TimerWheel } from ${JSON.stringify(join(import.meta.dir, "timer-wheel.ts"))};
    const listener = new Listener({
      address: { fd: 3 }, wheel: new TimerWheel(), monitor: unobserved, stallMs: 0, connectionCountMax: 1_000,
      accept(connection) {
        const answer = () => {
          connection.output().writeLatin1(${JSON.stringify(name)});
          connection.closeAfterFlush();
        };
        return { onBytes: answer, onEnd() {}, onDrain() {}, onDeadline() {}, onClose() {} };
      },
    });
    process.on("SIGTERM", () => listener.stop());
    console.log(listener.port);
  `;
  return Bun.spawn([process.execPath, "-e", program], { stdio: ["ignore", "pipe", "inherit", fd] });
}

/** Which server answers at an address. */
async function askName(address: { hostname: string; port: number } | { unix: string }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = "";
  const socket = {
    open: (client: Bun.Socket) => void client.write("?"),
    data: (_: unknown, chunk: Buffer) => void (received += chunk.toString()),
    close: () => resolve(received),
    error: (_: unknown, error: Error) => reject(error),
  };
  await ("unix" in address ? Bun.connect({ ...address, socket }) : Bun.connect({ ...address, socket }));
  return promise;
}

/** Over which addresses a socket on an address of IPv6 is reached, and over which it is not. */
const IPV6_REACHES: [string, string[], string[]][] = [
  ["::1", ["::1"], ["127.0.0.1"]],
  ["::", ["::1", "127.0.0.1"], []],
];

describe("bindSocket", () => {
  test.each([
    ["127.0.0.1", ["127.0.0.1"], ["::1"]],
    ["0.0.0.0", ["127.0.0.1"], ["::1"]],
    ["localhost", ["localhost"], []],
    ...(HAS_IPV6 ? IPV6_REACHES : []),
  ])("on %s queues connections to %j and refuses those to %j", async (host, reached, refused) => {
    using socket = await bindSocket({ host, port: 0 });
    expect(socket.address).toEqual({ host, port: socket.port });
    expect(readBoundPort(socket.fd)).toBe(socket.port);
    for (const each of reached) expect(await canConnect(each, socket.port)).toBe(true);
    for (const each of refused) expect(await canConnect(each, socket.port)).toBe(false);
  });

  test("on :: takes IPv6 only when it is asked to", async () => {
    if (!HAS_IPV6) return;
    using socket = await bindSocket({ host: "::", port: 0, isIpv6Only: true });
    expect(await canConnect("::1", socket.port)).toBe(true);
    expect(await canConnect("127.0.0.1", socket.port)).toBe(false);
  });

  test("makes a descriptor that does not block and is not inherited by accident", async () => {
    using socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const flags = Number.parseInt(
      /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${socket.fd}`, "utf8"))![1]!,
      8,
    );
    expect(flags & 0o4000).toBe(0o4000);
    expect(flags & 0o2000000).toBe(0o2000000);
  });

  test("asks for the backlog it is told", async () => {
    using few = await bindSocket({ host: "127.0.0.1", port: 0, backlog: 7 });
    using many = await bindSocket({ host: "127.0.0.1", port: 0 });
    expect(readBacklog(few.port)).toBe(7);
    const somaxconn = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
    expect(readBacklog(many.port)).toBe(Math.min(4_096, somaxconn));
    setBacklog(many.fd, 9);
    expect(readBacklog(many.port)).toBe(9);
  });

  test.each(HAS_IPV6 ? ["127.0.0.1", "::", "localhost"] : ["127.0.0.1", "localhost"])(
    "on %s shares its port with sockets beside it, and with no stranger",
    async (host) => {
      using first = await bindSocket({ host, port: 0 });
      using second = bindBeside(first);
      using third = bindBeside(first);
      expect([second.address, third.address]).toEqual([first.address, first.address]);
      expect((await listenError({ host, port: first.port })).code).toBe("VILYA_LISTEN_ADDRESS_IN_USE");
      // Nobody has said that they listen: every connection is the first one's.
      expect(await canConnect(host, first.port)).toBe(true);
      expect(readBacklogs(first.port)).toHaveLength(1);
      setBacklog(second.fd, 5);
      expect(readBacklogs(first.port)).toContain(5);
    },
  );

  test("is the same socket under another descriptor", async () => {
    using socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const copy = copyDescriptor(socket.fd);
    expect(readBoundPort(copy)).toBe(socket.port);
    closeSync(copy);
    expect(await canConnect("127.0.0.1", socket.port)).toBe(true);
    expect(() => copyDescriptor(9_999_999)).toThrow("EBADF");
  });

  test("takes a port again whose last connections are in TIME_WAIT", async () => {
    let port: number;
    {
      using socket = await bindSocket({ host: "127.0.0.1", port: 0 });
      ({ port } = socket);
      await using server = spawnServer("one", socket);
      await askName({ hostname: "127.0.0.1", port });
      server.kill();
      await server.exited;
    }
    using again = await bindSocket({ host: "127.0.0.1", port });
    expect(again.port).toBe(port);
  });

  test.each([
    ["a port that is taken", "VILYA_LISTEN_ADDRESS_IN_USE", { host: "127.0.0.1", port: -1 }],
    ["an address of another machine", "VILYA_LISTEN_ADDRESS_NOT_AVAILABLE", { host: "203.0.113.7", port: 0 }],
    ["an interface that is not there", "VILYA_LISTEN_ADDRESS_NOT_AVAILABLE", { host: "fe80::1%none", port: 0 }],
    ["a name without address", "VILYA_LISTEN_HOST_NOT_FOUND", { host: "no..host", port: 0 }],
    ["a directory that is not there", "VILYA_LISTEN_PATH_NOT_FOUND", { path: directory.at("none/a.sock") }],
    ["a path that is too long", "VILYA_LISTEN_PATH_TOO_LONG", { path: directory.at("x".repeat(108)) }],
    ["a path with a zero byte", "VILYA_LISTEN_FAILED", { path: "/tmp/a\0b" }],
    ["a directory", "VILYA_LISTEN_ADDRESS_IN_USE", { path: directory.path }],
  ] as const)("refuses %s", async (_, code, options) => {
    using taken = await bindSocket({ host: "127.0.0.1", port: 0 });
    const isTaken = "port" in options && options.port === -1;
    expect((await listenError(isTaken ? { ...options, port: taken.port } : options)).code).toBe(code);
  });

  test("leaves no descriptor behind when it fails", async () => {
    using taken = await bindSocket({ host: "127.0.0.1", port: 0 });
    const before = openSockets();
    for (let i = 0; i < 10; i++) await listenError(taken.address);
    expect([...openSockets().difference(before)]).toEqual([]);
  });
});

describe("bindSocket › Unix sockets", () => {
  test("gives the file the mode it is told, from the first moment, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      using owner = await bindSocket({ path: freshPath() });
      using group = await bindSocket({ path: freshPath(), mode: 0o660 });
      expect(process.umask()).toBe(0);
      expect(statSync((owner.address as { path: string }).path).mode & 0o777).toBe(0o600);
      expect(statSync((group.address as { path: string }).path).mode & 0o777).toBe(0o660);
      expect(owner.port).toBe(0);
    } finally {
      process.umask(umask);
    }
  });

  test("removes its file, and not the one that a successor has put there", async () => {
    const path = freshPath();
    {
      using _ = await bindSocket({ path });
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
    const first = await bindSocket({ path });
    rmSync(path);
    using _second = await bindSocket({ path });
    first[Symbol.dispose]();
    expect(existsSync(path)).toBe(true);
  });

  test("replaces a socket whose process was killed", async () => {
    const path = freshPath();
    const program = `
      import { bindSocket } from ${JSON.stringify(join(import.meta.dir, "bound-socket.ts"))};
      globalThis.socket = await bindSocket({ path: ${JSON.stringify(path)} });
      console.log("bound");
      setInterval(() => {}, 60_000);
    `;
    await using holder = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    await holder.stdout.getReader().read();
    expect((await listenError({ path })).code).toBe("VILYA_LISTEN_ADDRESS_IN_USE");
    holder.kill("SIGKILL");
    await holder.exited;
    expect(existsSync(path)).toBe(true);
    using socket = await bindSocket({ path });
    expect(socket.address).toEqual({ path });
  });

  test("leaves a file alone that is no socket", async () => {
    const path = freshPath();
    writeFileSync(path, "precious");
    expect((await listenError({ path })).code).toBe("VILYA_LISTEN_ADDRESS_IN_USE");
    expect(readFileSync(path, "utf8")).toBe("precious");
  });
});

describe("BoundSocket", () => {
  test.each(["tcp", "unix"] as const)("keeps a %s listener open while the processes behind it change", async (kind) => {
    using socket = await bindSocket(kind === "tcp" ? { host: "127.0.0.1", port: 0 } : { path: freshPath() });
    const { address } = socket;
    const target = "path" in address ? { unix: address.path } : { hostname: address.host, port: address.port };

    const early = askName(target);
    await using first = spawnServer("first", socket);
    expect(await early).toBe("first");

    // Both generations accept for a while; then the old one leaves, and whoever is still queued is served by the new one.
    await using second = spawnServer("second", socket);
    await until("the second generation", async () => (await askName(target)) === "second");
    const names = Array.from({ length: 50 }, () => askName(target));
    first.kill("SIGTERM");
    expect(await first.exited).toBe(0);
    for (const each of await Promise.all(names)) expect(each).toMatch(/^(?:first|second)$/);
    expect(await askName(target)).toBe("second");

    // Killed without a word: clients wait for the next one, nobody is refused.
    second.kill("SIGKILL");
    await second.exited;
    const waiting = askName(target);
    await using third = spawnServer("third", socket);
    expect(await waiting).toBe("third");
    third.kill("SIGTERM");
    expect(await third.exited).toBe(0);
  });

  test("hands its descriptor over: nobody closes it twice", async () => {
    const socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const fd = socket.release();
    socket[Symbol.dispose]();
    expect(readBoundPort(fd)).toBe(socket.port);
    const server = Bun.listen({ fd, socket: { data() {} } } as unknown as Bun.TCPSocketListenOptions<undefined>);
    server.stop(true);
    expect(readBoundPort(fd)).toBe(0);
  });
});
