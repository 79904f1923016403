import { frame, readFrames, type ServerFrame } from "./websocket-frames.ts";
import type { RawClient } from "./raw-client.ts";

/** What a browser sends, with the key of RFC 6455 §1.3. */
export function openingHandshake(fields: Readonly<Record<string, string>> = {}, target = "/socket"): string {
  const all = {
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...fields,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

const HEAD_END = "\r\n\r\n";

/** A WebSocket on a raw client: sends any frames it is told, and reads back what a server says in words. Dispose of it. */
export class WebSocketClient implements Disposable {
  readonly raw: RawClient;

  constructor(raw: RawClient) {
    this.raw = raw;
  }

  /** Takes over `raw`, sends the opening handshake, and waits for its answer. @throws when that is not 101. */
  static async open(
    raw: RawClient,
    fields: Readonly<Record<string, string>> = {},
    target = "/socket",
  ): Promise<WebSocketClient> {
    const client = new WebSocketClient(raw);
    raw.send(openingHandshake(fields, target));
    await raw.untilReceived(HEAD_END);
    if (!raw.received.startsWith("HTTP/1.1 101 ")) throw new Error(`Cannot open a WebSocket: ${raw.received}`);
    return client;
  }

  /** The head of the answer to the handshake. */
  get head(): string {
    return this.raw.received.slice(0, this.raw.received.indexOf(HEAD_END));
  }

  /** The frames received, whole ones only. */
  get frames(): readonly ServerFrame[] {
    const { received } = this.raw;
    return readFrames(Buffer.from(received.slice(received.indexOf(HEAD_END) + HEAD_END.length), "latin1")).frames;
  }

  /** The frames in words: `text Hello`, `close 1000 bye`, `ping`. */
  get events(): readonly string[] {
    return this.frames.map(describeFrame);
  }

  sendText(payload: string): void {
    this.raw.send(frame({ opcode: 1, payload }));
  }

  send(bytes: Uint8Array): void {
    this.raw.send(bytes);
  }

  /** Waits until at least `count` frames have arrived; returns them in words. */
  async until(count: number): Promise<readonly string[]> {
    await this.raw.until(`${count} frames`, () => this.frames.length >= count);
    return this.events;
  }

  /** Waits until the server has closed; returns all frames in words. */
  async untilEnd(): Promise<readonly string[]> {
    await this.raw.untilEnd();
    return this.events;
  }

  [Symbol.dispose](): void {
    this.raw[Symbol.dispose]();
  }
}

const NAMES: Readonly<Record<number, string>> = { 0: "continuation", 1: "text", 2: "binary", 9: "ping", 10: "pong" };

function describeFrame({ opcode, payload }: ServerFrame): string {
  if (opcode !== 8) return `${NAMES[opcode]} ${payload.toString("latin1")}`.trimEnd();
  return payload.length === 0 ? "close" : `close ${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`.trimEnd();
}
