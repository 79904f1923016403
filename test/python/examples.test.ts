import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { findTestPython } from "../support/python.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";
import { close } from "../support/websocket-frames.ts";

const REPOSITORY = join(import.meta.dir, "../..");

/** Serves a sample with its own file of configuration, but on a free port. */
async function serveSample(path: string): Promise<VilyaServer> {
  const sample = Bun.YAML.parse(await Bun.file(join(REPOSITORY, "examples", path)).text()) as Record<string, string>;
  return startVilya({
    config: { ...sample, server: {}, cwd: join(REPOSITORY, sample["cwd"] ?? ""), binary: findTestPython() },
    environment: { PYTHONDONTWRITEBYTECODE: "1" },
  });
}

describe("the samples in Python", () => {
  test("answer as those in the other languages do", async () => {
    await using server = await serveSample("python/vilya.yaml");
    const get = async (target: string, init: RequestInit = {}): Promise<readonly [number, string]> => {
      const response = await fetch(server.url + target, init);
      return [response.status, await response.text()];
    };
    const [, index] = await get("/");
    expect(JSON.parse(index)).toMatchObject({ message: "Hello from a warm Python process", requests_served: 1 });
    expect(await get("/hello/gr%C3%BC%C3%9Fe")).toEqual([200, "Hello, gr\u00fc\u00dfe!\n"]);
    expect(await get("/slow?ms=1")).toEqual([200, "That took 1 ms.\n"]);
    expect(JSON.parse((await get("/healthz"))[1])).toEqual({ status: "ok" });
    expect(JSON.parse((await get("/echo?a=b", { method: "POST", body: "any text" }))[1])).toMatchObject({
      method: "POST",
      url: `${server.url}/echo?a=b`,
      body: "any text",
      remote_addr: expect.stringContaining("127.0.0.1:"),
    });
    const [status, text] = await get("/nothing");
    expect([status, JSON.parse(text)]).toEqual([404, { error: "Not Found", path: "/nothing" }]);
  });

  test("stream events, text, rows and early hints", async () => {
    await using server = await serveSample("python/stream.yaml");
    using client = await RawClient.connect(server.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.until("the page", ({ received }) => received.includes("</script>"));
    expect(client.received).toStartWith("HTTP/1.1 103 Early Hints\r\n");
    expect(client.received).toContain("</events>; rel=preload; as=fetch");
    client.send("GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 7\r\n\r\n");
    await client.until("an event", ({ received }) => /event: tick\nid: 8\nretry: 1000\ndata: \d\d:/.test(received));
    using other = await RawClient.connect(server.port);
    other.send("GET /countdown HTTP/1.1\r\nHost: a\r\n\r\n");
    await other.until("the first part", ({ received }) => received.includes("5\n"));
    const rows = await (await fetch(`${server.url}/rows?count=20000`)).text();
    expect(rows.split("\n")[19_999]).toBe(`19999,${new Bun.CryptoHasher("md5").update("19999").digest("hex")}`);
  });

  test("hold a chat over WebSockets of several workers, to which any request can speak", async () => {
    await using server = await serveSample("chat/python.yaml");
    expect(await (await fetch(server.url)).text()).toContain("new EventSource");
    expect((await fetch(`${server.url}/chat?name=Ada`)).status).toBe(426);
    const enter = async (name: string): Promise<WebSocketClient> =>
      WebSocketClient.open(await RawClient.connect(server.port), {}, `/chat?name=${name}`);
    using ada = await enter("Ada");
    expect(await ada.until(1)).toEqual(['text {"name": "", "text": "Welcome, Ada"}']);
    using bob = await enter("Bob");
    expect((await ada.until(2)).at(-1)).toBe('text {"name": "", "text": "Bob has come"}');
    bob.sendText("Good day");
    expect((await ada.until(3)).at(-1)).toBe('text {"name": "Bob", "text": "Good day"}');
    expect((await bob.until(2)).at(-1)).toBe('text {"name": "Bob", "text": "Good day"}');
    expect((await fetch(`${server.url}/say`, { method: "POST", body: "Tea is ready" })).status).toBe(204);
    expect((await bob.until(3)).at(-1)).toBe('text {"name": "A request", "text": "Tea is ready"}');
    bob.send(close(1000));
    expect((await ada.until(5)).at(-1)).toContain("Bob has left");
  });
});
