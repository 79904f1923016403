import { afterEach, beforeEach, expect, test } from "bun:test";

import { StubEngine } from "../../../test/support/stub-engine.ts";
import { until } from "../../../test/support/until.ts";
import type { App } from "./app.ts";
import { Worker } from "./worker.ts";

/** Sends the same bytes twice, with other values in them, and changes them once more. */
const app: App = {
  fetch(request, context): undefined {
    context.upgrade(request);
  },
  websocket: {
    open(socket) {
      const bytes = new Uint8Array(2_000);
      for (const value of [1, 2]) socket.send(bytes.fill(value));
      bytes.fill(3);
    },
  },
};

beforeEach(() => {
  process.env["VILYA_WORKER_LEVEL"] = "2";
});

afterEach(() => {
  delete process.env["VILYA_WORKER_LEVEL"];
});

test("Socket › sends what waits for its client as it was given", async () => {
  await using engine = await StubEngine.start();
  const running = new Worker({ app, socketPath: engine.path, sdk: "test/1" }).run();
  await engine.welcome({ concurrency: 2, stream_credit: 1_000 });
  engine.send(engine.request(1, "/", { websocket: true, socket: "default/1", protocols: [] }));
  engine.send({ type: "credit", id: 1, bytes: 1_000 });
  await engine.next(({ type }) => type === "ws_message");
  engine.send({ type: "credit", id: 1, bytes: 10_000 });
  const messages = await until("both messages", () => {
    const found = engine.frames.filter(({ type }) => type === "ws_message");
    return found.length === 2 && found;
  });
  expect(messages.map(({ data }) => (data as Uint8Array)[0])).toEqual([1, 2]);
  engine.send({ type: "ws_close", id: 1, code: 1000, reason: "" }, { type: "stop" });
  await running;
});
