import { describe, expect, test } from "bun:test";

import { SMALL_SERVER } from "../../../test/support/http-server.ts";
import { openConnection } from "../../../test/support/open-connection.ts";
import type { Connection } from "../../kernel/connection.ts";
import { fieldListOf } from "../../protocols/http/field-list.ts";
import { UpstreamCall, type UpstreamCallOptions, type UpstreamListener } from "./upstream-call.ts";

const TIMEOUT_MS = 1_000;

/** A call on a connection that says what a test has it say, and what its listener has heard in words. */
class Scene implements UpstreamListener {
  isRequestSent = true;
  readonly said: string[] = [];
  readonly bench: ReturnType<typeof openConnection> = openConnection();
  readonly call: UpstreamCall;
  #body = "";

  constructor(options: Partial<UpstreamCallOptions> = {}) {
    const { connection } = this.bench;
    this.call = new UpstreamCall(connection, {
      limits: SMALL_SERVER.limits,
      isHead: false,
      asksToSwitch: false,
      isReused: false,
      timeoutMs: TIMEOUT_MS,
      listener: this,
      onReusable: (_, idleMs) => void this.said.push(`reusable for ${idleMs}`),
      ...options,
    });
    connection.handler = this.call;
  }

  /** What was heard once all of `chunks` has come, and perhaps the end of the connection. */
  hear(chunks: readonly Buffer[], hasEnd: boolean): readonly string[] {
    const { connection } = this.bench;
    for (const chunk of chunks) connection.receive(Buffer.from(chunk));
    if (hasEnd) connection.end();
    return this.said;
  }

  onInterim({ status }: { readonly status: number }): void {
    this.said.push(`interim ${status}`);
  }

  onHead({ status }: { readonly status: number }): void {
    this.said.push(`head ${status}`);
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#body += bytes.toString("latin1", start, end);
  }

  onBodyEnd(trailers: Parameters<UpstreamListener["onBodyEnd"]>[0]): void {
    const fields = trailers === null ? [] : fieldListOf(trailers).map(([name, value]) => `, ${name}: ${value}`);
    this.said.push(`body ${this.#body}${fields.join("")}`);
  }

  onSwitched(_: unknown, connection: Connection, early: Buffer): void {
    this.said.push(`switched, ${early.toString("latin1")}`);
    connection.close();
  }

