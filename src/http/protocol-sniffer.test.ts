import { describe, expect, test } from "bun:test";

import { FakeClock } from "../../test/support/fake-clock.ts";
import { FakeTransport } from "../../test/support/fake-transport.ts";
import { RecordingHandler } from "../../test/support/recording-handler.ts";
import { Connection } from "../kernel/connection.ts";
import { unobserved } from "../kernel/monitor.ts";
import { TimerWheel } from "../kernel/timer-wheel.ts";
import { PREFACE } from "../protocols/http2/frame.ts";
import { ProtocolSniffer } from "./protocol-sniffer.ts";

const GET = Buffer.from("GET / HTTP/1.1\r\n");

/** What becomes of a connection: the protocol it turned into, and the bytes that got there. */
function open() {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const opened: [protocol: string, handler: RecordingHandler][] = [];
  const connection = new Connection(transport, { wheel: new TimerWheel(clock), monitor: unobserved, stallMs: 0 });
  const opener = (protocol: string) => (each: Connection) => {
    const handler = new RecordingHandler(each);
    opened.push([protocol, handler]);
    return handler;
  };
  connection.start(
    (each) =>
      new ProtocolSniffer(each, {
        deadlines: { idleMs: 75_000, headMs: 10_000 },
        openHttp1: opener("http1"),
        openHttp2: opener("http2"),
      }),
  );
  const became = (): string =>
    opened.map(([protocol, { received }]) => `${protocol} ${received.toString("latin1")}`).join();
  return { clock, connection, became };
}

describe("ProtocolSniffer", () => {
  test("hands a request of HTTP/1 over with its first chunk, and what follows goes past it", () => {
    const { connection, became } = open();
    connection.receive(GET);
    connection.receive(Buffer.from("Host: a\r\n"));
    expect(became()).toBe("http1 GET / HTTP/1.1\r\nHost: a\r\n");
  });

  test("knows the preface however it is cut, and hands it over whole with what is behind it", () => {
    const bytes = Buffer.concat([PREFACE, Buffer.from("frames")]);
    for (let at = 1; at < bytes.length; at++) {
      const { connection, became } = open();
      connection.receive(Buffer.from(bytes.subarray(0, at)));
      connection.receive(Buffer.from(bytes.subarray(at)));
      expect(became()).toBe(`http2 ${bytes.toString()}`);
    }
  });

  test("takes whatever differs from the preface for HTTP/1, at the first octet that does", () => {
    for (let at = 0; at < PREFACE.length; at++) {
      const bytes = Buffer.from(PREFACE.subarray(0, at + 1));
      bytes[at]! ^= 0x20;
      const { connection, became } = open();
      for (const octet of bytes.subarray(0, -1)) connection.receive(Buffer.from([octet]));
      expect(became()).toBe("");
      connection.receive(Buffer.from(bytes.subarray(-1)));
      expect(became()).toBe(`http1 ${bytes.toString("latin1")}`);
    }
  });

  test("closes a connection that says nothing, or not enough, in time", () => {
    const silent = open();
    silent.clock.advance(74_000);
    expect(silent.connection.isClosed).toBe(false);
    silent.clock.advance(1_100);
    expect(silent.connection.isClosed).toBe(true);
    const slow = open();
    slow.connection.receive(Buffer.from("PRI"));
    slow.clock.advance(9_000);
    slow.connection.receive(Buffer.from(" *"));
    slow.clock.advance(1_100);
    expect([slow.connection.isClosed, slow.became()]).toEqual([true, ""]);
  });

  test("closes a connection that ends before it has said what it speaks", () => {
    const { connection, became } = open();
    connection.receive(Buffer.from("PRI"));
    connection.end();
    expect([connection.isClosed, became()]).toEqual([true, ""]);
  });
});
