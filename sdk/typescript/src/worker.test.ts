import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { AsyncLocalStorage } from "node:async_hooks";

import { StubEngine } from "../../../test/support/stub-engine.ts";
import { until } from "../../../test/support/until.ts";
import type { App } from "./app.ts";
import { noteLength } from "./body-length.ts";
import type { Context } from "./context.ts";
import { textOf, type WireMap } from "./msgpack-reader.ts";
import { Worker } from "./worker.ts";

const STREAM_BYTES = 2_500;

const ENTERED = new AsyncLocalStorage<string>();

/** Answers by path, and keeps what it was told. */
class ProbeApp implements App {
  readonly concurrency = 3;
  readonly seen: string[] = [];
  /** Adds a trailer to a response that has been sent. */
  late: () => void = () => {};
  readonly #waiting = new Map<string, () => void>();

  async fetch(request: Request, context: Context): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.seen.push(pathname);
    if (pathname.startsWith("/fail")) throw new Error(pathname);
    if (pathname.startsWith("/enter")) {
      this.seen.push(`found ${ENTERED.getStore()}`);
      ENTERED.enterWith(pathname);
      await Promise.resolve();
      this.seen.push(`has ${ENTERED.getStore()}`);
    }
    request.signal.addEventListener("abort", () => this.seen.push(`${pathname} aborted`));
    if (pathname === "/wait") await new Promise<void>((resolve) => this.#waiting.set(pathname, resolve));
    if (pathname === "/stream") return new Response(this.#streamOf(STREAM_BYTES));
    if (pathname.startsWith("/noted/")) {
      const response = new Response(this.#streamOf(STREAM_BYTES));
      noteLength(response, new Uint8Array(Number(pathname.slice("/noted/".length))));
      return response;
    }
    if (pathname === "/large") return new Response("x".repeat(5_000));
    if (pathname === "/blob") return new Response(new Blob(["a"], { type: "text/x" }));
    if (pathname === "/form") return new Response(new URLSearchParams({ a: "b" }));
    if (pathname === "/hints") context.earlyHints({ link: "</a.css>; rel=preload" });
    if (pathname === "/trailers") {
      context.trailer("X-Rows", "1");
      context.trailer("x-rows", "2");
      for (const name of ["Content-Length", "set-cookie", "If-Match", "bad name"]) {
        expect(() => context.trailer(name, "1")).toThrow(TypeError);
      }
      this.late = () => context.trailer("X-Late", "1");
    }
    if (pathname === "/odd") return new Response(oddStream());
    return new Response(pathname);
  }

  error({ message }: Error): Response {
    if (message === "/fail/badly") throw new Error("the handler fails, too");
    return new Response(message, { status: 418 });
  }

  go(path: string): void {
    this.#waiting.get(path)?.();
  }

  stop(): void {
    this.seen.push("stop");
  }

  #streamOf(byteCount: number): ReadableStream<Uint8Array> {
    let left = byteCount;
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(100));
        left -= 100;
        if (left === 0) controller.close();
      },
      cancel: () => void this.seen.push("cancelled"),
    });
  }
}

/** One that holds what no body may. */
function oddStream(): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(7);
      controller.close();
    },
  });
}

function typeOf({ type }: WireMap): string {
  return typeof type === "string" ? type : "response";
}

