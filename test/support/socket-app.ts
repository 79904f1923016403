import { UserMetrics } from "../../src/telemetry/user-metrics.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TopicBus } from "../../src/bus/topic-bus.ts";
import { AllowedOrigins } from "../../src/engine/master/allowed-origins.ts";
import type { AppContext } from "../../src/engine/dispatch/app-call.ts";
import { AppSockets } from "../../src/engine/sockets/app-sockets.ts";
import { makeSocketPrefix, SocketNames } from "../../src/engine/socket-names.ts";
import { SocketOpening } from "../../src/engine/sockets/socket-opening.ts";
import { HttpListener } from "../../src/http/http-listener.ts";
import { WebSocketServer } from "../../src/http/websocket/websocket-server.ts";
import { Segments } from "../../src/kernel/segments.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { ResponseDecoder, type WorkerSink } from "../../src/protocols/worker/response-decoder.ts";
import type { WorkerResponse } from "../../src/protocols/worker/worker-response.ts";
import type { Call, CallFailure } from "../../src/workers/calls/call.ts";
import { decodeMsgpack, type PlainValue } from "./decode-msgpack.ts";
import { FakeClock } from "./fake-clock.ts";
import { SMALL_SERVER } from "./http-server.ts";
import { encodeFrame, type MsgpackValue } from "./msgpack-values.ts";
import { RawClient } from "./raw-client.ts";
import { RecordingLog } from "./recording-log.ts";
import { until } from "./until.ts";
import { openingHandshake, WebSocketClient } from "./websocket-client.ts";

const HELLO = encodeFrame({ type: "hello", level: 2, sdk: "test", features: ["websocket", "actions"] });

/** A listener whose requests open WebSockets of an app, and a pool that does what the test says: it answers, fails and abandons calls. */
export class SocketApp implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly log: RecordingLog = new RecordingLog();
  readonly sockets: AppSockets;
  readonly server: WebSocketServer;
  readonly listener: HttpListener;
  /** Calls that are with the pool, oldest first. */
  readonly calls: Call[] = [];
  /** What other fronts are told to do, in order. */
  readonly relayed: string[] = [];
  /** What became of calls nobody waits for. */
  abandonedCount = 0;
  /** How the pool refuses; `null` while it takes calls. */
  refusal: CallFailure | null = null;
  /** What its workers are known to be able to. */
  readonly features: Set<string> = new Set();
  readonly #directory = mkdtempSync(join(tmpdir(), "vilya-socket-app-"));

  constructor(origins: readonly string[] = ["same"]) {
    const { log } = this;
    const wheel = new TimerWheel(this.clock);
    const bus = new TopicBus();
    const pool = {
      isKnownFor: (feature: string) => this.features.has(feature),
      submit: (call: Call) => this.#submit(call),
      abandon: () => void this.abandonedCount++,
    };
    const app = {
      name: "test",
      pool,
      timeoutMs: 1_000,
      streamsRequests: false,
      uploads: null,
      runtimeVersion: "0.0.0",
      log,
    } as unknown as AppContext;
    this.server = new WebSocketServer({ config: SMALL_SERVER.webSocket, bus, wheel, log });
    this.sockets = new AppSockets({
      metrics: new UserMetrics(),
      app,
      server: this.server,
      bus,
      wheel,
      origins: new AllowedOrigins(origins),
      names: new SocketNames(makeSocketPrefix()),
      relay: { relay: (_, action) => void this.relayed.push(action.kind) },
    });
    this.listener = new HttpListener({
      address: { host: "127.0.0.1", port: 0 },
      server: SMALL_SERVER,
      bodyDirectory: this.#directory,
      dispatch: (exchange) => new SocketOpening(exchange, this.sockets),
      wheel,
      log,
    });
  }

  /** The events that are with the pool: each as its type, and what tells it apart. */
  get events(): readonly string[] {
    return this.calls.map(({ frame }) => {
      const event = decodeMsgpack(frame.subarray(4)) as ReadonlyMap<string, PlainValue>;
      const told = ["type", "data", "code", "reason"]
        .map((key) => event.get(key))
        .filter((value) => value !== undefined);
      return told.map(String).join(" ").trimEnd();
    });
  }

  /** Sends an opening handshake and waits until its event is with the pool. */
  async ask(fields: Readonly<Record<string, string>> = {}): Promise<RawClient> {
    const client = await RawClient.connect(this.listener.port);
    const count = this.calls.length;
    client.send(openingHandshake(fields));
    await until("the event of the open", () => this.calls.length > count);
    return client;
  }

  /** A WebSocket whose open is answered with `answer`. */
  async open(answer: Readonly<Record<string, MsgpackValue>> = {}): Promise<WebSocketClient> {
    const raw = await this.ask();
    this.answer(answer);
    await raw.untilReceived("\r\n\r\n");
    return new WebSocketClient(raw);
  }

  /** Waits until the pool has `count` calls. */
  async untilCalls(count: number): Promise<void> {
    await until(`${count} calls`, () => this.calls.length === count);
  }

  /** Answers the oldest call with `done`, or with what a `type` of its own says. */
  answer(answer: Readonly<Record<string, MsgpackValue>> = {}): void {
    const call = this.#take();
    const segments = new Segments();
    segments.append(Buffer.concat([HELLO, encodeFrame({ type: "done", id: 7, ...answer })]));
    const ignore = (): void => {};
    const sink: WorkerSink = {
      onResponse: (response: WorkerResponse) => call.onResponse(response),
      onInterim: ignore,
      onHead: ignore,
      onChunk: ignore,
      onBodyEnd: ignore,
      onHello: ignore,
      onPong: ignore,
      onOwnAction: ignore,
      onCredit: ignore,
      onActions: (list) => this.sockets.onActions(list),
    };
    new ResponseDecoder({ frameBytesMax: 1 << 20 }).decode(segments, sink);
  }

  /** Ends the oldest call without an answer. */
  fail(failure: CallFailure): void {
    this.#take().onFailure(failure);
  }

  [Symbol.dispose](): void {
    this.listener.stopAccepting();
    this.listener.closeConnections();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #submit(call: Call): void {
    if (this.refusal !== null) {
      call.onFailure(this.refusal);
      return;
    }
    call.state = "running";
    this.calls.push(call);
  }

  #take(): Call {
    const call = this.calls.shift();
    if (call === undefined) throw new Error("Cannot end a call: the pool has none");
    call.state = "ended";
    return call;
  }
}
