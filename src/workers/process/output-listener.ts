import { ReadableStream, type ReadableStreamDefaultController } from "node:stream/web";
import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import { Listener } from "../../kernel/listener.ts";
import { unobserved } from "../../kernel/monitor.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";

/** Takes the output of one process that cannot be given pipes: its first connection is STDOUT, its second one STDERR. */
export class OutputListener {
  readonly #listener: Listener;
  readonly #stdout = new OutputStream();
  readonly #stderr = new OutputStream();
  readonly #waiting: OutputStream[] = [this.#stdout, this.#stderr];

  /** @throws {ListenError} */
  constructor(path: string, wheel: TimerWheel) {
    this.#listener = new Listener({
      address: { path },
      wheel,
      monitor: unobserved,
      stallMs: 0,
      connectionCountMax: this.#waiting.length,
      accept: (connection) => this.#accept(connection),
    });
  }

  get stdout(): ReadableStream<Uint8Array> {
    return this.#stdout.readable;
  }

  get stderr(): ReadableStream<Uint8Array> {
    return this.#stderr.readable;
  }

  /** Nobody connects any more: what has not begun by now ends empty. */
  close(): void {
    // A process may have connected, spoken and ended before we look at our sockets again: twice round the loop all of that is here.
    setImmediate(() => setImmediate(() => this.#end()));
  }

  #end(): void {
    this.#listener.stop();
    for (const stream of this.#waiting.splice(0)) stream.onClose();
  }

  #accept(connection: Connection): ConnectionHandler {
    // The listener lets no more connections in than there are streams.
    const stream = this.#waiting.shift()!;
    if (this.#waiting.length === 0) this.#listener.stop();
    stream.connection = connection;
    return stream;
  }
}

/** One connection, as the stream that a pipe would be. */
class OutputStream implements ConnectionHandler {
  readonly readable: ReadableStream<Uint8Array>;
  connection: Connection | null = null;
  /** `null` once the stream has ended. */
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor() {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = null;
        this.connection?.close("local");
      },
    });
  }

  onBytes(chunk: Buffer): void {
    this.#controller?.enqueue(chunk);
  }

  onEnd(): void {
    this.connection?.close("peer");
  }

  onDrain(): void {}

  onDeadline(): void {}

  onClose(): void {
    this.#controller?.close();
    this.#controller = null;
  }
}
