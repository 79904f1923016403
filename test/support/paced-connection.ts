import { FRAME_FLAG, FRAME_TYPE } from "../../src/protocols/http2/frame.ts";
import { frame, hello, request, settingsAck, windowUpdate } from "./http2-frames.ts";
import { block } from "./hpack-text.ts";
import { untilRead } from "./until-read.ts";

/** Told how a request has ended: null when it got its whole answer, else what came instead. */
export type Asked = (lost: string | null) => void;

/** A client's connection that carries requests for `/other` to a server whose workers do what the path says (`phpApp`). */
export interface PacedConnection {
  /** Whether it takes a further request now. */
  readonly isFree: boolean;
  /** True once it takes none any more. */
  readonly isOver: boolean;
  /**
   * Whether what was asked last may be asked again, elsewhere, when this one is closed: nothing was sent on it yet, or it had been silent for so
   * long, because the client stood still, that the server could close it at any time. RFC 9112 §9.3.1.
   */
  readonly mayAskAgain: boolean;
  ask(asked: Asked): void;
  close(): void;
}

const SERVED = "served ";

/** Less than a server announces that it closes connections; one that is used in turns is never silent for so long. */
const SILENT_MS_MAX = 200;

/** The socket of one connection: what is asked before it is open waits for that. */
abstract class ClientConnection implements PacedConnection {
  #socket: Bun.Socket<undefined> | null = null;
  readonly #waiting: Buffer[] = [];
  isOver = false;
  mayAskAgain = false;
  /** When something was heard of the server last. */
  #heardMs = 0;

  abstract readonly isFree: boolean;
  abstract ask(asked: Asked): void;
  /** Everything received and not taken yet; returns how much of it was taken. */
  protected abstract take(bytes: Buffer): number;
  /** Nothing more comes: whoever waits for an answer hears of it. */
  protected abstract fail(reason: string): void;

  constructor(port: number) {
    let rest: Buffer = Buffer.alloc(0);
    Bun.connect<undefined>({
      hostname: "127.0.0.1",
      port,
      socket: {
        binaryType: "buffer",
        open: (socket) => void this.#opened(socket),
        data: (_, chunk) => {
          this.#heardMs = performance.now();
          this.mayAskAgain = false;
          const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
          rest = Buffer.from(bytes.subarray(this.take(bytes)));
        },
        close: () => this.#end(`closed behind ${JSON.stringify(rest.toString("latin1"))}`),
        error: (_, error) => this.#end(String(error)),
      },
    }).catch((error: unknown) => this.#end(String(error)));
  }

  close(): void {
    this.isOver = true;
    this.#socket?.end();
  }

  protected send(bytes: Buffer): void {
    if (this.#socket === null) this.#waiting.push(bytes);
    else this.#write(this.#socket, bytes);
  }

  #write(socket: Bun.Socket<undefined>, bytes: Buffer): void {
    this.mayAskAgain ||= performance.now() - this.#heardMs > SILENT_MS_MAX;
    socket.write(bytes);
  }

  async #opened(socket: Bun.Socket<undefined>): Promise<void> {
    this.mayAskAgain = true;
    socket.setNoDelay();
    await untilRead();
    if (this.isOver) {
      socket.end();
      return;
    }
    this.#socket = socket;
    this.#heardMs = performance.now();
    this.mayAskAgain = false;
    for (const bytes of this.#waiting.splice(0)) this.#write(socket, bytes);
  }

  #end(reason: string): void {
    this.isOver = true;
    this.fail(reason);
  }
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** One request at a time, and with `isKept` one after the other for as long as the server keeps it. */
export class Http1Connection extends ClientConnection {
  readonly #request: Buffer;
  readonly #isKept: boolean;
  #asked: Asked | null = null;

  constructor(port: number, isKept: boolean) {
    super(port);
    this.#isKept = isKept;
    this.#request = Buffer.from(`GET /other HTTP/1.1\r\nHost: a\r\n${isKept ? "" : "Connection: close\r\n"}\r\n`);
  }

