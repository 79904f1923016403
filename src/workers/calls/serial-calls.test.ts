import { describe, expect, test } from "bun:test";
import { CallScene, workerResponse } from "../../../test/support/call-scene.ts";
import { StreamCall, TestCall } from "../../../test/support/worker-calls.ts";
import type { PoolConfig } from "../../config/app-config.ts";
import { SerialCalls } from "./serial-calls.ts";

const READ = { error: null, unsentBytes: 0, isUnread: false };

function open(config: Partial<PoolConfig> = {}): { readonly scene: CallScene; readonly calls: SerialCalls } {
  const scene = new CallScene({ requestTimeoutMs: 1_000, ...config });
  return { scene, calls: new SerialCalls(scene, scene.context) };
}

describe("SerialCalls", () => {
  test("takes answers in order, and gives each request the whole timeout from the answer before it", () => {
    const { scene, calls } = open();
    const all = [new TestCall("/"), new TestCall("/")];
    for (const call of all) calls.send(call, 0);
    expect(() => calls.onResponse(workerResponse(2))).toThrow("it answers request 2 while it runs request 1");
    scene.clock.advance(900);
    calls.onResponse(workerResponse(1));
    expect(calls.onBatchEnd()).toBe(true);
    scene.clock.advance(900);
    expect(scene.said).toEqual(["send 1", "send 2", "served 1"]);
    scene.clock.advance(110);
    expect(scene.said.at(-1)).toBe("terminate request-timeout");
    expect(all.map(({ ends }) => ends.length)).toEqual([1, 0]);
  });

  test("has what was written behind a response in parts run elsewhere", () => {
    const { scene, calls } = open();
    const [stream, ...behind] = [new StreamCall("/"), new TestCall("/"), new TestCall("/")] as const;
    for (const call of [stream, ...behind]) calls.send(call, 0);
    calls.onHead(workerResponse(1));
    expect(scene.said.slice(3)).toEqual(["taken back 2", "credit 1 65536"]);
    expect(behind.map(({ state }) => state)).toEqual(["queued", "queued"]);
    expect([calls.count, calls.isStreaming]).toEqual([1, true]);
    calls.onBodyEnd(workerResponse(1));
    expect([calls.isStreaming, stream.ends.length, calls.onBatchEnd(), calls.onBatchEnd()]).toEqual([
      false,
      1,
      true,
      false,
    ]);
  });

  test("sets no deadline to a response that goes on, and one to a worker that does not heed a cancel", () => {
    const { scene, calls } = open();
    const call = new StreamCall("/");
    calls.send(call, 0);
    calls.onHead(workerResponse(1));
    scene.clock.advance(60_000);
    expect(scene.said.at(-1)).toBe("credit 1 65536");
    call.cancellable!.cancel();
    scene.clock.advance(1_010);
    expect(scene.said.slice(-2)).toEqual(["cancel 1", "terminate request-timeout"]);
  });

  test("has lost the one that ran when the worker is lost, and gives back the others", () => {
    const { scene, calls } = open();
    const all = [new TestCall("/"), new TestCall("/")] as const;
    for (const call of all) calls.send(call, 0);
    expect(calls.lose(READ, "worker-lost")).toBe(true);
    expect([all[0].ends[0]?.kind, all[1].state]).toEqual(["worker-lost", "queued"]);
    expect(calls.lose(READ, "worker-lost")).toBe(false);
    scene.clock.advance(10_000);
    expect(scene.said).toEqual(["send 1", "send 2"]);
  });
});
