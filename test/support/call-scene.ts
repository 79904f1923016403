import { WorkerResponse } from "../../src/protocols/worker/worker-response.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import type { PoolConfig } from "../../src/config/app-config.ts";
import type { Call } from "../../src/workers/calls/call.ts";
import { CallEnder } from "../../src/workers/calls/call-ender.ts";
import { type PoolCounters, zeroCounters } from "../../src/workers/pool-status.ts";
import { PrefetchGovernor } from "../../src/workers/prefetch.ts";
import { Scheduler } from "../../src/workers/scheduler.ts";
import { TurnClock } from "../../src/workers/watch/turn-clock.ts";
import type { SessionEnd } from "../../src/workers/calls/call-session.ts";
import type { ByteRange } from "../../src/protocols/worker/socket-action.ts";
import type { CallHost, CallLink } from "../../src/workers/calls/worker-calls.ts";
import type { CallContext, LeaveReason } from "../../src/workers/worker-context.ts";
import { FakeClock } from "./fake-clock.ts";
import { RecordingLog } from "./recording-log.ts";
import { POOL } from "./test-pool.ts";

/** Bytes that every frame to the worker counts in a scene. */
export const FRAME_BYTES = 100;

/** What is around the calls of one worker, without a worker: a test says what it answers and sees what it is told. */
export class CallScene implements CallHost {
  readonly id = 9;
  isServing = true;
  /** What was said to the worker and of it, in order: `send 1`, `cancel 1`, `credit 1 65536`, `give up`. */
  readonly said: string[] = [];
  readonly clock: FakeClock = new FakeClock();
  readonly counters: PoolCounters = zeroCounters();
  readonly log: RecordingLog = new RecordingLog();
  readonly context: CallContext;
  readonly link: CallLink;

  constructor(config: Partial<PoolConfig> = {}) {
    const wheel = new TimerWheel(this.clock);
    const clock = new TurnClock(wheel);
    const prefetch = new PrefetchGovernor("off");
    const ender = new CallEnder(this.counters, this.log);
    const ignored = { onAllBusy: () => {}, onQueueEmpty: () => {} };
    const scheduler = new Scheduler({ ...POOL, ...ignored, prefetch, wheel, clock, ender });
    this.context = { config: { ...POOL, ...config }, scheduler, prefetch, wheel, clock, ender };
    this.link = new FakeLink(this.said);
  }

  noteServed({ id }: WorkerResponse): void {
    this.said.push(`served ${id}`);
  }

  noteTakenBack(count: number): void {
    this.said.push(`taken back ${count}`);
  }

  terminate(reason: LeaveReason): void {
    this.said.push(`terminate ${reason}`);
  }

  giveUp(): void {
    this.said.push("give up");
  }

  onLoopBlocked(blockedMs: number): void {
    this.said.push(`blocked ${blockedMs}`);
  }

  onLoopResumed(blockedMs: number): void {
    this.said.push(`resumed ${blockedMs}`);
  }
}

/** A connection that nobody is at the other end of. */
class FakeLink implements CallLink {
  writtenBytes = 0;
  readonly uploads = { isAny: false, awaitsClient: () => false, stop: () => {} };
  readonly #said: string[];

  constructor(said: string[]) {
    this.#said = said;
  }

  send(_call: Call, id: number): void {
    this.#say(`send ${id}`);
  }

  sendCredit(id: number, byteCount: number): void {
    this.#say(`credit ${id} ${byteCount}`);
  }

  sendCancel(id: number): void {
    this.#say(`cancel ${id}`);
  }

  sendPing(n: number): void {
    this.#say(`ping ${n}`);
  }

  sendMessage(id: number, { bytes, start, end }: ByteRange): void {
    this.#say(`message ${id} ${bytes.toString("latin1", start, end)}`);
  }

  sendSocketClose(id: number, { code }: SessionEnd): void {
    this.#say(`close ${id} ${code}`);
  }

  #say(words: string): void {
    this.writtenBytes += FRAME_BYTES;
    this.#said.push(words);
  }
}

/** A response, or a part of one, as the decoder hands it over. */
export function workerResponse(id: number, body: string = ""): WorkerResponse {
  const response = new WorkerResponse();
  response.id = id;
  response.bodyBytes = Buffer.from(body, "latin1");
  response.bodyEnd = response.bodyBytes.length;
  return response;
}
