import { expect, test } from "bun:test";
import { raiseOpenFileLimit } from "../../../src/kernel/process-control.ts";
import { assertNoLeaks, snapshot } from "../../support/leak-check.ts";
import { RawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";
import { openingHandshake, WebSocketClient } from "../../support/websocket-client.ts";
import { WebSocketTestServer } from "../../support/websocket-server.ts";

const SOCKET_COUNT = 5_000;
/** Opened at once, so that the listener's backlog is not what is tested. */
const BATCH = 100;

/** Both ends of every socket are descriptors of this process. */
const DESCRIPTORS_NEEDED = SOCKET_COUNT * 2 + 500;

test(`${SOCKET_COUNT} sockets get a broadcast, lose their clients at once, and leave nothing behind`, async () => {
  expect(raiseOpenFileLimit()).toBeGreaterThan(DESCRIPTORS_NEEDED);
  const before = snapshot();
  {
    using server = new WebSocketTestServer({ onOpen: (session) => session.subscribe("everybody") });
    const clients: RawClient[] = [];
    while (clients.length < SOCKET_COUNT) {
      const batch = await Promise.all(Array.from({ length: BATCH }, () => RawClient.connect(server.listener.port)));
      for (const client of batch) client.send(openingHandshake());
      clients.push(...batch);
    }
    await until("all sockets", () => server.server.sessions.count === SOCKET_COUNT);
    expect(server.bus.subscriberCount("everybody")).toBe(SOCKET_COUNT);

    const payload = Buffer.from("to everybody");
    server.bus.publish("everybody", { kind: "text", bytes: payload, start: 0, end: payload.length });
    for (const client of clients) await client.untilReceived("\x81\x0cto everybody");

    for (const client of clients) client.reset();
    await until("all sockets to be gone", () => server.server.sessions.count === 0);
    expect(server.bus.topicCount).toBe(0);
    expect(server.events.filter((event) => event === "lost 1006")).toHaveLength(SOCKET_COUNT);

    using late = await WebSocketClient.open(await server.connectRaw());
    expect(late.head).toContain("101");
  }
  await assertNoLeaks(before);
});
