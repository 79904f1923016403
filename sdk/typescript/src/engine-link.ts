import { Buffer } from "node:buffer";
import { connect, type Socket as NetSocket } from "node:net";
import type { Action, Message } from "./context.ts";
import { fieldListOf } from "./field-list.ts";
import { writeFields } from "./field-writer.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { FRAME_BYTES_MAX_DEFAULT, FrameWriter } from "./frame-writer.ts";
import { readFrame, type WireMap } from "./msgpack-reader.ts";
import { toMessage } from "./to-message.ts";

const HANDSHAKE = "NARYA1";

/** Frames that wait for one another: of many answers in a turn, the engine passes the first on while the others are made. */
const FRAMES_PER_FLUSH = 8;

/** What the worker says of itself. */
export interface Hello {
  readonly sdk: string;
  readonly features: readonly string[];
  readonly concurrency: number;
}

export interface EngineLinkOptions {
  /** The Unix socket that the engine listens on. */
  readonly path: string;
  readonly hello: Hello;
  readonly onFrame: (frame: WireMap) => void;
  /** The engine has closed, or sent what cannot be read; nothing comes any more. */
  readonly onEnd: (error: Error | null) => void;
}

/**
 * The connection to the engine: the handshake, then frames both ways. What is written in one turn of the event loop leaves in one write.
 */
export class EngineLink {
  readonly writer: FrameWriter = new FrameWriter();
  readonly #options: EngineLinkOptions;
  readonly #socket: NetSocket;
  readonly #splitter: FrameSplitter;
  #greeting: Buffer | null = Buffer.alloc(0);
  #isFlushDue = false;
  /** Frames in `writer`. */
  #unsentCount = 0;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
    this.#splitter = new FrameSplitter(FRAME_BYTES_MAX_DEFAULT, (bytes, start, end) => {
      options.onFrame(readFrame(bytes, start, end));
    });
    this.#socket = connect(options.path);
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("error", (error: Error) => {
      // Behind the handshake it is only the engine's end, of which `close` tells.
      if (this.#greeting !== null) options.onEnd(error);
    });
    this.#socket.on("close", () => options.onEnd(null));
  }

  /** In bytes, both ways. Writing a longer frame throws, reading one ends the connection. */
  get frameBytesMax(): number {
    return this.writer.frameBytesMax;
  }

  set frameBytesMax(byteLengthMax: number) {
    this.writer.frameBytesMax = byteLengthMax;
    this.#splitter.frameBytesMax = byteLengthMax;
  }

  /** The frame that was written to `writer` leaves at the end of this turn, or with the next few. */
  flushSoon(): void {
    if (++this.#unsentCount >= FRAMES_PER_FLUSH) this.#send();
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(this.#flush);
  }

  sendCredit(id: number, byteCount: number): void {
    this.#begin("credit", 3);
    this.#id(id);
    this.writer.key("bytes");
    this.writer.uint(byteCount);
    this.#end();
  }

  sendPong(count: number): void {
    this.#begin("pong", 2);
    this.writer.key("n");
    this.writer.uint(count);
    this.#end();
  }

  sendMessage(id: number, data: Message): void {
    this.#begin("ws_message", 4);
    this.#id(id);
    writeMessage(this.writer, data);
    this.#end();
  }

  sendSocketClose(id: number, code: number, reason: string): void {
    this.#begin("ws_close", 4);
    this.#id(id);
    this.writer.key("code");
    this.writer.uint(code);
    this.writer.key("reason");
    this.writer.text(reason);
    this.#end();
  }

  /** `error` is for the engine's log; `null` says that all went well, and only then do trailers follow. */
  sendEnd(id: number, error: string | null = null, trailers: Headers | null = null): void {
    const hasTrailers = error === null && trailers !== null;
    this.#begin("end", error === null && !hasTrailers ? 2 : 3);
    this.#id(id);
    if (hasTrailers) writeFields(this.writer, "trailers", fieldListOf(trailers));
    if (error !== null) {
      this.writer.key("error");
      this.writer.text(error);
    }
    this.#end();
  }

  sendAction(action: Action): void {
    this.#begin("actions", 2);
    this.writer.key("actions");
    this.writer.array(1);
    writeAction(this.writer, action);
    this.#end();
  }

  /** Sends what is left and closes; resolves when the system has it. */
  close(): Promise<void> {
    this.#flush();
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.end(resolve);
    });
  }

  #begin(type: string, pairCount: number): void {
    this.writer.begin(pairCount);
    this.writer.key("type");
    this.writer.text(type);
  }

  #id(id: number): void {
    this.writer.key("id");
    this.writer.uint(id);
  }

  #end(): void {
    this.writer.end();
    this.flushSoon();
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    this.#send();
  };

  #send(): void {
    this.#unsentCount = 0;
    if (this.writer.byteLength > 0) this.#socket.write(this.writer.take());
  }

  #receive(chunk: Buffer): void {
    try {
      const rest = this.#greeting === null ? chunk : this.#greet(chunk);
      if (rest !== null) this.#splitter.push(rest);
    } catch (error) {
      this.#socket.destroy();
      this.#options.onEnd(error as Error);
    }
  }

  /** Answers the handshake and says hello in one write; returns what is behind it, `null` while it is not complete. */
  #greet(chunk: Buffer): Buffer | null {
    const greeting = Buffer.concat([this.#greeting ?? Buffer.alloc(0), chunk]);
    const expected = HANDSHAKE.slice(0, greeting.length);
    if (greeting.toString("latin1", 0, expected.length) !== expected)
      throw new Error("Cannot greet: no engine listens here");
    this.#greeting = greeting;
    if (greeting.length < HANDSHAKE.length) return null;
    this.#greeting = null;
    this.#socket.cork();
    this.#socket.write("OK");
    this.#sayHello();
    this.#socket.uncork();
    return greeting.subarray(HANDSHAKE.length);
  }

  #sayHello(): void {
    const { sdk, features, concurrency } = this.#options.hello;
    const { writer } = this;
    if (Number(process.env["VILYA_WORKER_LEVEL"] ?? 1) < 2)
      throw new Error("Cannot serve: the engine is too old, level 2 is needed");
    this.#begin("hello", 5);
    writer.key("level");
    writer.uint(2);
    writer.key("sdk");
    writer.text(sdk);
    writer.key("features");
    writer.array(features.length);
    for (const feature of features) writer.text(feature);
    writer.key("concurrency");
    writer.uint(concurrency);
    writer.end();
    this.#flush();
  }
}

function writeMessage(writer: FrameWriter, given: Message): void {
  const message = toMessage(given);
  const isText = typeof message === "string";
  writer.key("data");
  if (isText) writer.text(message);
  else writer.bin(message);
  writer.key("binary");
  writer.bool(!isText);
}

function writeAction(writer: FrameWriter, { data, ...named }: Action): void {
  const pairs = Object.entries(named).filter(([, value]) => value !== undefined);
  writer.map(pairs.length + (data === undefined ? 0 : 2));
  for (const [key, value] of pairs) {
    writer.key(key);
    if (typeof value === "number") writer.uint(value);
    else writer.text(value);
  }
  if (data !== undefined) writeMessage(writer, data);
}
