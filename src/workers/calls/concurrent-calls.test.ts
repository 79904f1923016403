import { describe, expect, test } from "bun:test";
import { CallScene, FRAME_BYTES, workerResponse } from "../../../test/support/call-scene.ts";
import { StreamCall, TestCall } from "../../../test/support/worker-calls.ts";
import type { PoolConfig } from "../../config/app-config.ts";
import { ConcurrentCalls } from "./concurrent-calls.ts";

const READ = { error: null, unsentBytes: 0, isUnread: false };
const UNREAD = { error: null, unsentBytes: 0, isUnread: true };

function open(config: Partial<PoolConfig> = {}): { readonly scene: CallScene; readonly calls: ConcurrentCalls } {
  const scene = new CallScene(config);
  const { context } = scene;
  return { scene, calls: new ConcurrentCalls({ host: scene, context, concurrency: 10, features: ["stream"] }) };
}

function written<Kind extends TestCall>(calls: ConcurrentCalls, ...all: readonly Kind[]): readonly Kind[] {
  for (const call of all) calls.send(call, 0);
  return all;
}

const get = (): TestCall => new TestCall("/");
const post = (): TestCall => new TestCall("/", { method: "POST" });
const states = (all: readonly TestCall[]): readonly string[] => all.map(({ state }) => state);
const kinds = (all: readonly TestCall[]): readonly (string | undefined)[] => all.map(({ ends }) => ends[0]?.kind);

