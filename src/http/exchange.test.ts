import { describe, expect, test } from "bun:test";
import { buildFieldBlock } from "../../test/support/build-field-block.ts";
import { buildRequestHead } from "../../test/support/build-request-head.ts";
import { RecordingWriter } from "../../test/support/recording-writer.ts";
import { Exchange } from "./exchange.ts";
import type { OutgoingHead, OutgoingResponse } from "./response-writer.ts";

const HEAD = buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority: "a", fields: [] });
const BYTES = Buffer.from("content");

function open(asked = HEAD): {
  readonly exchange: Exchange;
  readonly writer: RecordingWriter;
  readonly heard: string[];
} {
  const writer = new RecordingWriter();
  const exchange = new Exchange(asked, Buffer.from("192.0.2.1:1"), "http", writer);
  const heard: string[] = [];
  exchange.handler = {
    onRequest: () => void heard.push("request"),
    onClientEnd: () => "answer",
    onAbandoned: () => void heard.push("abandoned"),
  };
  return { exchange, writer, heard };
}

function head(fields: readonly (readonly [string, string])[] = []): OutgoingHead {
  return { status: 200, fields: buildFieldBlock(fields) };
}

const WHOLE: OutgoingResponse = { ...head(), bodyBytes: BYTES, bodyStart: 0, bodyEnd: 7 };

describe("Exchange", () => {
  test("is answered once, whatever is said later", () => {
    const { exchange, writer, heard } = open();
    exchange.respond(WHOLE);
    exchange.respond(WHOLE);
    exchange.refuse(500);
    exchange.interim(head());
    expect(exchange.begin(head(), () => {})).toBeNull();
    exchange.abandon();
    expect(writer.said).toEqual(["response 200 content"]);
    expect(heard).toEqual([]);
  });

  test("sends a body in parts with the length that its head announces", () => {
    const { exchange, writer } = open();
    exchange.interim({ ...head([["Link", "a"]]), status: 103 });
    const body = exchange.begin(head([["Content-Length", "7"]]), () => {});
    exchange.interim(head());
    body?.write(BYTES, 0, 3);
    expect(exchange.isEnded).toBe(false);
    body?.write(BYTES, 3, 7);
    expect(body?.end()).toBe(true);
    expect(exchange.isEnded).toBe(true);
    expect(writer.said).toEqual(["interim 103 of 1 fields", "head 200, length 7", "chunk con", "chunk tent", "end"]);
  });

  test("has 16 interim responses at most", () => {
    const { exchange, writer } = open();
    for (let each = 0; each < 20; each++) exchange.interim({ ...head(), status: 103 });
    expect(writer.said).toHaveLength(16);
  });

  test.each([
    [200, "refusal 501"],
    [299, "refusal 501"],
    [300, "response 300 content"],
  ])("that asks for a tunnel takes no %i for a yes: %s", (status, said) => {
    const asking = HEAD.clone(0, HEAD.bytes.length);
    [asking.protocolStart, asking.protocolEnd] = [asking.pathStart, asking.pathEnd];
    const whole = open(asking);
    whole.exchange.respond({ ...WHOLE, status });
    expect(whole.writer.said).toEqual([said]);
    const inParts = open(asking);
    const body = inParts.exchange.begin({ ...head(), status }, () => {});
    expect(inParts.writer.said).toEqual([status < 300 ? said : `head ${status}, length -1`]);
    expect([body === null, inParts.exchange.isEnded]).toEqual(status < 300 ? [true, true] : [false, false]);
  });

  test("is complete with its head where no content follows", () => {
    const { exchange, writer, heard } = open();
    writer.hasContent = false;
    expect(exchange.begin(head(), () => {})).toBeNull();
    expect(exchange.isEnded).toBe(true);
    exchange.abandon();
    expect(heard).toEqual([]);
  });

  test("tells its handler once that the client left in the middle of a body, and drops the rest", () => {
    const { exchange, writer, heard } = open();
    const body = exchange.begin(head(), () => {});
    exchange.abandon();
    exchange.abandon();
    body?.end();
    expect(writer.said).toEqual(["head 200, length -1"]);
    expect(heard).toEqual(["abandoned"]);
  });
});
