import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Arena } from "../../src/kernel/arena.ts";
import { ENGINE_FEATURES } from "../../src/protocols/worker/features.ts";
import { encodeWelcome, HANDSHAKE, HANDSHAKE_OK } from "../../src/protocols/worker/handshake.ts";
import { stampRequest } from "../../src/protocols/worker/request-encoder.ts";

const LENGTH_BYTES = 4;

/** The engine's side of one worker, and nothing of the engine: requests are frames that were made before. */
export class WorkerPeer implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), "vilya-bench-"));
  readonly #ready = Promise.withResolvers<void>();
  readonly #listener: Bun.UnixSocketListener<undefined>;
  readonly #child: Bun.Subprocess;
  #socket: Bun.Socket | null = null;
  #held: Buffer = Buffer.alloc(0);
  #missing = 0;
  #lastId = 0;
  #answered: () => void = () => {};

  constructor(command: (socketPath: string) => readonly string[], options: { env: Record<string, string> }) {
    const unix = join(this.#directory, "worker.sock");
    this.#listener = Bun.listen({
      unix,
      socket: {
        open: (socket) => {
          this.#socket = socket;
          socket.write(HANDSHAKE);
        },
        data: (_socket, chunk) => this.#receive(chunk),
      },
    });
    const env = { ...process.env, ...options.env, VILYA_WORKER_LEVEL: "2" };
    this.#child = Bun.spawn([...command(unix)], { env, stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  }

  static async start(
    command: (socketPath: string) => readonly string[],
    options: { env: Record<string, string> },
  ): Promise<WorkerPeer> {
    const peer = new WorkerPeer(command, options);
    await peer.#ready.promise;
    return peer;
  }

  get processId(): number {
    return this.#child.pid;
  }

  /** Sends a request so many times in one write, and waits for all answers. */
  async ask(frame: Buffer, count: number): Promise<void> {
    const batch = Buffer.concat(Array.from({ length: count }, () => frame));
    for (let index = 0; index < count; index++) stampRequest(batch, index * frame.length, ++this.#lastId, 1);
    this.#missing = count;
    const answered = new Promise<void>((resolve) => (this.#answered = resolve));
    this.#socket!.write(batch);
    await answered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.end();
    this.#listener.stop(true);
    await this.#child.exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #receive(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#lastId === 0) {
      // The worker sends its hello in one write with its OK.
      if (this.#held.length <= HANDSHAKE_OK.length) return;
      this.#held = Buffer.alloc(0);
      this.#welcome();
      return;
    }
    let at = 0;
    while (this.#held.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + this.#held.readUInt32BE(at);
      if (end > this.#held.length) break;
      at = end;
      if (--this.#missing === 0) this.#answered();
    }
    this.#held = this.#held.subarray(at);
  }

  #welcome(): void {
    const arena = new Arena();
    const limits = { frameBytesMax: 10 << 20, streamCreditBytes: 256 << 10 };
    encodeWelcome(arena, { ...limits, concurrency: 1_000, features: ENGINE_FEATURES });
    this.#socket!.write(arena.bytes.subarray(0, arena.end));
    this.#ready.resolve();
  }
}
