import { afterAll, describe, expect, test } from "bun:test";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { RecordingHandler } from "../../test/support/recording-handler.ts";
import { until } from "../../test/support/until.ts";
import { bindSocket } from "./bound-socket.ts";
import { dial, type DialOptions, DialTimeoutError } from "./dial.ts";
import { unobserved } from "./monitor.ts";
import { TimerWheel } from "./timer-wheel.ts";

const directory = new TemporaryDirectory();
afterAll(() => directory[Symbol.dispose]());

/** No name server is asked for a name with an empty label: what it says does not hang on the network. */
const NO_HOST = "no..host";

function options(address: DialOptions["address"]): DialOptions {
  return {
    address,
    wheel: new TimerWheel(),
    monitor: unobserved,
    stallMs: 0,
    open: (connection) => new RecordingHandler(connection),
  };
}

describe("dial", () => {
  test.each([
    ["ECONNREFUSED", "a port on which nobody listens"],
    ["ENOENT", "a path that is not there"],
    ["ENOTFOUND", "a name without address"],
  ])("fails with %s for %s", async (code) => {
    const free = await bindSocket({ host: "127.0.0.1", port: 0 });
    free[Symbol.dispose]();
    const address =
      code === "ECONNREFUSED"
        ? free.address
        : code === "ENOENT"
          ? { path: directory.at("none.sock") }
          : { host: NO_HOST, port: 1 };
    expect(await dial(options(address)).catch((error: unknown) => error)).toMatchObject({ code });
  });

  test("gives up after its timeout", async () => {
    // A queue for no connection that is full: the kernel does not answer the next one.
    using socket = await bindSocket({ host: "127.0.0.1", port: 0, backlog: 0 });
    const filler = await dial(options(socket.address));
    const clock = new FakeClock();
    const dialing = dial({ ...options(socket.address), wheel: new TimerWheel(clock), connectTimeoutMs: 1_000 });
    const outcome = dialing.catch((error: unknown) => error);
    await until("the attempt", () => clock.timerCount > 0);
    clock.advance(1_008);
    const error = await outcome;
    expect(error).toBeInstanceOf(DialTimeoutError);
    expect((error as Error).message).toStartWith(
      `Cannot connect to 127.0.0.1:${socket.port}: it did not answer within`,
    );
    filler.close();
  });

  test("forgets the timeout when the connection stands", async () => {
    using socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const clock = new FakeClock();
    const connection = await dial({
      ...options(socket.address),
      wheel: new TimerWheel(clock),
      connectTimeoutMs: 1_000,
    });
    clock.advance(60_000);
    expect(clock.timerCount).toBe(0);
    expect(connection.isClosed).toBe(false);
    connection.close();
  });

  test("makes the handler before it resolves", async () => {
    using socket = await bindSocket({ path: directory.at("a.sock") });
    let isMade = false;
    const connection = await dial({
      ...options(socket.address),
      open: (each) => {
        isMade = true;
        return new RecordingHandler(each);
      },
    });
    expect(isMade).toBe(true);
    expect(connection.handler).toBeInstanceOf(RecordingHandler);
    connection.close();
  });

  test("a handler that cannot be made closes the connection", async () => {
    using socket = await bindSocket({ host: "127.0.0.1", port: 0 });
    const connection = await dial({
      ...options(socket.address),
      open: () => {
        throw new Error("no handler today");
      },
    });
    expect(connection.isClosed).toBe(true);
    expect(connection.poisonedBy?.message).toBe("no handler today");
  });

  test("adopts a connected descriptor", async () => {
    const child = Bun.spawn(["sh", "-c", "cat <&3"], { stdio: ["ignore", "pipe", "inherit", "socket-fd"] });
    const connection = await dial(options({ fd: child.stdio[3] as number }));
    connection.output().writeLatin1("through a socket pair");
    connection.flush();
    connection.close();
    expect(await child.stdout.text()).toBe("through a socket pair");
  });
});
