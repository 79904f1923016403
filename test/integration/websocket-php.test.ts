import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { testAuthority } from "../support/certificates.ts";
import type { Field } from "../support/hpack-text.ts";
import { Http2Client } from "../support/http2-client.ts";
import { content, headers, request } from "../support/http2-frames.ts";
import { phpApp } from "../support/php-app.ts";
import { openSocket, startSocketServer } from "../support/socket-scene.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { readFrames, text } from "../support/websocket-frames.ts";

/** What the workers have noted of opens and closes, without the names of the sockets. */
function noted(server: VilyaServer): readonly string[] {
  try {
    const lines = readFileSync(join(server.directory, "events"), "utf8").trimEnd().split("\n");
    return lines.map((line) => line.replace(/ [0-9a-f]{8}-\d+/, ""));
  } catch {
    return [];
  }
}

function framesOf(client: Http2Client, stream: number): string[] {
  const { frames } = readFrames(Buffer.from(client.response(stream).body, "latin1"));
  return frames.map(({ payload }) => payload.toString("latin1"));
}

describe("WebSockets of PHP workers", () => {
  test.each([
    ["in the clear", 0, "http"],
    ["over TLS", 1, "https"],
  ])("chat with one another over HTTP/1.1 %s", async (_, index, scheme) => {
    await using server = await startSocketServer();
    const url = server.urls[index]!;
    const target = "/room?topic=lobby&greet=1";
    using ada = await openSocket(server, { url, target, fields: { "Sec-WebSocket-Protocol": "v2, v1" } });
    using bob = await openSocket(server, { url, target });
    expect(ada.head).toEndWith("\r\nSec-WebSocket-Protocol: v2");
    expect(ada.head).toMatch(/X-Worker: \d+\r\n/);
    expect(ada.head).not.toContain("mine");
    expect((await ada.until(1))[0]).toMatch(new RegExp(`^text welcome [0-9a-f]{8}-1 at /room over ${scheme}$`));
    await bob.until(1);
    ada.sendText("say lobby Grüße");
    bob.sendText("others lobby from Bob");
    ada.sendText("protocol");
    expect((await ada.until(4)).slice(1).toSorted()).toEqual(["text GrÃ¼Ã\x9fe", "text from Bob", "text v2"]);
    expect((await bob.until(2)).slice(1)).toEqual(["text GrÃ¼Ã\x9fe"]);
    ada.sendText("close 4000 enough");
    expect((await ada.until(5)).at(-1)).toBe("close 4000 enough");
  });

  test("chat over streams of HTTP/2", async () => {
    await using server = await startSocketServer();
    const port = Number(new URL(server.urls[1]!).port);
    const tls = { ca: testAuthority().certificatePem, protocols: ["h2"] };
    using client = await Http2Client.connect(port, { tls });
    const connect: readonly Field[] = [
      ...request("/room?topic=lobby", "CONNECT"),
      [":protocol", "websocket"],
      ["sec-websocket-version", "13"],
    ];
    const [first, second] = [client.nextStreamId(), client.nextStreamId()];
    for (const stream of [first, second]) {
      client.send(headers(stream, connect, false));
      await client.until("the answer", () => client.response(stream).status === 200);
    }
    using old = await openSocket(server, { target: "/room?topic=lobby" });
    client.send(content(first, text("say lobby to all")));
    await client.until("the message", () => framesOf(client, second).includes("to all"));
    expect(await old.until(1)).toEqual(["text to all"]);
  });

  test("keep what the app keeps, whichever worker takes the next event", async () => {
    await using server = await startSocketServer({ count: 2 });
    using client = await openSocket(server);
    const pids = new Set<string>();
    for (let count = 1; pids.size < 2; count += 2) {
      const received = client.events.length;
      client.sendText("count");
      client.sendText("pid");
      const [counted, pid = ""] = (await client.until(received + 2)).slice(-2);
      expect(counted).toBe(`text ${count}`);
      pids.add(pid);
      // Occupies the worker that was busy last.
      if (pids.size < 2) void fetch(`${server.url}/slow?ms=300`);
    }
    client.send(Buffer.from([0x82, 0x83, 0, 0, 0, 0, 1, 2, 0xff]));
    expect((await client.until(client.events.length + 1)).at(-1)).toBe("binary \xff\x02\x01");
  });

  test("are reached by requests, by topic and by name, and from other sockets", async () => {
    await using server = await startSocketServer();
    using client = await openSocket(server, { target: "/?topic=news" });
    client.sendText("id");
    const id = (await client.until(1))[0]!.slice(5);
    await fetch(`${server.url}/publish?topic=news&text=published`);
    await fetch(`${server.url}/send?socket=${id}&text=told`);
    await fetch(`${server.url}/send?socket=00000000-1&text=nobody`);
    await fetch(`${server.url}/publish?topic=nobody&text=nobody`);
    expect((await client.until(3)).slice(1)).toEqual(["text published", "text told"]);
    using other = await openSocket(server);
    other.sendText(`tell ${id} from another`);
    expect((await client.until(4)).at(-1)).toBe("text from another");
    client.sendText("leave news");
    client.sendText("say news unheard");
    client.sendText("echo heard");
    expect((await client.until(5)).at(-1)).toBe("text heard");
    await fetch(`${server.url}/close?socket=${id}`);
    expect((await client.until(6)).at(-1)).toBe("close 4001 by a request");
  });

  test("are refused by the app with its own response, and 501 by one that takes none", async () => {
    await using server = await startSocketServer();
    await expect(openSocket(server, { target: "/?refuse=403" })).rejects.toThrow(
      /^Cannot open a WebSocket: HTTP\/1.1 403 [^]*X-Why: asked/,
    );
    await using plain = await startVilya({ config: phpApp() });
    await expect(openSocket(plain)).rejects.toThrow("501 Not Implemented");
    expect((await fetch(`${plain.url}/`)).ok).toBe(true);
  });

  test("of foreign pages are refused unless they are allowed", async () => {
    await using server = await startSocketServer();
    const fields = { Origin: "https://evil.example" };
    await expect(openSocket(server, { fields })).rejects.toThrow("403 Forbidden");
    expect(await server.logged("websocket origin refused")).toMatchObject({ origin: "https://evil.example" });
    const websocket = { allowed_origins: ["same", "https://*.example"] };
    await using open = await startVilya({
      config: phpApp({
        server: { host: "127.0.0.1", port: 0, websocket },
        php: { worker_script: join(import.meta.dir, "../support/workers/websocket.php") },
      }),
    });
    using client = await openSocket(open, { fields });
    expect(client.head).toContain("101");
  });

  test("are told of a stop with 1001, and the app of each end", async () => {
    await using server = await startSocketServer();
    using client = await openSocket(server);
    using busy = await openSocket(server);
    const gate = join(server.directory, "gate");
    busy.sendText(`wait ${gate}`);
    server.signal("SIGTERM");
    expect(await client.until(1)).toEqual(["close 1001"]);
    client.raw.send(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]));
    writeFileSync(gate, "");
    await busy.raw.until("the close", () => busy.events.includes("close 1001"));
    busy.raw.send(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]));
    await until("both ends to be noted", () => noted(server).length === 4);
    expect(noted(server).toSorted()).toEqual(["close 1001 after 0", "close 1001 after 1", "open", "open"]);
  });
});
