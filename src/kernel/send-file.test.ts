import { describe, expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { fillOutput, openConnection } from "../../test/support/open-connection.ts";
import { RecordingHandler } from "../../test/support/recording-handler.ts";
import { until } from "../../test/support/until.ts";
import type { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import { Listener } from "./listener.ts";
import { unobserved } from "./monitor.ts";
import { expectDrain, sendFile } from "./send-file.ts";
import { TimerWheel } from "./timer-wheel.ts";

const CONTENT = Buffer.from("0123456789".repeat(10_000));

/** An open file with the content. */
class ContentFile implements Disposable {
  readonly #directory = new TemporaryDirectory();
  readonly fd: number = openSync(this.#directory.write("content", CONTENT), "r");

  [Symbol.dispose](): void {
    closeSync(this.fd);
    this.#directory[Symbol.dispose]();
  }
}

/** Calls `use` with the server's end of a real connection; resolves with what the client has received by its end. */
async function receivedFrom(use: (connection: Connection) => void): Promise<Buffer> {
  const options = { wheel: new TimerWheel(), monitor: unobserved, stallMs: 5_000 };
  const listener = new Listener({
    ...options,
    address: { host: "127.0.0.1", port: 0 },
    connectionCountMax: 1,
    accept: (connection) => new RecordingHandler(connection, { onBytes: use }),
  });
  const address = { host: "127.0.0.1", port: listener.port };
  const client = await dial({
    ...options,
    address,
    open: (each) => new RecordingHandler(each, { onEnd: (end) => end.close() }),
  });
  client.write(Buffer.from("go"));
  const handler = client.handler as RecordingHandler;
  await until("the end", () => handler.closeCause !== null);
  listener.stop();
  return handler.received;
}

describe("sendFile", () => {
  test("sends behind what was written before, and before what is written after", async () => {
    using file = new ContentFile();
    let sent = 0;
    const received = await receivedFrom((connection) => {
      connection.write(Buffer.from("before"));
      sent = sendFile(connection, file.fd, 5, 1_000);
      connection.write(Buffer.from("after"));
      connection.closeAfterFlush();
    });
    expect(sent).toBe(1_000);
    expect(received.toString()).toBe(`before${CONTENT.toString("latin1", 5, 1_005)}after`);
  });

  test("counts what it sends, and sends nothing past the file's end", async () => {
    using file = new ContentFile();
    const received = await receivedFrom((connection) => {
      expect(sendFile(connection, file.fd, CONTENT.length - 3, 1_000)).toBe(3);
      expect(connection.sentBytes).toBe(3);
      expect(sendFile(connection, file.fd, CONTENT.length, 1_000)).toBe(0);
      connection.closeAfterFlush();
    });
    expect(received.toString()).toBe("789");
  });

  test("leaves it to others where something waits, the socket has no descriptor, or the connection closes", () => {
    using file = new ContentFile();
    const bench = openConnection();
    expect(sendFile(bench.connection, file.fd, 0, 10)).toBe(0);
    fillOutput(bench, 10);
    expect(sendFile(bench.connection, file.fd, 0, 10)).toBe(0);
    bench.connection.close();
    expect(sendFile(bench.connection, file.fd, 0, 10)).toBe(0);
  });
});

test("expectDrain has the drain told although the high-water mark was not passed", () => {
  const bench = openConnection();
  fillOutput(bench, 100_000);
  expect(bench.connection.isAboveHighWater).toBe(false);
  expectDrain(bench.connection);
  expect(bench.connection.isAboveHighWater).toBe(true);
});
