import { SETTING } from "../../src/protocols/http2/settings.ts";
import type { Http2Client } from "./http2-client.ts";
import { content as contentFrame, headers, reset, windowUpdate } from "./http2-frames.ts";
import type { HttpPeer, PeerAnswer, PeerExchange, PeerRequest } from "./http-peer.ts";

const AUTHORITY = "a.example";
/** Windows so wide that it is the socket which is full when a client does not read. */
const WINDOW_BYTES = 2 ** 30;

/** A client of HTTP/2 with a stream for each request. */
export class Http2Peer implements HttpPeer {
  /** What it sends before any request. */
  static readonly settings: readonly (readonly [number, number])[] = [[SETTING.initialWindowSize, WINDOW_BYTES]];
  readonly authority: string = AUTHORITY;
  readonly #client: Http2Client;
  readonly #scheme: string;

  constructor(client: Http2Client, scheme: "http" | "https") {
    this.#client = client;
    this.#scheme = scheme;
    client.send(windowUpdate(0, WINDOW_BYTES));
  }

  async ask({ method = "GET", target = "/", fields = [], content }: PeerRequest = {}): Promise<PeerExchange> {
    const client = this.#client;
    const streamId = client.nextStreamId();
    const block = [
      [":method", method],
      [":scheme", this.#scheme],
      [":path", target],
      [":authority", AUTHORITY],
      ...fields.map(([name, value]) => [name.toLowerCase(), value] as const),
      ...(typeof content === "string" ? [["content-length", String(content.length)] as const] : []),
    ] as const;
    client.send(headers(streamId, block, content === undefined));
    if (typeof content === "string") sendContent(client, streamId, content, true);
    return new Http2Exchange(client, streamId);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}

class Http2Exchange implements PeerExchange {
  readonly #client: Http2Client;
  readonly #streamId: number;

  constructor(client: Http2Client, streamId: number) {
    this.#client = client;
    this.#streamId = streamId;
  }

  get answer(): PeerAnswer {
    const { status, fields, interims, body, trailers: lines, isEnded, resetBy } = this.#client.response(this.#streamId);
    const byName = new Map<string, string[]>();
    for (const [name, value] of fields) byName.set(name, [...(byName.get(name) ?? []), value]);
    const isCut = !isEnded && (resetBy !== null || this.#client.raw.isEnded);
    const trailers = lines.map(([name, value]) => `${name}: ${value}`);
    return { status, fields: byName, interims, body, trailers, end: isEnded ? "complete" : isCut ? "cut" : "awaited" };
  }

  send(content: string): void {
    sendContent(this.#client, this.#streamId, content, false);
  }

  end(trailers: readonly (readonly [string, string])[] = []): void {
    if (trailers.length === 0) sendContent(this.#client, this.#streamId, "", true);
    else this.#client.send(headers(this.#streamId, trailers));
  }

  pause(): void {
    this.#client.raw.pause();
  }

  leave(): void {
    this.#client.send(reset(this.#streamId));
  }
}

function sendContent(client: Http2Client, streamId: number, content: string, isEnd: boolean): void {
  for (let at = 0; at < content.length || at === 0; at += 16_384) {
    const isLast = at + 16_384 >= content.length;
    client.send(contentFrame(streamId, content.slice(at, at + 16_384), isEnd && isLast));
  }
}