describe("ConcurrentCalls", () => {
  test("takes answers in any order", () => {
    const { scene, calls } = open();
    const all = written(calls, get(), get(), get());
    for (const id of [2, 3, 1]) {
      calls.onResponse(workerResponse(id, `answer ${id}`));
      expect(all[id - 1]!.ends).toEqual([{ kind: "response", status: 200, error: null, body: `answer ${id}` }]);
    }
    expect(scene.said).toEqual(["send 1", "send 2", "send 3", "served 2", "served 3", "served 1"]);
    expect([calls.count, calls.sentCount, scene.clock.timerCount]).toEqual([0, 3, 0]);
  });

  test("says once for each batch whether an answer was in it", () => {
    const { calls } = open();
    written(calls, new StreamCall("/"), get());
    calls.onHead(workerResponse(1));
    expect(calls.onBatchEnd()).toBe(false);
    calls.onBodyEnd(workerResponse(1));
    calls.onResponse(workerResponse(2));
    expect([calls.onBatchEnd(), calls.onBatchEnd()]).toEqual([true, false]);
  });

  test("mixes parts of several responses, each with its own credit", () => {
    const { scene, calls } = open({ streamCreditBytes: 10 });
    const [slow, fast] = written(calls, new StreamCall("/"), new StreamCall("/"));
    slow!.isReading = false;
    for (const id of [1, 2]) calls.onHead(workerResponse(id));
    for (let round = 0; round < 5; round++) calls.onChunk(workerResponse(2, "12345"));
    calls.onChunk(workerResponse(1, "1234567890"));
    expect([slow!.receivedBytes, fast!.receivedBytes]).toEqual([10, 25]);
    expect(scene.said.filter((each) => each.startsWith("credit 1"))).toEqual(["credit 1 10"]);
    expect(() => calls.onChunk(workerResponse(1, "x"))).toThrow("it has 1 bytes more, 0 are allowed");
  });

  test.each([
    ["a response nobody asked for", () => {}, "onResponse", "request 7, which it does not run"],
    ["a second answer", (calls: ConcurrentCalls) => calls.onResponse(workerResponse(1)), "onResponse", "does not run"],
    ["a second head", (calls: ConcurrentCalls) => calls.onHead(workerResponse(1)), "onHead", "it streams the response"],
    ["a response behind a head", (calls: ConcurrentCalls) => calls.onHead(workerResponse(1)), "onResponse", "streams"],
    ["hints behind a head", (calls: ConcurrentCalls) => calls.onHead(workerResponse(1)), "onInterim", "it streams"],
    ["a chunk before its head", () => {}, "onChunk", "it has sent no head"],
    ["an end before its head", () => {}, "onBodyEnd", "it has sent no head"],
  ] as const)("refuses %s", (name, before, method, message) => {
    const { calls } = open();
    written(calls, new StreamCall("/"));
    before(calls);
    const id = name.endsWith("asked for") ? 7 : 1;
    expect(() => calls[method](workerResponse(id))).toThrow(message);
  });

  describe("calling off", () => {
    test("tells the worker, keeps the place, and drops what it answers", () => {
      const { scene, calls } = open();
      const [call] = written(calls, get());
      call!.cancellable!.cancel();
      call!.cancellable!.cancel();
      expect(scene.said).toEqual(["send 1", "cancel 1"]);
      expect([calls.count, calls.isUnwanted]).toEqual([1, true]);
      calls.onInterim(workerResponse(1));
      calls.onResponse(workerResponse(1));
      expect(call!.ends).toEqual([]);
      expect([calls.count, scene.counters.servedCount]).toEqual([0, 0]);
    });

    test("takes an end without a head from then on", () => {
      const { calls } = open();
      const [call] = written(calls, get());
      call!.cancellable!.cancel();
      calls.onBodyEnd(workerResponse(1));
      expect(calls.count).toBe(0);
    });

    test("cancels a response in parts that crosses with it, and one that has begun", () => {
      const { scene, calls } = open();
      const [crossing, begun] = written(calls, new StreamCall("/"), new StreamCall("/"));
      crossing!.cancellable!.cancel();
      calls.onHead(workerResponse(1));
      calls.onHead(workerResponse(2));
      begun!.cancellable!.cancel();
      calls.onChunk(workerResponse(2, "dropped"));
      for (const id of [1, 2]) calls.onBodyEnd(workerResponse(id));
      expect(scene.said.filter((each) => each.startsWith("cancel"))).toEqual(["cancel 1", "cancel 1", "cancel 2"]);
      expect([crossing!.stream, begun!.receivedBytes, begun!.ends]).toEqual([null, 0, []]);
    });
  });

  describe("that take too long", () => {
    const bounds = { requestTimeoutMs: 1_000, cancelGraceMs: 500 };

    test("fail alone, and their worker is given up when it does not heed the cancel", () => {
      const { scene, calls } = open(bounds);
      const [late] = written(calls, get());
      scene.clock.advance(600);
      const [other] = written(calls, get());
      scene.clock.advance(410);
      expect(late!.ends).toEqual([{ kind: "timeout" }]);
      expect(scene.said).toEqual(["send 1", "send 2", "cancel 1"]);
      scene.clock.advance(510);
      expect(scene.said.slice(3)).toContain("give up");
      expect(states([late!, other!])).toEqual(["ended", "running"]);
      expect(calls.isUnwanted).toBe(false);
    });

    test("leave their worker alone when it heeds the cancel", () => {
      const { scene, calls } = open(bounds);
      written(calls, get());
      scene.clock.advance(1_010);
      calls.onBodyEnd(workerResponse(1));
      scene.clock.advance(10_000);
      expect(scene.said).toEqual(["send 1", "cancel 1", "served 1"]);
    });

    test("and were called off before are due at the same time", () => {
      const { scene, calls } = open(bounds);
      const [call] = written(calls, get());
      scene.clock.advance(900);
      call!.cancellable!.cancel();
      scene.clock.advance(590);
      expect(scene.said).toEqual(["send 1", "cancel 1"]);
      scene.clock.advance(30);
      expect(scene.said[2]).toBe("give up");
      expect(call!.ends).toEqual([]);
    });

    test("are not those that stream, but for a silence that is bounded", () => {
      const { scene, calls } = open({ ...bounds, streamIdleTimeoutMs: 300 });
      const [call] = written(calls, new StreamCall("/"));
      calls.onHead(workerResponse(1));
      for (let round = 0; round < 10; round++) {
        scene.clock.advance(290);
        calls.onChunk(workerResponse(1, "x"));
      }
      expect(call!.ends).toEqual([]);
      scene.clock.advance(310);
      expect(call!.ends).toEqual([{ kind: "timeout" }]);
      expect(scene.said.at(-1)).toBe("cancel 1");
      scene.clock.advance(1_010);
      expect(scene.said.at(-1)).toBe("give up");
    });
  });

  describe("of a lost worker", () => {
    test("are all lost when it has read everything", () => {
      const { calls } = open();
      const all = written(calls, get(), post(), get());
      expect(calls.lose(READ, "worker-lost")).toBe(true);
      expect(kinds(all)).toEqual(["worker-lost", "worker-lost", "worker-lost"]);
      expect(calls.count).toBe(0);
    });

    test("are lost as it is said when it was ended by us", () => {
      const { calls } = open();
      const all = written(calls, get(), post());
      calls.lose(null, "timeout");
      expect(kinds(all)).toEqual(["timeout", "timeout"]);
    });

    test.each([
      [0, ["ended", "ended", "ended"]],
      [1, ["ended", "ended", "queued"]],
      [FRAME_BYTES, ["ended", "ended", "queued"]],
      [FRAME_BYTES + 1, ["ended", "queued", "queued"]],
      [3 * FRAME_BYTES, ["queued", "queued", "queued"]],
    ])("run elsewhere as far as the last %p bytes were not sent", (unsentBytes, expected) => {
      const { calls } = open();
      const all = written(calls, post(), post(), post());
      calls.lose({ ...READ, unsentBytes }, "worker-lost");
      expect(states(all)).toEqual(expected);
    });

    test("run elsewhere when they are the last that was sent and something was left unread", () => {
      const { calls } = open();
      const all = written(calls, post(), post());
      calls.lose(UNREAD, "worker-lost");
      expect(states(all)).toEqual(["ended", "queued"]);
    });

    test("may have been read when something else was written behind them", () => {
      const { calls } = open();
      const all = written(calls, post(), post());
      all[0]!.cancellable!.cancel();
      calls.lose(UNREAD, "worker-lost");
      expect(kinds(all)).toEqual([undefined, "worker-lost"]);
    });

    test("run elsewhere if that does no harm and nothing has come back since it was idle", () => {
      const first = open().calls;
      const unanswered = written(first, get(), get(), post(), get());
      first.lose(UNREAD, "worker-lost");
      expect(states(unanswered)).toEqual(["queued", "queued", "ended", "queued"]);

      const second = open().calls;
      const answered = written(second, get(), get(), get());
      second.onResponse(workerResponse(1));
      second.lose(UNREAD, "worker-lost");
      expect(states(answered)).toEqual(["ended", "ended", "queued"]);
    });

    test("have begun once a part of their answer is here, and are tried three times at most", () => {
      const { calls } = open();
      const [answering, tried] = written(calls, get(), get());
      calls.onInterim(workerResponse(1));
      tried!.attemptCount = 3;
      calls.lose({ ...UNREAD, unsentBytes: 1 }, "worker-lost");
      expect(kinds([answering!, tried!])).toEqual(["worker-lost", "worker-lost"]);
    });
  });
});
