import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FrameSplitter } from "../../sdk/typescript/src/frame-splitter.ts";
import { FrameWriter } from "../../sdk/typescript/src/frame-writer.ts";
import { readMap, type WireMap } from "../../sdk/typescript/src/msgpack-reader.ts";
import { until } from "./until.ts";

/** What a frame of the engine may hold. */
export type FrameValue = null | boolean | number | string | Uint8Array | readonly FrameValue[] | FrameFields;
export interface FrameFields {
  readonly [key: string]: FrameValue;
}

const FRAME_BYTES_MAX = 10 << 20;

/** The engine's side of one worker's socket, frame by frame: for what the real one does only rarely, or never. */
export class StubEngine implements AsyncDisposable {
  readonly path: string = join(mkdtempSync(join(tmpdir(), "ve-")), "worker.sock");
  /** What the worker has sent behind its `OK`, in order. */
  readonly frames: WireMap[] = [];
  hasClosed = false;
  readonly #server: Server = createServer((peer) => this.#accept(peer));
  readonly #writer = new FrameWriter();
  #peer: Socket | null = null;
  #isGreeted = false;

  static async start(): Promise<StubEngine> {
    const engine = new StubEngine();
    await new Promise<void>((resolve) => {
      engine.#server.listen(engine.path, resolve);
    });
    return engine;
  }

  /** Welcomes the worker as soon as it has said hello. */
  async welcome(fields: FrameFields = {}): Promise<WireMap> {
    const hello = await this.next((frame) => frame["type"] === "hello");
    this.send({ type: "welcome", level: 2, frame_bytes_max: FRAME_BYTES_MAX, stream_credit: 1_000, ...fields });
    return hello;
  }

  /** Writes frames, all in one piece. */
  send(...frames: readonly FrameFields[]): void {
    for (const frame of frames) {
      const pairs = Object.entries(frame);
      this.#writer.begin(pairs.length);
      for (const [key, value] of pairs) {
        this.#writer.key(key);
        this.#write(value);
      }
      this.#writer.end();
    }
    this.#peer?.write(this.#writer.take());
  }

  /** A GET of `path`, with what `fields` say otherwise. */
  request(id: number, path: string, fields: FrameFields = {}): FrameFields {
    const whole = { method: "GET", uri: path, path, query: "", headers: {}, body: new Uint8Array(0) };
    return {
      id,
      ...whole,
      host: "localhost",
      scheme: "http",
      remote_addr: "127.0.0.1:9",
      timeout_ms: 1_000,
      ...fields,
    };
  }

  /** The first frame of the worker that `isWanted`, if need be a later one. */
  next(isWanted: (frame: WireMap) => boolean): Promise<WireMap> {
    return until("a frame of the worker", () => this.frames.find(isWanted));
  }

  /** Ends the connection as an engine does that is gone. */
  drop(): void {
    this.#peer?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
    rmSync(join(this.path, ".."), { recursive: true, force: true });
  }

  #accept(peer: Socket): void {
    this.#peer = peer;
    const splitter = new FrameSplitter(FRAME_BYTES_MAX, (bytes, start, end) => {
      this.frames.push(readMap(Buffer.from(bytes.subarray(start, end))));
    });
    peer.on("error", () => {});
    peer.on("close", () => {
      this.hasClosed = true;
    });
    peer.on("data", (chunk: Buffer) => {
      // The `OK` and the hello come in one write.
      splitter.push(this.#isGreeted ? chunk : chunk.subarray("OK".length));
      this.#isGreeted = true;
    });
    peer.write("NARYA1");
  }

  #write(value: FrameValue): void {
    const writer = this.#writer;
    if (value === null) writer.nil();
    else if (typeof value === "boolean") writer.bool(value);
    else if (typeof value === "number") writer.uint(value);
    else if (typeof value === "string") writer.text(value);
    else if (value instanceof Uint8Array) writer.bin(value);
    else if (Array.isArray(value)) {
      writer.array(value.length);
      for (const item of value as readonly FrameValue[]) this.#write(item);
    } else {
      const pairs = Object.entries(value);
      writer.map(pairs.length);
      for (const [key, item] of pairs) {
        writer.text(key);
        this.#write(item);
      }
    }
  }
}
