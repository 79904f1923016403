import { describe, expect, test } from "bun:test";

import { testAuthority } from "../../../test/support/certificates.ts";
import type { Field } from "../../../test/support/hpack-text.ts";
import { Http2Client } from "../../../test/support/http2-client.ts";
import { content, headers, request, reset } from "../../../test/support/http2-frames.ts";
import { HTTP_TRANSPORTS, type HttpTransport } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import { close, readFrames, text } from "../../../test/support/websocket-frames.ts";
import { sendText, WebSocketTestServer } from "../../../test/support/websocket-server.ts";

/** RFC 8441 §5.1. */
const CONNECT: readonly Field[] = [
  ...request("/chat", "CONNECT"),
  [":protocol", "websocket"],
  ["sec-websocket-version", "13"],
  ["sec-websocket-protocol", "chat, superchat"],
];

/** Frames that have come on a stream, as `opcode text`. */
function framesOf(client: Http2Client, stream: number): string[] {
  const { frames } = readFrames(Buffer.from(client.response(stream).body, "latin1"));
  return frames.map(({ opcode, payload }) => `${opcode} ${payload.toString("latin1")}`);
}

function connect(server: WebSocketTestServer, transport: HttpTransport): Promise<Http2Client> {
  const tls = { ca: testAuthority().certificatePem, protocols: ["h2"] };
  return Http2Client.connect(server.listener.port, transport === "tls" ? { tls } : {});
}

describe.each(HTTP_TRANSPORTS)("WebSockets on streams of HTTP/2 over %s", (transport) => {
  test("are opened by an extended CONNECT, many on one connection", async () => {
    using server = new WebSocketTestServer(
      { onMessage: (session, message) => sendText(session, `${message}!`) },
      {},
      transport,
    );
    server.protocol = "superchat";
    using client = await connect(server, transport);
    const streams = [client.nextStreamId(), client.nextStreamId()];
    for (const stream of streams)
      client.send(headers(stream, CONNECT, false), content(stream, text(`hello ${stream}`)));
    for (const stream of streams) {
      await client.until("the echo", () => framesOf(client, stream).includes(`1 hello ${stream}!`));
      const { status, fields } = client.response(stream);
      expect(status).toBe(200);
      expect(fields.map(([name]) => name)).not.toContain("sec-websocket-accept");
      expect(fields).toContainEqual(["sec-websocket-protocol", "superchat"]);
    }
    expect([...server.server.sessions.all]).toHaveLength(2);
  });

  test("are closed by either side with the end of the stream", async () => {
    using server = new WebSocketTestServer({}, {}, transport);
    using client = await connect(server, transport);
    const [byClient, byServer] = [client.nextStreamId(), client.nextStreamId()];
    client.send(headers(byClient, CONNECT, false));
    await until("the first socket", () => server.events.length === 1);
    client.send(content(byClient, close(1000, "bye"), true));
    expect((await client.untilEnded(byClient)).resetBy).toBeNull();
    expect(framesOf(client, byClient)).toEqual(["8 \x03\xe8"]);
    client.send(headers(byServer, CONNECT, false));
    await until("the second socket", () => server.events.length === 3);
    server.session.close(1001, "leaving");
    await client.until("the close frame", () => framesOf(client, byServer).includes("8 \x03\xe9leaving"));
    client.send(content(byServer, close(1001)));
    await client.untilEnded(byServer);
    await until("both to be closed", () => server.events.length === 4);
    expect(server.events).toEqual(["open", "close 1000 bye", "open", "close 1001 leaving"]);
  });

  test("are lost with their stream, and leave the others alone", async () => {
    using server = new WebSocketTestServer({}, {}, transport);
    using client = await connect(server, transport);
    const [lost, kept] = [client.nextStreamId(), client.nextStreamId()];
    for (const stream of [lost, kept]) client.send(headers(stream, CONNECT, false));
    await until("two sockets", () => server.events.length === 2);
    client.send(reset(lost), content(kept, text("still here")));
    await until("the message", () => server.events.includes("text still here"));
    expect(server.events).toEqual(["open", "open", "lost 1006", "text still here"]);
  });

  test("are refused where the handshake is wrong", async () => {
    using server = new WebSocketTestServer({}, {}, transport);
    using client = await connect(server, transport);
    const stream = client.nextStreamId();
    const fields = CONNECT.map(([name, value]): Field => [name, name === "sec-websocket-version" ? "12" : value]);
    client.send(headers(stream, fields, false));
    const response = await client.untilEnded(stream);
    expect(response.status).toBe(426);
    expect(response.fields).toContainEqual(["sec-websocket-version", "13"]);
  });

  test("are all that a CONNECT may ask for: no app sees another protocol, and answers 200 to it", async () => {
    using server = new WebSocketTestServer({}, {}, transport);
    using client = await connect(server, transport);
    const stream = client.nextStreamId();
    const fields = CONNECT.map(([name, value]): Field => [name, name === ":protocol" ? "connect-udp" : value]);
    client.send(headers(stream, fields, false));
    expect((await client.untilEnded(stream)).status).toBe(501);
    expect(client.goaways).toEqual([]);
  });
});
