import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { raiseOpenFileLimit } from "../../../src/kernel/process-control.ts";
import { descriptorCount } from "../../support/process-table.ts";
import { connectTo, openSocket, startSocketServer } from "../../support/socket-scene.ts";
import { STALL_PROOF_S, until } from "../../support/until.ts";
import type { VilyaServer } from "../../support/vilya.ts";
import { openingHandshake, type WebSocketClient } from "../../support/websocket-client.ts";

const SOCKET_COUNT = 5_000;
/** Opened at once, so that the listener's backlog and the queue of the pool are not what is tested. */
const BATCH = 100;

/** What the workers have noted of opens and closes. */
function noted(server: VilyaServer, what: string): readonly string[] {
  try {
    const lines = readFileSync(join(server.directory, "events"), "utf8").split("\n");
    return lines.filter((line) => line.startsWith(what));
  } catch {
    return [];
  }
}

async function openMany(server: VilyaServer, count: number): Promise<readonly WebSocketClient[]> {
  const clients: WebSocketClient[] = [];
  while (clients.length < count) {
    const batch = await Promise.all(Array.from({ length: BATCH }, () => openSocket(server, { target: "/?topic=all" })));
    clients.push(...batch);
  }
  return clients;
}

describe("WebSockets of PHP workers", () => {
  test(`stay open, ${SOCKET_COUNT} of them, when their workers are killed, and are served by the next ones`, async () => {
    expect(raiseOpenFileLimit()).toBeGreaterThan(SOCKET_COUNT + 500);
    await using server = await startSocketServer();
    const front = await server.frontPid();
    await openSocket(server).then((client) => client[Symbol.dispose]());
    await until("the first close", () => noted(server, "close").length === 1);
    const before = descriptorCount(front);
    const clients = await openMany(server, SOCKET_COUNT);
    const killed = await server.workerPids();
    for (const pid of killed) server.signal("SIGKILL", pid);
    await server.logged("worker crashed", killed.length);

    const [first] = clients;
    first!.sendText("say all still here");
    for (const client of clients) await client.until(1);
    const sample = clients.filter((_, index) => index % 100 === 0);
    for (const client of sample) client.sendText("count");
    for (const client of sample) expect((await client.until(2)).at(-1)).toBe(client === first ? "text 2" : "text 1");
    first!.sendText("pid");
    expect(killed).not.toContain(Number((await first!.until(3)).at(-1)!.slice(5)));

    for (const client of clients) client.raw.reset();
    await until("every close", () => noted(server, "close").length === SOCKET_COUNT + 1);
    expect(new Set(noted(server, "close").map((line) => line.split(" ")[1])).size).toBe(SOCKET_COUNT + 1);
    await until("no descriptor to be left", () => descriptorCount(front) <= before);
  }, 120_000);

  test.each([
    ["throws", "throw", "worker reported an error"],
    ["keeps more than it may", "hoard 5000", "worker reported an error"],
    ["ends its process", "exit", "worker reported an error"],
    ["is killed", "die", "worker crashed"],
  ])("lose the one whose handler %s, and no other", async (_, command, event) => {
    await using server = await startSocketServer({ count: 1 }, { expectedErrors: ["worker reported an error"] });
    using other = await openSocket(server, { target: "/?topic=ends" });
    using client = await openSocket(server);
    client.sendText(command);
    expect((await client.until(1))[0]).toMatch(/^close 1011( error [0-9a-f-]{36})?$/);
    client.raw.reset();
    await server.logged(event);
    expect(await other.until(1)).toEqual(["text end 1011"]);
    other.sendText("echo served on");
    expect((await other.until(2)).at(-1)).toBe("text served on");
  });

  test("lose the one whose handler never ends, at the request timeout", async () => {
    await using server = await startSocketServer({ count: 1, timeout: STALL_PROOF_S });
    using other = await openSocket(server);
    using client = await openSocket(server);
    client.sendText("sleep");
    expect(await client.until(1)).toEqual(["close 1011"]);
    other.sendText("echo served on");
    expect(await other.until(1)).toEqual(["text served on"]);
  });

  test("whose client leaves while its open waits are never heard of, and while it runs are closed", async () => {
    await using server = await startSocketServer({ count: 1 });
    void fetch(`${server.url}/slow?ms=300`);
    using waiting = await connectTo(server.url);
    waiting.send(openingHandshake({}, "/"));
    waiting.reset();
    using running = await connectTo(server.url);
    running.send(openingHandshake({}, "/?ms=300"));
    using later = await connectTo(server.url);
    later.send(openingHandshake({}, "/"));
    running.reset();
    await until("the last open", () => later.received.includes(" 101 "));
    later.reset();
    await until("every close", () => noted(server, "close").length === noted(server, "open").length);
  });

  test("lose the one that reads too slowly, and everybody else hears all", async () => {
    await using server = await startSocketServer({ count: 1 });
    using slow = await openSocket(server, { target: "/?topic=all" });
    using quick = await openSocket(server, { target: "/?topic=all" });
    slow.raw.pause();
    const text = "x".repeat(60_000);
    const count = 200;
    for (let said = 1; said <= count; said++) {
      quick.sendText(`say all ${text}`);
      // Who speaks must not become a slow reader itself.
      if (said % 10 === 0) await quick.raw.until("its words", ({ received }) => received.length > said * text.length);
    }
    slow.raw.resume();
    await slow.raw.until("the close", ({ received }) => received.endsWith("too slow"));
    slow.raw.reset();
    expect(slow.events.at(-1)).toBe("close 1008 too slow");
    expect(slow.events.length).toBeLessThan(count);
    expect(quick.events).toHaveLength(count);
    await until("the close", () => noted(server, "close").length === 1);
  });

  test("that the queue has no place for are closed with 1013, and the others go on", async () => {
    await using server = await startSocketServer({ count: 1, backpressure: { enabled: true, max_queue: 1 } });
    const clients = [await openSocket(server), await openSocket(server), await openSocket(server)];
    const [running, queued, refused] = clients;
    const gate = join(server.directory, "gate");
    running!.sendText(`wait ${gate}`);
    await until("the worker to be busy", async () =>
      (await (await fetch(`${server.url}/health`)).text()).includes('"active":1'),
    );
    // Which of them comes first is the server's to say.
    for (const client of [queued!, refused!]) client.sendText("echo in the queue");
    expect(await Promise.race([queued!.until(1), refused!.until(1)])).toEqual(["close 1013 busy"]);
    writeFileSync(gate, "");
    const [first, second] = await Promise.all([queued!.until(1), refused!.until(1)]);
    expect(new Set([...first, ...second])).toEqual(new Set(["close 1013 busy", "text in the queue"]));
    expect(await running!.until(1)).toEqual(["text waited"]);
    for (const client of clients) client.raw.reset();
    await until("every close", () => noted(server, "close").length === 3);
  });
});
