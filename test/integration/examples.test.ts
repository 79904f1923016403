import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";
import { close } from "../support/websocket-frames.ts";

const EXAMPLES = join(import.meta.dir, "../../examples");

interface Sample {
  readonly app: string;
  readonly stream: string;
  readonly chat: string;
}

/** The samples of each language, which do the same. */
const SAMPLES: readonly (readonly [language: string, samples: Sample])[] = [
  ["PHP", { app: "php/worker.php", stream: "php/stream.php", chat: "chat/worker.php" }],
  ["TypeScript", { app: "typescript/server.ts", stream: "typescript/stream.ts", chat: "chat/server.ts" }],
];

function start(sample: string): Promise<VilyaServer> {
  const path = join(EXAMPLES, sample);
  const program = path.endsWith(".php")
    ? { runtime: "php", php: { worker_script: path } }
    : { runtime: "bun", entry: path };
  return startVilya({ config: { ...program, workers: { count: 2 } } });
}

async function enter(server: VilyaServer, name: string): Promise<WebSocketClient> {
  const client = await WebSocketClient.open(await RawClient.connect(server.port), {}, `/chat?name=${name}`);
  await client.until(1);
  return client;
}

describe.each(SAMPLES)("The samples in %s", (_, { app, stream, chat }) => {
  test("answer: about themselves, by name, after a while, and with 404", async () => {
    await using server = await start(app);
    const root = await fetch(server.url);
    expect(root.headers.get("content-type")).toBe("application/json");
    expect(await root.json()).toMatchObject({ requests_served: 1, process: expect.any(Number) });
    expect(await (await fetch(`${server.url}/hello/J%C3%BCrgen`)).text()).toBe("Hello, J\u00fcrgen!\n");
    expect(await (await fetch(`${server.url}/slow?ms=20`)).text()).toBe("That took 20 ms.\n");
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${server.url}/echo`, { method: "POST", body: "any text" })).json()).toMatchObject({
      method: "POST",
      body: "any text",
    });
    const missing = await fetch(`${server.url}/gone`);
    expect([missing.status, await missing.json()]).toEqual([404, { error: "Not Found", path: "/gone" }]);
  });

  test("stream: rows of any number, events as they come, hints before a page", async () => {
    await using server = await start(stream);
    const rows = (await (await fetch(`${server.url}/rows?count=20000`)).text()).split("\n");
    expect([rows.length, rows[0]]).toEqual([20_001, "0,cfcd208495d565ef66e7dff9f98764da"]);
    using events = await RawClient.connect(server.port);
    events.send("GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 6\r\n\r\n");
    await events.untilReceived("event: tick");
    await events.until(
      "an event",
      ({ received }) => /id: 7\n/.test(received) && /data: \d\d:\d\d:\d\d\n\n/.test(received),
    );
    using page = await RawClient.connect(server.port);
    page.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await page.untilReceived("</script>");
    expect(page.received).toStartWith("HTTP/1.1 103 ");
  });

  test("chat: everybody hears everybody, requests too, and who has left", async () => {
    await using server = await start(chat);
    expect(await (await fetch(server.url)).text()).toContain("<title>");
    using ada = await enter(server, "Ada");
    {
      using bob = await enter(server, "Bob");
      expect((await ada.until(2)).map((event) => event.slice(5))).toEqual([
        '{"name":"","text":"Welcome, Ada"}',
        '{"name":"","text":"Bob has come"}',
      ]);
      bob.sendText("Hello");
      for (const client of [ada, bob])
        expect((await client.until(client === ada ? 3 : 2)).at(-1)).toBe('text {"name":"Bob","text":"Hello"}');
      expect((await fetch(`${server.url}/say`, { method: "POST", body: "Tea" })).status).toBe(204);
      expect((await ada.until(4))[3]).toBe('text {"name":"A request","text":"Tea"}');
      bob.send(close(1000));
      await bob.untilEnd();
    }
    expect((await ada.until(5))[4]).toBe('text {"name":"","text":"Bob has left"}');
  });
});
