import type { Transport } from "./transport.ts";

/**
 * A TLS socket with the manners that {@link Transport} promises: `end` tells the peer that nothing follows (close_notify) *and* closes, where
 * the runtime's would wait for the peer to close as well, for as long as that pleases.
 */
export class TlsTransport implements Transport {
  readonly #socket: Bun.Socket<unknown>;

  constructor(socket: Bun.Socket<unknown>) {
    this.#socket = socket;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  write(bytes: Uint8Array, start: number, count: number): number {
    return this.#socket.write(bytes, start, count);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.shutdown();
    this.#socket.end();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  shutdown(): void {
    this.#socket.shutdown();
  }
}