  get isFree(): boolean {
    return this.#asked === null && !this.isOver;
  }

  ask(asked: Asked): void {
    this.#asked = asked;
    this.send(this.#request);
  }

  protected take(bytes: Buffer): number {
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd === -1) return 0;
    const head = bytes.toString("latin1", 0, headEnd);
    const end = headEnd + HEAD_END.length + Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (bytes.length < end) return 0;
    const answer = bytes.toString("latin1", 0, end);
    this.#settle(head.startsWith("HTTP/1.1 200 ") && answer.includes(SERVED) ? null : answer);
    if (!this.#isKept || /\r\nConnection: close/i.test(head)) this.close();
    return end;
  }

  protected fail(reason: string): void {
    this.#settle(reason);
  }

  #settle(lost: string | null): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.(lost);
  }
}

/** RFC 7541, Appendix A: `:status 200` is one octet. */
const STATUS_200 = 0x88;

const FRAME_HEADER_BYTES = 9;

/** More answers of a few bytes than a test asks for: RFC 9113 §6.9.1. */
const WINDOW_BYTES = 2 ** 30;

const STREAM_COUNT_MAX = 50;

interface Stream {
  readonly asked: Asked;
  isServed: boolean;
  body: string;
}

/** Many requests at a time, each a stream, until the server says that it leaves. */
export class Http2Connection extends ClientConnection {
  readonly #streams = new Map<number, Stream>();
  readonly #headers: Buffer = block(request("/other"));
  #streamIdLast = -1;
  #isLeaving = false;

  constructor(port: number) {
    super(port);
    this.send(Buffer.concat([hello(), windowUpdate(0, WINDOW_BYTES)]));
  }

  get isFree(): boolean {
    return !this.isOver && !this.#isLeaving && this.#streams.size < STREAM_COUNT_MAX;
  }

  ask(asked: Asked): void {
    const streamId = (this.#streamIdLast += 2);
    this.#streams.set(streamId, { asked, isServed: false, body: "" });
    this.send(frame(FRAME_TYPE.headers, FRAME_FLAG.endHeaders | FRAME_FLAG.endStream, streamId, this.#headers));
  }

  protected take(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const end = at + FRAME_HEADER_BYTES + bytes.readUIntBE(at, 3);
      if (bytes.length < end) break;
      const payload = bytes.subarray(at + FRAME_HEADER_BYTES, end);
      this.#onFrame(bytes[at + 3]!, bytes[at + 4]!, bytes.readUInt32BE(at + 5), payload);
      at = end;
    }
    return at;
  }

  protected fail(reason: string): void {
    for (const { asked } of this.#streams.values()) asked(reason);
    this.#streams.clear();
  }

  #onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (type === FRAME_TYPE.settings && (flags & FRAME_FLAG.ack) === 0) this.send(settingsAck());
    if (type === FRAME_TYPE.goaway) this.#isLeaving = true;
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#onStreamFrame(streamId, stream, type, flags, payload);
    if (this.#isLeaving && this.#streams.size === 0) this.close();
  }

  #onStreamFrame(streamId: number, stream: Stream, type: number, flags: number, payload: Buffer): void {
    const isReset = type === FRAME_TYPE.rstStream;
    if (type === FRAME_TYPE.headers) stream.isServed = payload[0] === STATUS_200;
    if (type === FRAME_TYPE.data) stream.body += payload.toString("latin1");
    const hasEnded = type !== FRAME_TYPE.windowUpdate && (flags & FRAME_FLAG.endStream) !== 0;
    if (!isReset && !hasEnded) return;
    this.#streams.delete(streamId);
    const isWhole = !isReset && stream.isServed && stream.body.startsWith(SERVED);
    stream.asked(isWhole ? null : `${isReset ? "reset" : "ended"} behind ${JSON.stringify(stream.body)}`);
  }
}
