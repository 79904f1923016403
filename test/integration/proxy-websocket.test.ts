import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer } from "node:http";
import { connect } from "node:http2";

import { frame } from "../support/websocket-frames.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";

/** What the upstream has been asked and told. */
interface Seen {
  readonly fields: Headers;
  readonly messages: string[];
  closedBy: number | null;
}

describe("a WebSocket that an upstream holds", () => {
  const seen: Seen[] = [];
  const liar = createServer();
  let upstream: Bun.Server<Seen>;
  let server: VilyaServer;

  beforeAll(async () => {
    upstream = Bun.serve<Seen>({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request, own) {
        if (new URL(request.url).pathname === "/refused") return new Response("not you", { status: 403 });
        if (new URL(request.url).pathname === "/fine") return new Response("fine");
        const data: Seen = { fields: request.headers, messages: [], closedBy: null };
        seen.push(data);
        return own.upgrade(request, { data, headers: { "X-Up": "1" } })
          ? undefined
          : new Response("no", { status: 400 });
      },
      websocket: {
        open: (socket) => void socket.send("welcome"),
        message(socket, message) {
          socket.data.messages.push(String(message).slice(0, 20));
          if (message === "large") socket.send("x".repeat(5_000_000));
          else if (message === "bye") socket.close(4001, "told to");
          else socket.send(message);
        },
        close: (socket, code) => void (socket.data.closedBy = code),
      },
    });
    liar.on("upgrade", (_, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\n\r\n"));
    await new Promise<void>((resolve) => liar.listen(0, "127.0.0.1", resolve));
    const { port } = liar.address() as { port: number };
    const to = `http://127.0.0.1:${upstream.port}`;
    const routes = [
      { proxy: { to } },
      { path: "/short", proxy: { to, websocket_timeout: "50ms" } },
      { path: "/liar", proxy: { to: `http://127.0.0.1:${port}` } },
    ];
    server = await startVilya({ config: { routes } });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await upstream.stop(true);
    liar.close();
  });

  const open = async (fields = {}, target = "/socket"): Promise<WebSocketClient> =>
    WebSocketClient.open(await RawClient.connect(server.port), fields, target);

  test("speaks with its client, each in its own frames, and sees who it is", async () => {
    using client = await open({ Origin: "https://a.example", "Sec-WebSocket-Protocol": "chat" });
    expect(client.head).toContain("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(client.head).toContain("\r\nX-Up: 1");
    client.sendText("hello");
    expect(await client.until(2)).toEqual(["text welcome", "text hello"]);
    const { fields } = seen.at(-1)!;
    expect([fields.get("origin"), fields.get("x-forwarded-for")]).toEqual(["https://a.example", "127.0.0.1"]);
  });

  test("is closed by either side as it says", async () => {
    using first = await open();
    first.sendText("bye");
    expect(await first.untilEnd()).toEqual(["text welcome", "close 4001 told to"]);
    using second = await open();
    second.send(frame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) }));
    await second.untilEnd();
    await until("the close", () => seen.at(-1)!.closedBy === 1000);
  });

  test("hears of a client that is gone, and its client of an upstream that is", async () => {
    const client = await open();
    await client.until(1);
    client.raw.reset();
    await until("the end", () => seen.at(-1)!.closedBy !== null);
  });

  test("sends more than may wait for a slow client", async () => {
    using client = await open();
    client.raw.pause();
    client.sendText("large");
    await until("the message", () => seen.at(-1)!.messages.includes("large"));
    client.raw.resume();
    const frames = await client.until(2);
    expect(frames[1]?.length).toBe("text ".length + 5_000_000);
  });

  test("may be refused, or answered as any other request", async () => {
    for (const [target, status] of [
      ["/refused", 403],
      ["/fine", 200],
    ] as const) {
      using raw = await RawClient.connect(server.port);
      await expect(WebSocketClient.open(raw, {}, target)).rejects.toThrow(`HTTP/1.1 ${status} `);
    }
  });

  test("is spoken with over HTTP/2, too, which asks for it otherwise", async () => {
    const session = connect(server.url);
    await new Promise((resolve) => session.once("remoteSettings", resolve));
    const stream = session.request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":path": "/socket",
      "sec-websocket-version": "13",
    });
    let received = "";
    let fields: Readonly<Record<string, unknown>> = {};
    stream.on("response", (head) => (fields = head));
    stream.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    await until("the first message", () => received.includes("welcome"));
    expect([fields[":status"], fields["sec-websocket-accept"], fields["x-up"]]).toEqual([200, undefined, "1"]);
    stream.write(frame({ opcode: 1, payload: "over h2" }));
    await until("the echo", () => received.includes("over h2"));
    stream.close();
    await until("the end", () => seen.at(-1)!.closedBy !== null);
    session.close();
  });

  test("ends when the server does, which does not wait for it", async () => {
    await using other = await startVilya({
      config: { routes: [{ proxy: { to: `http://127.0.0.1:${upstream.port}` } }] },
    });
    using client = await WebSocketClient.open(await RawClient.connect(other.port));
    await client.until(1);
    other.signal("SIGTERM");
    await client.untilEnd();
    expect(await other.exited).toBe(0);
  });

  test("ends when neither side has said anything for websocket_timeout", async () => {
    using client = await open({}, "/short");
    // On a machine that stalls the time may be over before the upstream has said anything.
    expect((await client.untilEnd()).filter((event) => event !== "text welcome")).toEqual([]);
    await until("the end", () => seen.at(-1)!.closedBy !== null);
  });

  test("of an upstream that says yes to another protocol is refused", async () => {
    await expect(open({}, "/liar")).rejects.toThrow("HTTP/1.1 502 ");
  });
});