  onFailed(failure: string): void {
    this.said.push(`failed: ${failure}${this.#body === "" ? "" : ` behind ${this.#body}`}`);
  }

  onDrain(): void {
    this.said.push("drain");
  }
}

interface Case {
  readonly bytes: string;
  readonly expected: readonly string[];
  readonly hasEnd?: boolean;
  readonly options?: Partial<UpstreamCallOptions>;
}

const OK = "HTTP/1.1 200 OK\r\n";

const CASES: Readonly<Record<string, Case>> = {
  "of a known length": {
    bytes: `${OK}Content-Length: 5\r\n\r\nhello`,
    expected: ["head 200", "reusable for Infinity", "body hello"],
  },
  "in chunks, with trailers": {
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nX-T: 1\r\n\r\n`,
    expected: ["head 200", "reusable for Infinity", "body hello, X-T: 1"],
  },
  "behind interim ones": {
    bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n`,
    expected: ["interim 100", "interim 103", "head 204", "reusable for Infinity", "body "],
  },
  "to HEAD": {
    bytes: `${OK}Content-Length: 5\r\n\r\n`,
    options: { isHead: true },
    expected: ["head 200", "reusable for Infinity", "body "],
  },
  "that says how long its connection is kept": {
    bytes: `${OK}Keep-Alive: max=9, timeout=5\r\nContent-Length: 0\r\n\r\n`,
    expected: ["head 200", "reusable for 4000", "body "],
  },
  "that is the last one of its connection": {
    bytes: `${OK}Connection: keep-alive, CLOSE\r\nContent-Length: 1\r\n\r\nx`,
    expected: ["head 200", "body x"],
  },
  "of HTTP/1.0": {
    bytes: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    expected: ["head 200", "body x"],
  },
  "that ends with its connection": {
    bytes: `${OK}\r\nall of it`,
    hasEnd: true,
    expected: ["head 200", "body all of it"],
  },
  "that is shorter than announced": {
    bytes: `${OK}Content-Length: 5\r\n\r\nhel`,
    hasEnd: true,
    expected: ["head 200", "failed: closed behind hel"],
  },
  "whose last chunk is missing": {
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n`,
    hasEnd: true,
    expected: ["head 200", "failed: closed behind hel"],
  },
  "that does not come": { bytes: "", hasEnd: true, expected: ["failed: closed"] },
  "that does not come on a connection that had others": {
    bytes: "",
    hasEnd: true,
    options: { isReused: true },
    expected: ["failed: stale"],
  },
  "that has begun on a connection that had others": {
    bytes: "HTTP/1.1 2",
    hasEnd: true,
    options: { isReused: true },
    expected: ["failed: closed"],
  },
  "that was written before the request, on a connection that had others": {
    bytes: "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    options: { isReused: true },
    expected: ["failed: stale"],
  },
  "framed in two ways": {
    bytes: `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
    expected: ["failed: malformed"],
  },
  "with a chunk of no size": {
    bytes: `${OK}Transfer-Encoding: chunked\r\n\r\nx\r\n`,
    expected: ["head 200", "failed: malformed"],
  },
  "that switches unasked": {
    bytes: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    expected: ["failed: malformed"],
  },
};

describe("UpstreamCall", () => {
  test.each(Object.entries(CASES))(
    "hears a response %s, however it is cut",
    (_, { bytes, expected, hasEnd = false, options }) => {
      const whole = Buffer.from(bytes, "latin1");
      for (let cut = 0; cut <= whole.length; cut++) {
        const chunks = [whole.subarray(0, cut), whole.subarray(cut)].filter(({ length }) => length > 0);
        expect(new Scene(options).hear(chunks, hasEnd)).toEqual([...expected]);
      }
      const octets = Array.from(whole, (_octet, at) => whole.subarray(at, at + 1));
      expect(new Scene(options).hear(octets, hasEnd)).toEqual([...expected]);
    },
  );

  test("hands over what has come behind the switch that was asked for", () => {
    const scene = new Scene({ asksToSwitch: true });
    const bytes = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nearly");
    expect(scene.hear([bytes], false)).toEqual(["switched, early"]);
  });

  test.each([
    ["more has come than was announced", `${OK}Content-Length: 1\r\n\r\nxy`, true],
    ["the request is not all sent", `${OK}Content-Length: 1\r\n\r\nx`, false],
  ])("leaves no connection to the next one where %s", (_, bytes, isRequestSent) => {
    const scene = new Scene();
    scene.isRequestSent = isRequestSent;
    expect(scene.hear([Buffer.from(bytes)], false)).toEqual(["head 200", "body x"]);
    expect(scene.bench.connection.isClosed).toBe(true);
  });

  test("waits for a silent upstream as long as it may, and not while the client is the slow one", () => {
    const scene = new Scene();
    const { clock, connection } = scene.bench;
    connection.receive(Buffer.from(`${OK}Content-Length: 9\r\n\r\nx`));
    scene.call.pause();
    clock.advance(10 * TIMEOUT_MS);
    expect(scene.said).toEqual(["head 200"]);
    scene.call.resume();
    clock.advance(TIMEOUT_MS - 50);
    connection.receive(Buffer.from("y"));
    clock.advance(TIMEOUT_MS - 50);
    expect(scene.said).toEqual(["head 200"]);
    clock.advance(100);
    expect(scene.said).toEqual(["head 200", "failed: timeout behind xy"]);
  });

  test("says nothing more once nobody wants it", () => {
    const scene = new Scene();
    scene.call.cancel();
    expect(scene.hear([Buffer.from(`${OK}Content-Length: 1\r\n\r\nx`)], true)).toEqual([]);
  });
});
