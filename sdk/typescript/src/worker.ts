import { AsyncResource } from "node:async_hooks";
import { Call, type CallOptions } from "./call.ts";
import { Deferred } from "./deferred.ts";
import { SERVER, type ServedApp } from "./framework-app.ts";
import { EngineLink } from "./engine-link.ts";
import { textOf, type WireMap } from "./msgpack-reader.ts";
import { makeTextsLazily } from "./response-constructor.ts";
import { SerialOrder } from "./serial-order.ts";

const CONCURRENCY_DEFAULT = 100;
const STREAM_CREDIT_DEFAULT = 262_144;

export interface WorkerOptions {
  readonly app: ServedApp;
  /** The Unix socket that the engine listens on. */
  readonly socketPath: string;
  /** Name and version, for the engine's log. */
  readonly sdk: string;
}

/** Serves an app over the connection to the engine, many requests at a time. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #calls = new Map<number, Call>();
  readonly #pending = new Set<Promise<unknown>>();
  /** Without anything that a request has entered. */
  readonly #scope = new AsyncResource("VilyaWorker");
  readonly #done = new Deferred<void>();
  /** What the engine wants, if it wants one request at a time: without a welcome it does. */
  #order: SerialOrder<WireMap> | null = new SerialOrder((request) => this.#begin(request));
  #link!: EngineLink;
  #streamCreditBytes = STREAM_CREDIT_DEFAULT;
  /** Made with the first request behind the welcome. */
  #callOptions: CallOptions | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /**
   * Runs the app's start hook, serves until the engine says that it is enough, and runs the stop hook.
   *
   * @throws what the hooks throw, and when there is no engine or it sends what cannot be read.
   */
  async run(): Promise<void> {
    const { app, socketPath, sdk } = this.#options;
    await app.start?.();
    makeTextsLazily();
    const features = ["stream", "ping", "request_stream", "body_file", "uploads", "actions", "trailers"];
    if (app.websocket !== undefined) features.push("websocket_session");
    this.#link = new EngineLink({
      path: socketPath,
      hello: { sdk, features, concurrency: app.concurrency ?? CONCURRENCY_DEFAULT },
      onFrame: (frame) => this.#take(frame),
      onEnd: (error) => this.#onEnd(error),
    });
    app[SERVER]?.connect((action) => this.#link.sendAction(action));
    await this.#done.promise;
    await app.stop?.();
    await this.#link.close();
  }

  #take(frame: WireMap): void {
    const { type, id } = frame;
    if (typeof id !== "number") this.#takeOwn(textOf(frame, "type"), frame);
    else if (type !== undefined) this.#takeFor(id, textOf(frame, "type"), frame);
    else if (this.#order === null) this.#begin(frame);
    else this.#order.take(frame);
  }

  #takeOwn(type: string, frame: WireMap): void {
    if (type === "ping") this.#link.sendPong(Number(frame["n"]));
    else if (type === "welcome") this.#onWelcome(frame);
    else if (type === "stop") void this.#stop();
  }

  #takeFor(id: number, type: string, frame: WireMap): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    if (type === "credit" || type === "cancel") this.#order?.onWord();
    call.take(type, frame);
  }

  #onWelcome(frame: WireMap): void {
    this.#streamCreditBytes = Number(frame["stream_credit"] ?? STREAM_CREDIT_DEFAULT);
    if (typeof frame["frame_bytes_max"] === "number") this.#link.frameBytesMax = frame["frame_bytes_max"];
    if (Number(frame["concurrency"] ?? 1) > 1) this.#order = null;
    this.#callOptions = null;
  }

  #begin(request: WireMap): void {
    const id = request["id"] as number;
    const call = new Call(id, request, (this.#callOptions ??= this.#makeCallOptions()));
    this.#calls.set(id, call);
    // What one request enters of an `AsyncLocalStorage` must not be there for the next one of the connection.
    new AsyncResource("VilyaRequest").runInAsyncScope(() => void call.run());
  }

  #makeCallOptions(): CallOptions {
    const order = this.#order;
    return {
      app: this.#options.app,
      link: this.#link,
      streamCreditBytes: this.#streamCreditBytes,
      pending: this.#pending,
      onHead: () => order?.onHead(),
      onEnd: ({ id }) => {
        this.#calls.delete(id);
        // The next one begins in it, and not in the scope of the one that has ended.
        if (order !== null) this.#scope.runInAsyncScope(() => order.onEnd());
      },
    };
  }

  /** No request is open when the engine asks for the end. */
  async #stop(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    this.#done.resolve();
  }

  #onEnd(error: Error | null): void {
    for (const call of this.#calls.values()) call.lose();
    if (error === null) this.#done.resolve();
    else this.#done.reject(error);
  }
}
