import { Arena } from "../../src/kernel/arena.ts";
import { encodeClientFrame } from "../../src/protocols/websocket/frame-encoder.ts";

/** Where the load goes, and what it is made of. */
export interface WebSocketLoadOptions {
  readonly port: number;
  readonly path: "/echo" | "/room";
  readonly connections: number;
  /** Of a binary message. */
  readonly payloadBytes: number;
}

interface Client {
  /** Bytes of the handshake's answer or of frames that have arrived. */
  receivedBytes: number;
  isOpen: boolean;
}

const HEAD_END = Buffer.from("\r\n\r\n");
/** Connections that are opened at once; more would overrun the listener's backlog. */
const OPENING_COUNT_MAX = 200;

/**
 * Many WebSocket clients on one thread, each as little as can be: frames are made once, and what comes back is counted in bytes, since the
 * length of every frame is known.
 */
export class WebSocketLoad {
  readonly #options: WebSocketLoadOptions;
  readonly #sockets: Bun.Socket<Client>[] = [];
  readonly #frame: Buffer;
  readonly #answerBytes: number;
  #onFrames: (socket: Bun.Socket<Client>, count: number) => void = () => {};

  constructor(options: WebSocketLoadOptions) {
    this.#options = options;
    const arena = new Arena();
    const payload = Buffer.alloc(options.payloadBytes, 0xa5);
    encodeClientFrame(arena, { firstOctet: 0x82, key: 0x37fa213d }, payload, 0, payload.length);
    this.#frame = Buffer.from(arena.bytes.subarray(0, arena.end));
    this.#answerBytes = this.#frame.length - 4; // A server's frame has no masking key.
  }

  async open(): Promise<void> {
    while (this.#sockets.length < this.#options.connections) {
      const count = Math.min(OPENING_COUNT_MAX, this.#options.connections - this.#sockets.length);
      await Promise.all(Array.from({ length: count }, () => this.#connect()));
    }
  }

  /** Every client sends a message and waits for its echo, again and again; returns echoes a second. */
  async echo(seconds: number): Promise<number> {
    let count = 0;
    this.#onFrames = (socket) => {
      count++;
      socket.write(this.#frame);
    };
    for (const socket of this.#sockets) socket.write(this.#frame);
    await Bun.sleep(200);
    return this.#measure(seconds, () => count);
  }

  /** One client publishes `burst` messages at a time as soon as everybody has got those before; returns deliveries a second. */
  async broadcast(seconds: number, burst: number): Promise<number> {
    const due = this.#sockets.length * burst;
    const messages = Buffer.concat(Array.from({ length: burst }, () => this.#frame));
    let count = 0;
    let missing = due;
    this.#onFrames = (_socket, frameCount) => {
      count += frameCount;
      missing -= frameCount;
      if (missing > 0) return;
      missing = due;
      this.#sockets[0]!.write(messages);
    };
    this.#sockets[0]!.write(messages);
    await Bun.sleep(200);
    return this.#measure(seconds, () => count);
  }

  close(): void {
    this.#onFrames = () => {};
    for (const socket of this.#sockets) socket.terminate();
  }

  async #measure(seconds: number, read: () => number): Promise<number> {
    const [startMs, before] = [performance.now(), read()];
    await Bun.sleep(seconds * 1_000);
    return ((read() - before) / (performance.now() - startMs)) * 1_000;
  }

  async #connect(): Promise<void> {
    const opened = Promise.withResolvers<void>();
    const socket = await Bun.connect<Client>({
      hostname: "127.0.0.1",
      port: this.#options.port,
      data: { receivedBytes: 0, isOpen: false },
      socket: {
        data: (each, chunk) => this.#receive(each, chunk, opened),
        error: (_, error) => opened.reject(error),
      },
    });
    socket.write(
      `GET ${this.#options.path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    await opened.promise;
    this.#sockets.push(socket);
  }

  #receive(socket: Bun.Socket<Client>, chunk: Buffer, opened: PromiseWithResolvers<void>): void {
    const client = socket.data;
    if (!client.isOpen) {
      if (!chunk.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101")))
        opened.reject(new Error(chunk.toString("latin1")));
      const headEnd = chunk.indexOf(HEAD_END);
      if (headEnd === -1) return;
      client.isOpen = true;
      client.receivedBytes = chunk.length - headEnd - HEAD_END.length;
      opened.resolve();
      return;
    }
    const before = Math.floor(client.receivedBytes / this.#answerBytes);
    client.receivedBytes += chunk.length;
    const count = Math.floor(client.receivedBytes / this.#answerBytes) - before;
    if (count > 0) this.#onFrames(socket, count);
  }
}
