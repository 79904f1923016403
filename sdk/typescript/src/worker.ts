import { Deferred } from "./deferred.ts";
import type { App } from "./app.ts";
import { Call, type CallOptions } from "./call.ts";
import { EngineLink } from "./engine-link.ts";
import { textOf, type WireMap } from "./msgpack-reader.ts";

const CONCURRENCY_DEFAULT = 100;
const STREAM_CREDIT_DEFAULT = 262_144;

export interface WorkerOptions {
  readonly app: App;
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
  readonly #done = new Deferred<void>();
  #link!: EngineLink;
  #streamCreditBytes = STREAM_CREDIT_DEFAULT;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /**
   * Runs the app's start hook, serves until the engine says that it is enough, and runs the stop hook.
   *
   * @throws what the hooks throw, and when the engine sends what cannot be read.
   */
  async run(): Promise<void> {
    const { app, socketPath, sdk } = this.#options;
    await app.start?.();
    const features = ["stream", "ping", "request_stream", "body_file", "actions"];
    if (app.websocket !== undefined) features.push("websocket_session");
    this.#link = new EngineLink({
      path: socketPath,
      hello: { sdk, features, concurrency: app.concurrency ?? CONCURRENCY_DEFAULT },
      onFrame: (frame) => this.#take(frame),
      onEnd: (error) => this.#onEnd(error),
    });
    await this.#done.promise;
    await app.stop?.();
  }

  #take(frame: WireMap): void {
    const { type, id } = frame;
    if (type === undefined && typeof id === "number") this.#begin(id, frame);
    else if (typeof id === "number") this.#calls.get(id)?.take(textOf(frame, "type"), frame);
    else if (type === "ping") this.#link.sendPong(Number(frame["n"]));
    else if (type === "welcome") this.#streamCreditBytes = Number(frame["stream_credit"] ?? STREAM_CREDIT_DEFAULT);
    else if (type === "stop") void this.#stop();
  }

  #begin(id: number, request: WireMap): void {
    const options: CallOptions = {
      app: this.#options.app,
      link: this.#link,
      streamCreditBytes: this.#streamCreditBytes,
      pending: this.#pending,
    };
    const call = new Call(id, request, options);
    this.#calls.set(id, call);
    void call.run().finally(() => this.#calls.delete(id));
  }

  /** No request is open when the engine asks for the end. */
  async #stop(): Promise<void> {
    await Promise.all(this.#pending);
    this.#link.close();
    this.#done.resolve();
  }

  #onEnd(error: Error | null): void {
    for (const call of this.#calls.values()) call.lose();
    if (error === null) this.#done.resolve();
    else this.#done.reject(error);
  }
}
