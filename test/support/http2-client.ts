import { HpackDecoder } from "../../src/protocols/hpack/hpack-decoder.ts";
import { FRAME_FLAG, FRAME_TYPE } from "../../src/protocols/http2/frame.ts";
import { type Field, TextSink } from "./hpack-text.ts";
import { content, type Frame, headers, hello, readFrames, request } from "./http2-frames.ts";
import { RawClient, type RawClientOptions } from "./raw-client.ts";

/** What has come of one stream. */
export interface Http2Response {
  status: number;
  fields: readonly Field[];
  /** The statuses of interim responses. */
  readonly interims: number[];
  body: string;
  trailers: readonly Field[];
  /** Payload bytes of each DATA frame. */
  readonly frameBytes: number[];
  isEnded: boolean;
  /** The code of its RST_STREAM, or `null`. */
  resetBy: number | null;
}

export interface Http2ClientOptions extends RawClientOptions {
  readonly settings?: readonly (readonly [id: number, value: number])[];
}

/** An HTTP/2 client that sends the frames it is told, valid or not, and opens no window by itself. */
export class Http2Client implements Disposable {
  readonly raw: RawClient;
  readonly frames: Frame[] = [];
  readonly #responses = new Map<number, Http2Response>();
  readonly #decoder = new HpackDecoder(4096);
  #parsedBytes = 0;
  #nextStreamId = 1;
  #block: Buffer = Buffer.alloc(0);

  constructor(raw: RawClient) {
    this.raw = raw;
  }

  /** Connects and sends preface and SETTINGS. */
  static async connect(port: number, { settings = [], ...options }: Http2ClientOptions = {}): Promise<Http2Client> {
    const client = new Http2Client(await RawClient.connect(port, options));
    client.send(hello(...settings));
    return client;
  }

  send(...frames: readonly Uint8Array[]): void {
    this.raw.send(Buffer.concat(frames));
  }

  /** Sends a request on the next stream, and returns the stream. A body of `null` is left for the caller to send. */
  request(path: string = "/", method: string = "GET", body: string | null = "", more: readonly Field[] = []): number {
    const streamId = this.nextStreamId();
    this.send(headers(streamId, request(path, method, more), body === ""));
    if (body !== null && body !== "") this.send(content(streamId, body, true));
    return streamId;
  }

  nextStreamId(): number {
    const streamId = this.#nextStreamId;
    this.#nextStreamId += 2;
    return streamId;
  }

  /** What has come of `streamId` so far. */
  response(streamId: number): Http2Response {
    this.#parse();
    return this.#responseOf({ streamId });
  }

  /** Waits for the end or the reset of `streamId`. */
  async untilEnded(streamId: number): Promise<Http2Response> {
    await this.until(`the end of stream ${streamId}`, () => {
      const { isEnded, resetBy } = this.response(streamId);
      return isEnded || resetBy !== null;
    });
    return this.response(streamId);
  }

  /** Waits for a frame for which `isWanted` holds, among all that have come. */
  async untilFrame(what: string, isWanted: (frame: Frame) => boolean): Promise<Frame> {
    await this.until(what, () => this.frames.some(isWanted));
    return this.frames.find(isWanted)!;
  }

  /** Waits for the server's close; returns the code of the last GOAWAY, `null` when there was none. */
  async untilClosed(): Promise<number | null> {
    await this.raw.untilEnd();
    this.#parse();
    return this.goaways.at(-1)?.errorCode ?? null;
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await this.raw.until(what, () => {
      this.#parse();
      return condition();
    });
  }

  /** The GOAWAY frames so far. */
  get goaways(): readonly { readonly lastStreamId: number; readonly errorCode: number }[] {
    return this.frames
      .filter(({ type }) => type === FRAME_TYPE.goaway)
      .map(({ payload }) => ({ lastStreamId: payload.readUInt32BE(0), errorCode: payload.readUInt32BE(4) }));
  }

  /** How far the server has opened the window of a stream, or of the connection. */
  windowOpenedBy(streamId: number): number {
    this.#parse();
    return this.frames
      .filter((frame) => frame.type === FRAME_TYPE.windowUpdate && frame.streamId === streamId)
      .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
  }

  [Symbol.dispose](): void {
    this.raw[Symbol.dispose]();
  }

  #parse(): void {
    const { received } = this.raw;
    if (received.length === this.#parsedBytes) return;
    const { frames, byteLength } = readFrames(Buffer.from(received.slice(this.#parsedBytes), "latin1"));
    this.#parsedBytes += byteLength;
    for (const frame of frames) {
      this.frames.push(frame);
      this.#take(frame);
    }
  }

  #take(frame: Frame): void {
    const { type, flags, payload } = frame;
    const isEnd = (flags & FRAME_FLAG.endStream) !== 0;
    if (type === FRAME_TYPE.headers || type === FRAME_TYPE.continuation) {
      this.#block = type === FRAME_TYPE.headers ? payload : Buffer.concat([this.#block, payload]);
      if ((flags & FRAME_FLAG.endHeaders) !== 0) this.#takeBlock(this.#responseOf(frame));
      if (type === FRAME_TYPE.headers && isEnd) this.#responseOf(frame).isEnded = true;
    } else if (type === FRAME_TYPE.data) {
      const response = this.#responseOf(frame);
      response.body += payload.toString("latin1");
      response.frameBytes.push(payload.length);
      if (isEnd) response.isEnded = true;
    } else if (type === FRAME_TYPE.rstStream) {
      this.#responseOf(frame).resetBy = payload.readUInt32BE(0);
    }
  }

  #responseOf({ streamId }: Pick<Frame, "streamId">): Http2Response {
    let response = this.#responses.get(streamId);
    if (response === undefined) {
      response = {
        status: 0,
        fields: [],
        interims: [],
        body: "",
        trailers: [],
        frameBytes: [],
        isEnded: false,
        resetBy: null,
      };
      this.#responses.set(streamId, response);
    }
    return response;
  }

  #takeBlock(response: Http2Response): void {
    const sink = new TextSink();
    this.#decoder.decode(this.#block, 0, this.#block.length, sink);
    const [[name, text] = ["", ""], ...fields] = sink.fields;
    if (name !== ":status") {
      response.trailers = sink.fields;
      return;
    }
    const status = Number(text);
    if (status < 200) {
      response.interims.push(status);
      return;
    }
    response.status = status;
    response.fields = fields;
  }
}
