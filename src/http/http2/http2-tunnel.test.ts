import { describe, expect, test } from "bun:test";

import type { Field } from "../../../test/support/hpack-text.ts";
import type { Http2Client } from "../../../test/support/http2-client.ts";
import { content, headers, ping, request, reset, settings, windowUpdate } from "../../../test/support/http2-frames.ts";
import { HttpServer } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { FRAME_TYPE } from "../../protocols/http2/frame.ts";
import { SETTING } from "../../protocols/http2/settings.ts";
import type { Duplex } from "../duplex.ts";
import type { UpgradedHandler } from "../response-writer.ts";

/** Speaks a protocol of its own: it keeps what it gets, and writes down what happens to it. */
class Recorder implements UpgradedHandler {
  readonly duplex: Duplex;
  readonly events: string[] = [];
  received = "";
  onChunk: () => void = () => {};

  constructor(duplex: Duplex) {
    this.duplex = duplex;
  }

  onUpgraded(): void {
    this.events.push("upgraded");
  }

  onBytes(chunk: Buffer): void {
    this.received += chunk.toString("latin1");
    this.onChunk();
  }

  onEnd(): void {
    this.events.push("end");
  }

  onDrain(): void {
    this.events.push("drain");
  }

  onDeadline(): void {
    this.events.push("deadline");
  }

  onClose(cause: CloseCause, isWritten: boolean): void {
    this.events.push(`close ${cause} ${isWritten}`);
  }
}

const CONNECT: readonly Field[] = [...request("/chat", "CONNECT"), [":protocol", "websocket"]];

interface Scene extends Disposable {
  readonly server: HttpServer;
  readonly client: Http2Client;
  readonly stream: number;
  readonly recorder: Recorder;
}

/** A client whose extended CONNECT was accepted. */
async function connect(sendFirst = "", clientSettings: readonly (readonly [number, number])[] = []): Promise<Scene> {
  const server = new HttpServer();
  const client = await server.connectHttp2(clientSettings);
  const stream = client.nextStreamId();
  client.send(headers(stream, CONNECT, false));
  if (sendFirst !== "") client.send(content(stream, sendFirst));
  await until("the request", () => server.requests[0]?.isComplete);
  const recorder = accept(server);
  await client.until("the answer", () => client.response(stream).status === 200);
  const dispose = (): void => {
    client[Symbol.dispose]();
    server[Symbol.dispose]();
  };
  return { server, client, stream, recorder, [Symbol.dispose]: dispose };
}

function accept(server: HttpServer): Recorder {
  let recorder: Recorder | null = null;
  const ownFields: [string, string][] = [["Sec-WebSocket-Protocol", "chat"]];
  const takeOver = (duplex: Duplex): Recorder => (recorder = new Recorder(duplex));
  expect(server.requests[0]!.exchange.upgrade({ protocol: "websocket", ownFields, fields: null, takeOver })).toBe(true);
  return recorder!;
}

/** Waits until everything sent before has been read. */
async function untilRead(client: Http2Client): Promise<void> {
  const text = `ping${String(client.frames.length).padStart(4, "0")}`;
  client.send(ping(text));
  await client.untilFrame("the pong", ({ type, payload }) => type === FRAME_TYPE.ping && payload.toString() === text);
}

