import { fetchHttp3 } from "./http3-server.ts";
import type { HttpPeer, PeerAnswer, PeerExchange, PeerRequest } from "./http-peer.ts";

/** The runtime's own client of HTTP/3. */
export class Http3Peer implements HttpPeer {
  readonly authority: string;
  readonly #port: number;
  readonly #exchanges: Http3Exchange[] = [];

  constructor(port: number) {
    this.#port = port;
    this.authority = `127.0.0.1:${port}`;
  }

  async ask(request: PeerRequest = {}): Promise<PeerExchange> {
    const exchange = new Http3Exchange(this.#port, request);
    this.#exchanges.push(exchange);
    return exchange;
  }

  [Symbol.dispose](): void {
    for (const exchange of this.#exchanges) exchange.leave();
  }
}

class Http3Exchange implements PeerExchange {
  #answer: PeerAnswer = { status: 0, fields: new Map(), interims: [], body: "", trailers: [], end: "awaited" };
  readonly #leaving = new AbortController();
  #source: ReadableStreamDefaultController<Uint8Array> | null = null;
  /** Kept: a stream that nobody holds is one that nobody reads any more, which the server would be told. */
  #reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read"> | null = null;
  #isPaused = false;

  constructor(port: number, { method = "GET", target = "/", fields = [], content }: PeerRequest) {
    const body =
      typeof content === "object"
        ? new ReadableStream<Uint8Array>({ start: (source) => void (this.#source = source) })
        : content === undefined
          ? null
          : Buffer.from(content, "latin1");
    const headers = new Headers(fields as [string, string][]);
    void this.#read(fetchHttp3(port, target, { method, headers, body, signal: this.#leaving.signal }));
  }

  get answer(): PeerAnswer {
    return this.#answer;
  }

  send(content: string): void {
    this.#source!.enqueue(Buffer.from(content, "latin1"));
  }

  end(): void {
    this.#source!.close();
  }

  pause(): void {
    this.#isPaused = true;
  }

  leave(): void {
    this.#leaving.abort();
  }

  async #read(answering: Promise<Response>): Promise<void> {
    try {
      const response = await answering;
      const { status, headers } = response;
      const fields = new Map<string, string[]>();
      for (const [name, value] of headers) fields.set(name, [...(fields.get(name) ?? []), value]);
      this.#answer = { ...this.#answer, status, fields };
      this.#reader = response.body?.getReader() ?? null;
      for (let part = await this.#reader?.read(); part?.done === false; part = await this.#reader?.read()) {
        const body = this.#answer.body + Buffer.from(part.value).toString("latin1");
        this.#answer = { ...this.#answer, body };
        if (this.#isPaused) return;
      }
      this.#answer = { ...this.#answer, end: "complete" };
    } catch {
      this.#answer = { ...this.#answer, end: "cut" };
    }
  }
}
