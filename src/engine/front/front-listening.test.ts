import { describe, expect, test } from "bun:test";
import { bindBeside, bindSocket } from "../../kernel/bound-socket.ts";
import { Listener } from "../../kernel/listener.ts";
import { unobserved } from "../../kernel/monitor.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { FrontListening } from "./front-listening.ts";
import type { FrontPlace } from "../master/front-slice.ts";
import type { ServingListener } from "../listeners/listener-pair.ts";

/** A port with so many sockets, which a front of this place has inherited. */
async function inherit(socketCount: number, place: FrontPlace) {
  const first = await bindSocket({ host: "127.0.0.1", port: 0 });
  const sockets = [first];
  while (sockets.length < socketCount) sockets.push(bindBeside(first));
  const listeners: Listener[] = [];
  const fds = sockets.map((socket) => socket.release());
  const listening = new FrontListening({
    listenFds: [fds],
    place,
    create: (_, fd) => {
      const accept = () => ({ onBytes() {}, onEnd() {}, onDrain() {}, onDeadline() {}, onClose() {} });
      const common = { wheel: new TimerWheel(), monitor: unobserved, stallMs: 0, connectionCountMax: 10 };
      const listener = new Listener({ address: { fd }, ...common, accept });
      listeners.push(listener);
      return listener as unknown as ServingListener;
    },
  });
  return {
    listening,
    /** How many sockets of the port somebody has said to listen on; the first of all does from its birth. */
    listeningCount: () => linesOf(first.port),
    end: () => {
      for (const listener of listeners) listener.stop();
      listening.close();
    },
  };
}

function linesOf(port: number): number {
  const text = Bun.spawnSync(["ss", "-Hltn", `sport = :${port}`])
    .stdout.toString()
    .trim();
  return text === "" ? 0 : text.split("\n").length;
}

describe("FrontListening", () => {
  test("accepts on its own socket, on those of others while it stands in for them, and on none in the end", async () => {
    const { listening, listeningCount, end } = await inherit(3, { index: 1, count: 3 });
    expect(listening.listeners).toEqual([]);
    expect(listeningCount()).toBe(1);
    listening.acceptFor([]);
    expect(listeningCount()).toBe(2);
    listening.acceptFor([2]);
    listening.acceptFor([2]);
    expect([listening.listeners.length, listeningCount()]).toEqual([1, 3]);
    end();
    expect(listeningCount()).toBe(0);
  });

  test("accepts where there were more fronts once", async () => {
    const { listening, listeningCount, end } = await inherit(4, { index: 0, count: 2 });
    listening.acceptFor([]);
    // Its own, which listens anyway, and the third.
    expect(listeningCount()).toBe(2);
    end();
  });

  test("shares a socket that is the only one", async () => {
    const { listening, listeningCount, end } = await inherit(1, { index: 2, count: 3 });
    listening.acceptFor([]);
    listening.acceptFor([0, 1]);
    expect(listeningCount()).toBe(1);
    end();
    expect(listeningCount()).toBe(0);
  });

  test("gives back what it never accepted on", async () => {
    const { listening, listeningCount } = await inherit(2, { index: 0, count: 2 });
    listening.close();
    listening.close();
    listening.acceptFor([1]);
    expect(listeningCount()).toBe(0);
  });
});
