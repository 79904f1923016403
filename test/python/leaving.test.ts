import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { servePython, traceOf } from "../support/python-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import type { VilyaServer } from "../support/vilya.ts";
import { openingHandshake } from "../support/websocket-client.ts";

const GET = (target: string, fields = ""): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

const UPLOAD = "POST /uploading HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf of it";

/** What the client sends, what has to have come back before it leaves, and what the application then learns. */
const MOMENTS: readonly (readonly [moment: string, sent: string, awaited: string, learned: string])[] = [
  ["sends its body", UPLOAD, "", "uploading hears http.disconnect"],
  ["waits for the answer", GET("/waiting"), "", "waiting hears http.disconnect"],
  ["waits for an application that does not listen", GET("/deaf"), "", "deaf is cancelled"],
  ["reads a stream", GET("/streaming"), "part", "streaming ends with OSError"],
  ["holds up a stream", GET("/flooding"), "xxx", "flooding ends with OSError"],
  ["has its answer", GET("/complete"), "complete", "complete is done"],
  ["opens a WebSocket", openingHandshake({}, "/ws-connecting"), "", "ws-connecting hears websocket.disconnect 1006"],
  ["has a WebSocket", openingHandshake({}, "/ws-open"), "101", "ws-open ends with OSError"],
  ["sees its WebSocket closed", openingHandshake({}, "/ws-closing"), "101", "ws-closing ends with OSError"],
];

/** What the log says where the machine stalls. */
const OF_STALLS: ReadonlySet<unknown> = new Set([
  "worker blocks its loop",
  "event loop was held up",
  "front does not answer",
]);

let server: VilyaServer;

beforeAll(async () => {
  server = await servePython("leaving:app", {
    config: { workers: { count: 1, stream_request: true }, python: { disconnect_grace: 0.2 } },
  });
});

afterAll(() => server[Symbol.asyncDispose]());

describe("a client of an ASGI application that leaves while it", () => {
  test.each(MOMENTS)("%s is noticed, and nobody else notices anything", async (_, sent, awaited, learned) => {
    const name = learned.split(" ")[0] ?? "";
    using client = await RawClient.connect(server.port);
    if (name === "flooding") client.pause();
    client.send(sent);
    await until("the application", () => traceOf(server).includes(`${name} begins`));
    if (name === "uploading") await until("its part", () => traceOf(server).includes("uploading gets 10 bytes"));
    if (awaited !== "" && name !== "flooding") await client.untilReceived(awaited);
    client.reset();
    await until(learned, () => traceOf(server).includes(learned));
    expect(await (await fetch(`${server.url}/sound`)).text()).toBe("complete");
    const complaints = server.log.filter(({ level }) => level === "error" || level === "warn");
    expect(complaints.filter(({ event }) => !OF_STALLS.has(event))).toEqual([]);
  });

  test("waits in the queue costs the application nothing", async () => {
    await using busy = await servePython("leaving:app", {
      config: { workers: { count: 1, concurrency: 2 }, python: { disconnect_grace: 0.2 } },
    });
    using first = await RawClient.connect(busy.port);
    using second = await RawClient.connect(busy.port);
    for (const client of [first, second]) client.send(GET("/deaf"));
    await until("both requests", () => traceOf(busy).length === 2);
    using third = await RawClient.connect(busy.port);
    third.send(GET("/waiting"));
    const fourth = fetch(`${busy.url}/sound`);
    third.reset();
    first.reset();
    expect(await (await fourth).text()).toBe("complete");
    expect(traceOf(busy)).not.toContain("waiting begins");
  });
});
