import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Http2Client } from "../support/http2-client.ts";
import { outcomeOf, phpApp } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { UpgradableServer } from "../support/upgradable-server.ts";
import type { VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";
import { close } from "../support/websocket-frames.ts";

const SUPPORT = join(import.meta.dir, "../support");

/** The ways in which what serves is replaced; each returns when the new one serves, whatever the old one still has. */
const REPLACEMENTS = {
  "a reload of the code": async ({ server }: UpgradableServer): Promise<void> => {
    server.signal("SIGHUP");
    expect(await server.logged("reloaded")).toMatchObject({ kind: "workers" });
  },
  "a reload of the configuration by a new front": async ({ server }: UpgradableServer): Promise<void> => {
    const config = JSON.parse(readFileSync(join(server.directory, "vilya.yaml"), "utf8")) as Record<string, object>;
    server.configure({ ...config, workers: { ...config["workers"], timeout: 31 } });
    server.signal("SIGHUP");
    expect(await server.logged("reloaded")).toMatchObject({ kind: "new-front" });
  },
  "an upgrade": async (upgradable: UpgradableServer): Promise<void> => {
    expect(await upgradable.takeOver()).toMatchObject({ kind: "upgraded" });
  },
};

const KINDS = Object.keys(REPLACEMENTS) as (keyof typeof REPLACEMENTS)[];

function startStreams(workers: Readonly<Record<string, unknown>> = {}): Promise<UpgradableServer> {
  const php = { worker_script: join(SUPPORT, "workers/stream.php") };
  return UpgradableServer.start({ config: phpApp({ php, workers: { count: 4, ...workers } }) });
}

/** A download over HTTP/1.1, one over HTTP/2, and server-sent events, each of which has begun and waits for its gate. */
async function beginStreams(server: VilyaServer) {
  const gate = join(server.directory, "gate");
  const h1 = await RawClient.connect(server.port);
  const events = await RawClient.connect(server.port);
  const h2 = await Http2Client.connect(server.port);
  h1.send(`GET /gate?file=${gate} HTTP/1.1\r\nHost: a\r\n\r\n`);
  events.send(`GET /events?file=${gate} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const stream = h2.request(`/gate?file=${gate}`);
  await h1.untilReceived("one\n");
  await events.untilReceived("line\n\n");
  await h2.until("the beginning", () => h2.response(stream).body === "one\n");
  return {
    gate,
    h1,
    h2,
    events,
    stream,
    [Symbol.dispose]() {
      for (const client of [h1, h2, events]) client[Symbol.dispose]();
    },
  };
}

describe.each(KINDS)("Across %s", (kind) => {
  test("downloads and events that have begun come to their end, while new workers serve", async () => {
    await using upgradable = await startStreams();
    const { server } = upgradable;
    const workers = await server.workerPids();
    using streams = await beginStreams(server);
    await REPLACEMENTS[kind](upgradable);
    const [status, pid] = (await outcomeOf(`${server.url}/pid`)).split(" ");
    expect([status, workers.includes(Number(pid))]).toEqual(["200", false]);
    const { gate, h1, h2, events, stream } = streams;
    writeFileSync(gate, "");
    expect(await h1.untilReceived("0\r\n\r\n")).toEndWith("4\r\ntwo\n\r\n0\r\n\r\n");
    expect(await events.untilReceived("0\r\n\r\n")).toContain("retry: 500\ndata: last\n\n");
    expect(await h2.untilEnded(stream)).toMatchObject({ status: 200, body: "one\ntwo\n", resetBy: null });
    await until("the end of the old workers", () => !server.processes().some((each) => workers.includes(each)));
  });

  test("those that outlive the grace are cut so that clients can tell, and nothing of the old ones stays", async () => {
    await using upgradable = await startStreams({ grace_timeout: 0.3, stop_timeout: 0.3 });
    const { server } = upgradable;
    const workers = await server.workerPids();
    using streams = await beginStreams(server);
    await REPLACEMENTS[kind](upgradable);
    const { h1, h2, events, stream } = streams;
    // RFC 9112 §8: without its last chunk a body is incomplete.
    for (const client of [h1, events]) expect(await client.untilEnd()).not.toContain("\r\n0\r\n\r\n");
    await h2.until("the cut", () => h2.response(stream).resetBy !== null || h2.raw.isEnded);
    expect(h2.response(stream).isEnded).toBe(false);
    await until("the end of the old workers", () => !server.processes().some((each) => workers.includes(each)));
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
  });

  test("WebSockets that PHP workers serve are told, or go on with new workers", async () => {
    const php = { worker_script: join(SUPPORT, "workers/websocket.php"), env: { EVENTS_FILE: "events" } };
    await using upgradable = await UpgradableServer.start({ config: phpApp({ php, workers: { count: 1 } }) });
    const { server } = upgradable;
    using client = await WebSocketClient.open(await RawClient.connect(server.port));
    client.sendText("pid");
    const [first] = await client.until(1);
    await REPLACEMENTS[kind](upgradable);
    if (kind === "a reload of the code") {
      client.sendText("pid");
      expect((await client.until(2))[1]).toMatch(/^text \d+$/);
      expect(client.events[1]).not.toBe(first);
      return;
    }
    expect((await client.until(2))[1]).toBe("close 1001");
    client.send(close(1001));
    const events = join(server.directory, "events");
    await until("the app's hearing of it", () => readFileSync(events, "utf8").includes("1001 after 1"));
    expect((await client.untilEnd()).length).toBe(2);
  });

  test("WebSockets that a worker holds are told", async () => {
    const config = { runtime: "bun", entry: join(SUPPORT, "apps/room.mjs"), workers: { count: 1 } };
    await using upgradable = await UpgradableServer.start({ config });
    const { server } = upgradable;
    using client = await WebSocketClient.open(await RawClient.connect(server.port), {}, "/?name=Ada");
    await client.until(1);
    await REPLACEMENTS[kind](upgradable);
    expect((await client.until(2))[1]).toBe("close 1001");
    client.send(close(1001));
    await client.untilEnd();
  });
});