describe("Http2Tunnel", () => {
  test("turns one stream into a stream of bytes each way, beside the requests on others", async () => {
    using scene = await connect();
    const { server, client, stream, recorder } = scene;
    expect(server.requests[0]).toMatchObject({ method: "CONNECT", target: "/chat", authority: "a.example", body: "" });
    expect(client.response(stream).fields).toContainEqual(["sec-websocket-protocol", "chat"]);
    expect(client.response(stream).fields.map(([name]) => name)).not.toContain("content-length");
    client.send(content(stream, "to the server"));
    await until("the bytes", () => recorder.received === "to the server");
    recorder.duplex.output().writeLatin1("to the ");
    recorder.duplex.write(Buffer.from("client!"), 0, 6);
    await client.until("the bytes", () => client.response(stream).body === "to the client");
    expect(client.response(stream).frameBytes).toEqual([13]);
    const other = client.request();
    await until("the other request", () => server.requests.length === 2);
    server.requests[1]!.answer("ok");
    expect((await client.untilEnded(other)).body).toBe("ok");
    expect(recorder.duplex.remoteAddress).toStartWith("127.0.0.1:");
  });

  test("keeps what came before the answer", async () => {
    using scene = await connect("early bird");
    await until("the bytes", () => scene.recorder.received === "early bird");
    expect(scene.recorder.events).toEqual(["upgraded"]);
  });

  test("answers a CONNECT that is refused like any request", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.nextStreamId();
    client.send(headers(stream, CONNECT, false), content(stream, "early"));
    await until("the request", () => server.requests[0]?.isComplete);
    server.requests[0]!.exchange.refuse(426, { upgrade: "websocket" });
    const response = await client.untilEnded(stream);
    expect(response.status).toBe(426);
    expect(response.fields).toContainEqual(["sec-websocket-version", "13"]);
    server.clock.advance(110);
    await client.until("the wish for no more", () => client.response(stream).resetBy === ERROR_CODE.noError);
  });

  test("opens the window as its handler takes bytes, and not while that is paused", async () => {
    using scene = await connect();
    const { client, stream, recorder } = scene;
    recorder.duplex.pause();
    client.send(...[1, 2, 3, 4].map(() => content(stream, "x".repeat(10_000))));
    await untilRead(client);
    expect([recorder.received.length, client.windowOpenedBy(stream)]).toEqual([0, 0]);
    recorder.duplex.resume();
    expect(recorder.received.length).toBe(40_000);
    await client.until("the window", () => client.windowOpenedBy(stream) === 40_000);
  });

  test("is paused by its own handler in the middle of what has come", async () => {
    using scene = await connect();
    const { client, stream, recorder } = scene;
    recorder.onChunk = () => recorder.duplex.pause();
    client.send(content(stream, "one"), content(stream, "two"), content(stream, "", true));
    await untilRead(client);
    expect([recorder.received, recorder.events]).toEqual(["one", ["upgraded"]]);
    recorder.duplex.resume();
    expect([recorder.received, recorder.events]).toEqual(["onetwo", ["upgraded"]]);
    recorder.duplex.resume();
    expect(recorder.events).toEqual(["upgraded", "end"]);
  });

  test("waits for windows, says how much does, and when that has become little", async () => {
    using scene = await connect("", [[SETTING.initialWindowSize, 0]]);
    const { client, stream, recorder } = scene;
    const part = Buffer.alloc(300_000, "x");
    recorder.duplex.write(part, 0, part.length);
    expect([recorder.duplex.outputBytes, recorder.duplex.isAboveHighWater]).toEqual([300_000, true]);
    client.send(windowUpdate(0, 10_000_000), windowUpdate(stream, 230_000));
    await client.until("what there is room for", () => client.response(stream).body.length === 230_000);
    expect(recorder.events).toEqual(["upgraded"]);
    client.send(windowUpdate(stream, 10_000));
    await until("the drain", () => recorder.events.includes("drain"));
    expect(recorder.duplex.outputBytes).toBe(60_000);
    client.send(settings([SETTING.initialWindowSize, 60_000]));
    await client.until("the rest", () => client.response(stream).body.length === 300_000);
  });

  test("ends when both sides have ended, the server first or last", async () => {
    using first = await connect();
    first.recorder.duplex.write(Buffer.from("bye"), 0, 3);
    first.recorder.duplex.linger(1_000, 1_000);
    const { client, stream } = first;
    expect(await client.untilEnded(stream)).toMatchObject({ body: "bye", resetBy: null });
    client.send(content(stream, "dropped"), content(stream, "", true));
    await until("the end", () => first.recorder.events.includes("close peer true"));
    expect(first.recorder.received).toBe("");

    using last = await connect();
    last.client.send(content(last.stream, "bye", true));
    await until("the client's end", () => last.recorder.events.includes("end"));
    last.recorder.duplex.write(Buffer.from("bye"), 0, 3);
    last.recorder.duplex.closeAfterFlush();
    expect(await last.client.untilEnded(last.stream)).toMatchObject({ body: "bye", isEnded: true, resetBy: null });
    expect(last.recorder.events).toEqual(["upgraded", "end", "close local true"]);
  });

  test("ends by force when its client does not, at the deadline of lingering", async () => {
    using scene = await connect();
    const { server, client, stream, recorder } = scene;
    recorder.duplex.linger(1_000, 1_000);
    recorder.duplex.write(Buffer.from("late"), 0, 4);
    await client.untilEnded(stream);
    server.clock.advance(1_100);
    await until("the end", () => recorder.events.includes("close local true"));
    await client.until("the reset", () => client.response(stream).resetBy === ERROR_CODE.cancel);
    expect(client.response(stream).body).toBe("");
  });

  test("is reset by either side, and says so to its handler once", async () => {
    using byClient = await connect();
    byClient.client.send(reset(byClient.stream));
    await until("the end", () => byClient.recorder.events.includes("close reset true"));
    byClient.recorder.duplex.write(Buffer.from("late"), 0, 4);
    byClient.recorder.duplex.close();
    await untilRead(byClient.client);
    expect(byClient.client.response(byClient.stream).body).toBe("");
    expect(byClient.recorder.events).toEqual(["upgraded", "close reset true"]);

    using byServer = await connect();
    byServer.recorder.duplex.close();
    await byServer.client.until(
      "the reset",
      () => byServer.client.response(byServer.stream).resetBy === ERROR_CODE.cancel,
    );
    expect(byServer.recorder.events).toEqual(["upgraded", "close local true"]);

    using byLoss = await connect();
    byLoss.client.raw.reset();
    await until("the end", () => byLoss.recorder.events.some((event) => event.startsWith("close reset")));
  });

  test("has a deadline of its own", async () => {
    using scene = await connect();
    const { server, recorder } = scene;
    recorder.duplex.setDeadline(1_000);
    server.clock.advance(900);
    recorder.duplex.setDeadline(1_000);
    server.clock.advance(900);
    expect(recorder.events).toEqual(["upgraded"]);
    server.clock.advance(200);
    expect(recorder.events).toEqual(["upgraded", "deadline"]);
    recorder.duplex.setDeadline(1_000);
    recorder.duplex.clearDeadline();
    server.clock.advance(100_000);
    expect(recorder.events).toEqual(["upgraded", "deadline"]);
  });

  test("costs its stream and no other when its handler fails", async () => {
    using scene = await connect();
    const { server, client, stream, recorder } = scene;
    recorder.onChunk = () => {
      throw new Error("a bug");
    };
    client.send(content(stream, "x"));
    expect(await client.untilEnded(stream)).toMatchObject({ resetBy: ERROR_CODE.internalError });
    expect([recorder.events, server.errors]).toEqual([["upgraded", "close local true"], ["stream handler failed"]]);
    server.respond = (received) => received.answer("ok");
    expect((await client.untilEnded(client.request())).body).toBe("ok");
  });
});
