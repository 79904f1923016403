import { describe, expect, test } from "bun:test";
import { openSocket, startSocketServer } from "../support/socket-scene.ts";
import { until } from "../support/until.ts";
import type { WebSocketClient } from "../support/websocket-client.ts";

/** Enough for each front to have some. */
const SOCKET_COUNT = 24;

/** Sockets that have subscribed to `lobby`, by the front that has them. */
async function openRoom(server: Awaited<ReturnType<typeof startSocketServer>>) {
  const target = "/room?topic=lobby&greet=1";
  const sockets = await Promise.all(Array.from({ length: SOCKET_COUNT }, () => openSocket(server, { target })));
  const byFront = new Map<string, WebSocketClient[]>();
  const names = new Map<WebSocketClient, string>();
  for (const socket of sockets) {
    const [welcome = ""] = await socket.until(1);
    const [, name = "", prefix = ""] = /welcome (([0-9a-f]{8})-\d+) /.exec(welcome) ?? [];
    names.set(socket, name);
    byFront.set(prefix, [...(byFront.get(prefix) ?? []), socket]);
  }
  return { sockets, names, fronts: [...byFront.values()] };
}

describe("WebSockets of several fronts", () => {
  test("get what is published in another front, and what is sent to them by name", async () => {
    await using server = await startSocketServer({ count: 2 }, { config: { fronts: 2 } });
    const { sockets, names, fronts } = await openRoom(server);
    expect(fronts).toHaveLength(2);
    const [here, there] = fronts.map(([first]) => first!) as [WebSocketClient, WebSocketClient];
    here.sendText("say lobby one");
    for (const socket of sockets) expect((await socket.until(2)).at(-1)).toBe("text one");
    here.sendText("others lobby two");
    for (const socket of sockets) if (socket !== here) expect((await socket.until(3)).at(-1)).toBe("text two");
    here.sendText(`tell ${names.get(there)!} for you`);
    expect((await there.until(4)).at(-1)).toBe("text for you");
    const response = await fetch(`${server.url}/publish?topic=lobby&text=three`);
    expect(response.status).toBe(200);
    expect((await here.until(3)).slice(2)).toEqual(["text three"]);
    expect((await there.until(5)).at(-1)).toBe("text three");
    for (const socket of [here, there]) {
      await fetch(`${server.url}/close?socket=${names.get(socket)!}`);
      await until("its close", () => socket.events.at(-1) === "close 4001 by a request");
    }
    for (const socket of sockets) socket[Symbol.dispose]();
  });

  test("go on without a front that dies, and with the one that takes its place", async () => {
    await using server = await startSocketServer({ count: 2 }, { config: { fronts: 2 } });
    const { sockets, fronts } = await openRoom(server);
    expect(fronts).toHaveLength(2);
    const [killed] = await server.frontPids(2);
    server.signal("SIGKILL", killed);
    await server.logged("front started", 3);
    const lost = await until("the sockets of the front that died", () => {
      const ended = sockets.filter(({ raw }) => raw.isEnded);
      return (
        fronts.some((each) => each.length === ended.length && each.every((socket) => ended.includes(socket))) && ended
      );
    });
    const left = sockets.filter((socket) => !lost.includes(socket));
    const { sockets: fresh, fronts: now } = await openRoom(server);
    expect(now).toHaveLength(2);
    left[0]!.sendText("say lobby again");
    for (const socket of left) expect((await socket.until(2)).at(-1)).toBe("text again");
    for (const socket of fresh) expect((await socket.until(2)).at(-1)).toBe("text again");
    for (const socket of [...sockets, ...fresh]) socket[Symbol.dispose]();
  });
});