describe("Worker", () => {
  let engine: StubEngine;
  let app: ProbeApp;
  let running: Promise<void>;

  beforeEach(async () => {
    process.env["VILYA_WORKER_LEVEL"] = "2";
    engine = await StubEngine.start();
    app = new ProbeApp();
    running = new Worker({ app, socketPath: engine.path, sdk: "test/1" }).run();
  });

  afterEach(async () => {
    engine.drop();
    await running;
    await engine[Symbol.asyncDispose]();
    delete process.env["VILYA_WORKER_LEVEL"];
  });

  function about(id: number): readonly string[] {
    return engine.frames.filter((frame) => frame["id"] === id).map(typeOf);
  }

  test("says what it is and can, in one write with its OK", async () => {
    expect(await engine.welcome()).toMatchObject({ level: 2, sdk: "test/1", concurrency: 3 });
    expect(engine.frames[0]!["features"]).toContain("stream");
  });

  test("answers in any order where it runs several at a time", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/wait"), engine.request(2, "/second"));
    await engine.next(({ id }) => id === 2);
    app.go("/wait");
    const first = await engine.next(({ id }) => id === 1);
    expect([first["status"], textOf(first, "body")]).toEqual([200, "/wait"]);
  });

  test("has the app answer its own errors, and tells of the first where that fails as well", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/fail/well"), engine.request(2, "/fail/badly"));
    const [answered, failed] = [await engine.next(({ id }) => id === 1), await engine.next(({ id }) => id === 2)];
    expect([answered["status"], textOf(answered, "body")]).toEqual([418, "/fail/well"]);
    expect(textOf(failed, "error")).toContain("/fail/badly");
  });

  test("says how long a body will be, and holds to it", async () => {
    await engine.welcome({ concurrency: 3 });
    for (const [id, byteLength] of [2_500, 2_000, 3_000].entries()) {
      engine.send(engine.request(id + 1, `/noted/${byteLength}`));
      const head = await engine.next((frame) => frame["type"] === "head" && frame["id"] === id + 1);
      expect(head["headers"]).toMatchObject({ "Content-Length": String(byteLength) });
      engine.send({ type: "credit", id: id + 1, bytes: 10_000 });
      const end = await engine.next((frame) => frame["type"] === "end" && frame["id"] === id + 1);
      const sent = engine.frames.filter((frame) => frame["id"] === id + 1 && frame["type"] === "chunk");
      const byteCount = sent.reduce((sum, { body }) => sum + (body as Uint8Array).length, 0);
      expect([byteCount, textOf(end, "error")]).toEqual([
        Math.min(STREAM_BYTES, byteLength),
        byteLength > STREAM_BYTES ? "Cannot send a body: it has ended 500 bytes early" : "",
      ]);
    }
  });

  test.each([1, 3])(
    "keeps what a request enters of an AsyncLocalStorage from the next, %p at a time",
    async (concurrency) => {
      await engine.welcome({ concurrency });
      engine.send(engine.request(1, "/enter/1"), engine.request(2, "/enter/2"));
      await engine.next(({ id }) => id === 2);
      expect(app.seen.filter((seen) => !seen.startsWith("/")).toSorted()).toEqual([
        "found undefined",
        "found undefined",
        "has /enter/1",
        "has /enter/2",
      ]);
    },
  );

  test("sends trailers with the end of a body, which goes in parts then, and refuses those that may not be or are late", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/trailers"));
    expect(await engine.next(({ type }) => type === "head")).toMatchObject({ id: 1, status: 200 });
    engine.send({ type: "credit", id: 1, bytes: 100 });
    const end = await engine.next(({ type }) => type === "end");
    expect(about(1)).toEqual(["head", "chunk", "end"]);
    expect(end["trailers"]).toEqual({ "X-Rows": "1, 2" });
    expect(() => app.late()).toThrow("Cannot send the trailer X-Late: the response has ended");
  });

  test("answers one after the other where the engine wants it, and drops what came behind a response in parts", async () => {
    await engine.welcome({ concurrency: 1 });
    engine.send(engine.request(1, "/wait"), engine.request(2, "/second"));
    await until("the first one", () => app.seen.includes("/wait"));
    expect(app.seen).not.toContain("/second");
    app.go("/wait");
    await engine.next(({ id }) => id === 2);
    engine.send(engine.request(3, "/stream"), engine.request(4, "/void"));
    await engine.next((frame) => frame["id"] === 3 && frame["type"] === "head");
    engine.send({ type: "credit", id: 3, bytes: 10_000 });
    await engine.next((frame) => frame["id"] === 3 && frame["type"] === "end");
    engine.send(engine.request(5, "/fifth"));
    await engine.next(({ id }) => id === 5);
    expect([app.seen.includes("/void"), about(4)]).toEqual([false, []]);
  });

  test("sends a body in parts as far as it has credit, and its end behind the first word of the engine alone", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/stream"));
    await engine.next(({ type }) => type === "head");
    const sent = (): number =>
      engine.frames.reduce((sum, { type, body }) => sum + (type === "chunk" ? (body as Uint8Array).length : 0), 0);
    expect(sent()).toBe(0);
    engine.send({ type: "credit", id: 1, bytes: 1_050 });
    await until("what there is credit for", () => sent() === 1_050);
    engine.send({ type: "credit", id: 1, bytes: 5_000 });
    await engine.next(({ type }) => type === "end");
    expect(sent()).toBe(STREAM_BYTES);
  });

  test("gives a body up when the engine calls it off, and says so at once", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/stream"));
    await engine.next(({ type }) => type === "head");
    engine.send({ type: "cancel", id: 1 });
    await engine.next(({ type }) => type === "end");
    expect(app.seen).toEqual(["/stream", "/stream aborted", "cancelled"]);
    engine.send(engine.request(2, "/wait"));
    await until("the second one", () => app.seen.includes("/wait"));
    engine.send({ type: "cancel", id: 2 });
    await until("its end", () => app.seen.includes("/wait aborted"));
    app.go("/wait");
    await engine.next((frame) => frame["id"] === 2 && frame["type"] === "end");
  });

  test("sends in parts what is too large for a frame, with its length", async () => {
    await engine.welcome({ concurrency: 3, frame_bytes_max: 2_000 });
    engine.send(engine.request(1, "/large"));
    expect(await engine.next(({ type }) => type === "head")).toMatchObject({ headers: { "Content-Length": "5000" } });
    engine.send({ type: "credit", id: 1, bytes: 5_000 });
    await engine.next(({ type }) => type === "end");
  });

  test("tells the type of a body that has one", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/blob"), engine.request(2, "/form"));
    const types = [1, 2].map(async (id) => {
      const { headers } = await engine.next((frame) => frame["id"] === id);
      return textOf(headers as WireMap, "Content-Type");
    });
    expect(await Promise.all(types)).toEqual(["text/x", "application/x-www-form-urlencoded;charset=UTF-8"]);
  });

  test("sends early hints before the response", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/hints"));
    await until("the response", () => about(1).includes("response"));
    expect(about(1)).toEqual(["interim", "response"]);
  });

  test("cuts a body that holds what no body may, and tells the engine why", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send(engine.request(1, "/odd"));
    const answer = await engine.next(({ id, error }) => id === 1 && error !== undefined);
    expect(textOf(answer, "error")).toContain("Cannot send a part of a body: it is of type number");
  });

  test("answers pings, and skips what it does not know", async () => {
    await engine.welcome({ concurrency: 3 });
    engine.send({ type: "later", id: 9 }, { type: "later" }, { type: "ping", n: 5 });
    expect(await engine.next(({ type }) => type === "pong")).toMatchObject({ n: 5 });
  });

  test("runs its stop hook when it is asked to leave, and closes", async () => {
    await engine.welcome();
    engine.send({ type: "stop", grace_ms: 1_000 });
    await running;
    await until("the end of its connection", () => engine.hasClosed);
    expect(app.seen).toEqual(["stop"]);
  });
});

test("a worker that finds no engine says so", async () => {
  const worker = new Worker({ app: new ProbeApp(), socketPath: "/nowhere/worker.sock", sdk: "test/1" });
  await expect(worker.run()).rejects.toThrow("ENOENT");
});
