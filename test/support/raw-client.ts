import { PATIENCE_MS } from "./until.ts";

/**
 * A TCP client that sends the bytes it is told and keeps those it gets, as Latin-1 text: for what no well-behaved HTTP client would do.
 * It never closes by itself; dispose of it.
 */
export class RawClient implements Disposable {
  #socket!: Bun.Socket<undefined>;
  #waiting: (() => void)[] = [];
  /** Everything received. */
  received = "";
  /** True once the server has closed its sending side, or all. */
  isEnded = false;

  static async connect(port: number, host: string = "127.0.0.1"): Promise<RawClient> {
    const client = new RawClient();
    client.#socket = await Bun.connect({
      hostname: host,
      port,
      allowHalfOpen: true,
      socket: {
        data: (_, chunk) => client.#note(() => (client.received += chunk.toString("latin1"))),
        end: () => client.#note(() => (client.isEnded = true)),
        close: () => client.#note(() => (client.isEnded = true)),
        error: () => client.#note(() => (client.isEnded = true)),
      },
    });
    return client;
  }

  /** Sends Latin-1 text or bytes. @throws when the socket does not take them at once. */
  send(bytes: string | Uint8Array): void {
    const buffer = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    const taken = this.#socket.write(buffer);
    if (taken !== buffer.length) throw new Error(`Cannot send ${buffer.length} bytes: the socket took ${taken}`);
  }

  /** As `send`, as far as the socket takes it; returns how many bytes that was. */
  sendSome(bytes: Uint8Array): number {
    return Math.max(0, this.#socket.write(bytes));
  }

  /** Closes the sending side only. */
  shutDown(): void {
    this.#socket.shutdown();
  }

  /** Closes with a reset. */
  reset(): void {
    this.#socket.terminate();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Waits until `condition` holds; it is looked at after everything that arrives. @throws when it does not within the tests' patience. */
  async until(what: string, condition: (client: this) => boolean): Promise<void> {
    const endsMs = performance.now() + PATIENCE_MS;
    while (!condition(this)) {
      if (performance.now() > endsMs)
        throw new Error(`Cannot go on: ${what} did not happen; received ${JSON.stringify(this.received)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#waiting.push(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Waits for the server's close and returns everything received. */
  async untilEnd(): Promise<string> {
    await this.until("the server's close", () => this.isEnded);
    return this.received;
  }

  /** Waits until `text` has been received. */
  async untilReceived(text: string): Promise<string> {
    await this.until(`receiving ${JSON.stringify(text)}`, () => this.received.includes(text));
    return this.received;
  }

  [Symbol.dispose](): void {
    this.#socket.end();
  }

  #note(change: () => void): void {
    change();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
