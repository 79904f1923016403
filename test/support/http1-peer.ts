import type { HttpPeer, PeerAnswer, PeerExchange, PeerRequest } from "./http-peer.ts";
import type { RawClient } from "./raw-client.ts";

const AUTHORITY = "a.example";
const NOTHING: PeerAnswer = { status: 0, fields: new Map(), interims: [], body: "", trailers: [], end: "awaited" };

/** A client of HTTP/1.1 with a connection for each request. */
export class Http1Peer implements HttpPeer {
  readonly authority: string = AUTHORITY;
  readonly #connect: () => Promise<RawClient>;
  readonly #clients: RawClient[] = [];

  constructor(connect: () => Promise<RawClient>) {
    this.#connect = connect;
  }

  async ask({ method = "GET", target = "/", fields = [], content }: PeerRequest = {}): Promise<PeerExchange> {
    const client = await this.#connect();
    this.#clients.push(client);
    const framing =
      content === undefined
        ? []
        : typeof content === "string"
          ? [["Content-Length", String(content.length)] as const]
          : [["Transfer-Encoding", "chunked"] as const];
    const lines = [["Host", AUTHORITY] as const, ...fields, ...framing].map(([name, value]) => `${name}: ${value}\r\n`);
    client.send(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${typeof content === "string" ? content : ""}`);
    return new Http1Exchange(client, method === "HEAD");
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client[Symbol.dispose]();
  }
}

class Http1Exchange implements PeerExchange {
  readonly #client: RawClient;
  readonly #isHead: boolean;

  constructor(client: RawClient, isHead: boolean) {
    this.#client = client;
    this.#isHead = isHead;
  }

  get answer(): PeerAnswer {
    const { received, isEnded } = this.#client;
    const answer = readAnswer(received, this.#isHead, isEnded);
    return answer.end === "awaited" && isEnded ? { ...answer, end: "cut" } : answer;
  }

  send(content: string): void {
    this.#client.send(`${content.length.toString(16)}\r\n${content}\r\n`);
  }

  end(trailers: readonly (readonly [string, string])[] = []): void {
    this.#client.send(`0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  }

  pause(): void {
    this.#client.pause();
  }

  leave(): void {
    this.#client.reset();
  }
}

/** Reads what has come of the one answer on a connection. */
function readAnswer(text: string, isHead: boolean, isEnded: boolean): PeerAnswer {
  const interims: number[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf("\r\n\r\n", at);
    if (end === -1) return { ...NOTHING, interims };
    const [statusLine = "", ...lines] = text.slice(at, end).split("\r\n");
    const status = Number(statusLine.split(" ")[1]);
    at = end + 4;
    if (status < 200) {
      interims.push(status);
      continue;
    }
    const fields = new Map<string, string[]>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      fields.set(name, [...(fields.get(name) ?? []), line.slice(colon + 1).trim()]);
    }
    const hasNone = isHead || status === 204 || status === 304;
    return { status, fields, interims, ...(hasNone ? readNothing() : readContent(text.slice(at), fields, isEnded)) };
  }
}

type Content = Pick<PeerAnswer, "body" | "trailers" | "end">;

function readNothing(): Content {
  return { body: "", trailers: [], end: "complete" };
}

/** RFC 9112 §6.3. */
function readContent(text: string, fields: ReadonlyMap<string, readonly string[]>, isEnded: boolean): Content {
  if (fields.has("transfer-encoding")) return readChunks(text);
  const length = fields.get("content-length")?.[0];
  if (length === undefined) return { body: text, trailers: [], end: isEnded ? "complete" : "awaited" };
  return { body: text, trailers: [], end: text.length === Number(length) ? "complete" : "awaited" };
}

function readChunks(text: string): Content {
  let body = "";
  for (let at = 0; ;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return { body, trailers: [], end: "awaited" };
    const length = Number.parseInt(text.slice(at, lineEnd), 16);
    if (length === 0) {
      const trailers = text
        .slice(lineEnd + 2, -4)
        .split("\r\n")
        .filter((line) => line !== "");
      const end = text.endsWith("\r\n\r\n") ? "complete" : "awaited";
      return { body, trailers: trailers.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())), end };
    }
    body += text.slice(lineEnd + 2, lineEnd + 2 + length);
    at = lineEnd + 2 + length + 2;
    if (at > text.length) return { body, trailers: [], end: "awaited" };
  }
}
