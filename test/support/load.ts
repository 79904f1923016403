import { FRAME_TYPE } from "../../src/protocols/http2/frame.ts";
import { Http2Client } from "./http2-client.ts";
import { RawClient } from "./raw-client.ts";
import { untilRead } from "./until-read.ts";

/** What has become of the requests of some clients. */
export interface Tally {
  served: number;
  /** What came instead of a whole answer, one text for each request that got none. */
  readonly lost: string[];
}

/** How a client uses its connections: it keeps one for as long as the server does, takes a new one for each request, or speaks HTTP/2. */
export type LoadKind = "keep-alive" | "one each" | "HTTP/2";

const REQUEST = "GET /other HTTP/1.1\r\nHost: a\r\n";
const ANSWER = /^HTTP\/1\.1 200 [^]*served \d+$/;

/** Whether an answer of any status is complete. */
function isWhole(received: string): boolean {
  const headEnd = received.indexOf("\r\n\r\n");
  const [, length] = /\r\nContent-Length: (\d+)\r\n/.exec(received) ?? [];
  return headEnd !== -1 && length !== undefined && received.length >= headEnd + 4 + Number(length);
}

/**
 * Well-behaved clients of a server whose workers do what the path says (`phpApp`), each with one request at a time. They go on until `stop`,
 * whatever happens.
 */
export class Load {
  readonly tally: Tally = { served: 0, lost: [] };
  readonly #port: number;
  readonly #clients: Promise<unknown>;
  #isOn = true;

  constructor(port: number, kinds: readonly LoadKind[]) {
    this.#port = port;
    this.#clients = Promise.all(kinds.map((kind) => this.#run(kind)));
  }

  /** Lets the requests under way come to their end. */
  async stop(): Promise<Tally> {
    this.#isOn = false;
    await this.#clients;
    return this.tally;
  }

  async #run(kind: LoadKind): Promise<void> {
    while (this.#isOn) {
      try {
        await (kind === "HTTP/2" ? this.#useHttp2() : this.#useHttp1(kind === "keep-alive"));
      } catch (error) {
        this.tally.lost.push(String(error));
      }
    }
  }

  /** One connection to its end. */
  async #useHttp1(isKept: boolean): Promise<void> {
    using client = await RawClient.connect(this.#port);
    do {
      client.received = "";
      client.send(`${REQUEST}${isKept ? "" : "Connection: close\r\n"}\r\n`);
      await client.until("an answer", ({ received, isEnded }) => isEnded || isWhole(received));
      this.#count(ANSWER.test(client.received), client.received);
      await untilRead();
    } while (this.#isOn && isKept && !client.isEnded && !client.received.includes("Connection: close"));
  }

  async #useHttp2(): Promise<void> {
    using client = await Http2Client.connect(this.#port);
    let isLeaving = false;
    do {
      const stream = client.request("/other");
      // Of a connection that was cut nothing more comes.
      await client.until("an answer", () => {
        const { isEnded, resetBy } = client.response(stream);
        return isEnded || resetBy !== null || client.raw.isEnded;
      });
      const { status, body, resetBy } = client.response(stream);
      this.#count(status === 200 && body.startsWith("served "), `${status} ${body} ${resetBy}`);
      isLeaving = client.frames.some(({ type }) => type === FRAME_TYPE.goaway);
    } while (this.#isOn && !isLeaving && !client.raw.isEnded);
  }

  #count(isServed: boolean, got: string): void {
    if (isServed) this.tally.served++;
    else this.tally.lost.push(got);
  }
}
