import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FakeClock } from "../../../test/support/fake-clock.ts";
import { FakeTransport } from "../../../test/support/fake-transport.ts";
import { readFrames, settings } from "../../../test/support/http2-frames.ts";
import { SMALL_SERVER } from "../../../test/support/http-server.ts";
import { RecordingHandler } from "../../../test/support/recording-handler.ts";
import { Connection } from "../../kernel/connection.ts";
import { unobserved } from "../../kernel/monitor.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { fieldBlockOf } from "../../protocols/http/field-list.ts";
import { FRAME_TYPE } from "../../protocols/http2/frame.ts";
import { Http2FloodGuard } from "./http2-flood-guard.ts";
import { Http2Sender } from "./http2-sender.ts";
import { Http2Stream, type StreamOwner } from "./http2-stream.ts";

const MEMORY_BYTES_MAX = 1_000;
const STALL_MS = 5_000;
const BIG_WINDOW = 10_000_000;

/** A sender over a socket that takes as much as it is told, with what it has told its owner. */
class Scene implements Disposable {
  readonly clock: FakeClock = new FakeClock();
  readonly transport: FakeTransport = new FakeTransport();
  readonly connection: Connection;
  readonly sender: Http2Sender;
  readonly sent: number[] = [];
  readonly lost: number[] = [];
  readonly directory: string = mkdtempSync(join(tmpdir(), "vilya-sender-"));

  constructor(directory?: string) {
    const nowMs = (): number => this.clock.nowMs();
    const wheel = new TimerWheel(this.clock);
    this.connection = new Connection(this.transport, { wheel, monitor: unobserved, stallMs: 0 });
    this.connection.start((connection) => new RecordingHandler(connection));
    this.sender = new Http2Sender({
      connection: this.connection,
      guard: new Http2FloodGuard(SMALL_SERVER.http2, nowMs),
      owner: {
        onContentSent: ({ id }) => void this.sent.push(id),
        onContentLost: ({ id }) => void this.lost.push(id),
      },
      stallMs: STALL_MS,
      nowMs,
      memoryBytesMax: MEMORY_BYTES_MAX,
      directory: directory ?? this.directory,
    });
  }

  stream(id: number, sendWindow: number = this.sender.initialWindowBytes): Http2Stream {
    return new Http2Stream(id, null as unknown as StreamOwner, sendWindow);
  }

  /** Sends `count` bytes that depend on stream and place. */
  send(stream: Http2Stream, count: number, isEnd: boolean = true): void {
    this.sender.send(stream, bytesOf(stream.id, count), 0, count, isEnd);
  }

  /** What has left since the last call: stream, length, and whether it ends the stream. */
  left(): string[] {
    this.connection.flush();
    const { frames, byteLength } = readFrames(this.transport.bytes);
    expect(byteLength).toBe(this.transport.bytes.length);
    expect(frames.every(({ type }) => type === FRAME_TYPE.data)).toBe(true);
    this.transport.written.length = 0;
    return frames.map(({ streamId, payload, flags }) => `${streamId}:${payload.length}${flags === 1 ? " end" : ""}`);
  }

  /** All content of a stream that has left since the last `left`. */
  contentOf(streamId: number): Buffer {
    this.connection.flush();
    const { frames } = readFrames(this.transport.bytes);
    return Buffer.concat(frames.filter((frame) => frame.streamId === streamId).map(({ payload }) => payload));
  }

  /** Open files of this scene: they have no name any more, which the system says behind the one they had. */
  get spillFileCount(): number {
    return readdirSync("/proc/self/fd").filter((fd) => targetOf(fd).startsWith(join(this.directory, "vilya-answers-")))
      .length;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // The one that listed the directory.
  }
}

function bytesOf(streamId: number, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, at) => (at * 7 + streamId) & 0xff));
}

/** Opens the connection's window so far that only the streams' windows count. */
function opened(directory?: string): Scene {
  const scene = new Scene(directory);
  scene.sender.enlargeConnectionWindow(BIG_WINDOW);
  return scene;
}

describe("Http2Sender", () => {
  test("sends what fits at once, in frames of 16,384 bytes", () => {
    using scene = opened();
    scene.send(scene.stream(1), 40_000);
    expect(scene.left()).toEqual(["1:16384", "1:16384", "1:7232 end"]);
    expect([scene.sent, scene.sender.waitingBytes]).toEqual([[1], 0]);
  });

  test("ends a stream by its trailers, at once or behind what has waited", () => {
    using scene = opened();
    for (const stream of [scene.stream(1), scene.stream(3, 10)]) {
      stream.trailers = fieldBlockOf([["X-Sum", "1"]]);
      scene.send(stream, 30, false);
      scene.sender.send(stream, Buffer.alloc(0), 0, 0, true);
      scene.sender.enlargeWindow(stream, 20);
      scene.sender.flush();
    }
    scene.connection.flush();
    const { frames } = readFrames(scene.transport.bytes);
    expect(frames.map(({ streamId, type, flags }) => [streamId, type, flags])).toEqual([
      [1, FRAME_TYPE.data, 0],
      [1, FRAME_TYPE.headers, 5],
      [3, FRAME_TYPE.data, 0],
      [3, FRAME_TYPE.data, 0],
      [3, FRAME_TYPE.headers, 5],
    ]);
    expect(scene.sent).toEqual([1, 3]);
  });

  test("never overdraws a stream's window, nor the connection's", () => {
    using scene = new Scene();
    const [first, second] = [scene.stream(1, 100), scene.stream(3, BIG_WINDOW)];
    scene.send(first, 101);
    scene.send(second, 65_536);
    expect(scene.left()).toEqual(["1:100", "3:16384", "3:16384", "3:16384", "3:16283"]);
    scene.sender.enlargeWindow(first, 1);
    scene.sender.flush();
    expect(scene.left()).toEqual([]);
    scene.sender.enlargeConnectionWindow(1);
    scene.sender.flush();
    scene.sender.enlargeConnectionWindow(1_000);
    scene.sender.flush();
    expect(scene.left().toSorted()).toEqual(["1:1 end", "3:1", "3:100 end"].toSorted());
    expect(new Set(scene.sent)).toEqual(new Set([1, 3]));
  });

  test("refuses windows of more than 2^31 - 1 bytes", () => {
    using scene = new Scene();
    const stream = scene.stream(1);
    scene.sender.enlargeWindow(stream, 2 ** 31 - 1 - 65_535);
    expect(() => scene.sender.enlargeWindow(stream, 1)).toThrow("2^31 - 1");
    scene.sender.enlargeConnectionWindow(2 ** 31 - 1 - 65_535);
    expect(() => scene.sender.enlargeConnectionWindow(1)).toThrow("2^31 - 1");
    const bytes = settings([4, 65_536]);
    expect(() => scene.sender.applySettings(bytes, 9, bytes.length, [stream])).toThrow("2^31 - 1");
  });

  test("lets a window become negative by SETTINGS, and waits until it is not", () => {
    using scene = opened();
    const stream = scene.stream(1);
    scene.send(stream, 65_635);
    scene.left();
    const bytes = settings([4, 0]);
    scene.sender.applySettings(bytes, 9, bytes.length, [stream]);
    expect([stream.sendWindow, scene.sender.initialWindowBytes]).toEqual([-65_535, 0]);
    scene.sender.enlargeWindow(stream, 65_535);
    scene.sender.flush();
    expect(scene.left()).toEqual([]);
    scene.sender.enlargeWindow(stream, 99);
    scene.sender.flush();
    expect(scene.left()).toEqual(["1:99"]);
  });

  test("gives each stream a frame in turn", () => {
    using scene = new Scene();
    const streams = [1, 3, 5].map((id) => scene.stream(id, BIG_WINDOW));
    for (const stream of streams) scene.send(stream, 70_000);
    scene.left();
    scene.sender.enlargeConnectionWindow(6 * 16_384);
    scene.sender.flush();
    const left = scene.left();
    // Of the first, 65,535 bytes had left at once.
    expect(left.slice(0, 4)).toEqual(["1:4465 end", "3:16384", "5:16384", "3:16384"]);
  });

  test("stops while the socket takes nothing, and goes on behind it", () => {
    using scene = opened();
    scene.transport.roomBytes = 0;
    scene.send(scene.stream(1, BIG_WINDOW), 1_000_000);
    expect(scene.connection.isAboveHighWater).toBe(true);
    expect(scene.connection.outputBytes).toBeLessThan(300_000);
    expect(scene.sent).toEqual([]);
    scene.transport.roomBytes = Infinity;
    scene.connection.drain();
    scene.sender.flush();
    expect(scene.contentOf(1)).toEqual(bytesOf(1, 1_000_000));
    expect(scene.sent).toEqual([1]);
  });

  test("sends parts in their order, and the end behind the last, even alone", () => {
    using scene = opened();
    const stream = scene.stream(1, 5);
    const taken: number[] = [];
    stream.onTaken = (count) => void taken.push(count);
    scene.sender.send(stream, Buffer.from("abc"), 0, 3, false);
    scene.sender.send(stream, Buffer.from("defg"), 0, 4, false);
    scene.sender.send(stream, Buffer.from("hi"), 0, 2, false);
    scene.sender.enlargeWindow(stream, 100);
    scene.sender.flush();
    expect(scene.contentOf(1).toString()).toBe("abcdefghi");
    expect(taken).toEqual([3, 2, 4]);
    scene.sender.send(stream, Buffer.alloc(0), 0, 0, true);
    expect(scene.left()).toEqual(["1:3", "1:2", "1:4", "1:0 end"]);
    expect(scene.sent).toEqual([1]);
  });

  test("ends a stream whose end is told while parts wait with the last of them", () => {
    using scene = opened();
    const stream = scene.stream(1, 0);
    scene.send(stream, 10, false);
    scene.sender.send(stream, Buffer.alloc(0), 0, 0, true);
    scene.sender.enlargeWindow(stream, 10);
    scene.sender.flush();
    expect(scene.left()).toEqual(["1:10 end"]);
  });

  test("keeps whole answers in memory up to the limit and in one file past it", () => {
    using scene = opened();
    const streams = [1, 3, 5, 7].map((id) => scene.stream(id, 0));
    for (const [index, count] of [999, 1, 1, 40_000].entries()) scene.send(streams[index]!, count);
    expect(scene.sender.waitingBytes).toBe(41_001);
    expect(scene.spillFileCount).toBe(1);
    for (const stream of streams.toReversed()) {
      scene.sender.enlargeWindow(stream, BIG_WINDOW);
      scene.sender.flush();
    }
    expect([1, 3, 5, 7].map((id) => scene.contentOf(id).length)).toEqual([999, 1, 1, 40_000]);
    expect(scene.contentOf(7)).toEqual(bytesOf(7, 40_000));
    expect([scene.sender.waitingBytes, scene.spillFileCount]).toEqual([0, 0]);
  });

  test("keeps parts in memory, whose source knows what was taken of them", () => {
    using scene = opened();
    const stream = scene.stream(1, 0);
    scene.send(stream, 5_000, false);
    scene.send(stream, 5_000, false);
    expect([scene.sender.waitingBytes, scene.spillFileCount]).toEqual([10_000, 0]);
  });

  test("forgets a stream that is dropped, in memory, in a file and half sent", () => {
    using scene = opened();
    const streams = [1, 3, 5].map((id) => scene.stream(id, 10));
    for (const stream of streams) scene.send(stream, 900);
    expect(scene.spillFileCount).toBe(1);
    for (const stream of streams) scene.sender.drop(stream);
    scene.left();
    for (const stream of streams) scene.sender.enlargeWindow(stream, BIG_WINDOW);
    scene.sender.flush();
    expect(scene.left()).toEqual([]);
    expect([scene.sender.waitingBytes, scene.spillFileCount, scene.sender.dueMs]).toEqual([0, 0, Infinity]);
    // The room they took is free again.
    scene.send(scene.stream(7, 0), MEMORY_BYTES_MAX);
    expect(scene.spillFileCount).toBe(0);
  });

  test("says so when an answer can be kept nowhere, and goes on", () => {
    using scene = opened("/proc/nowhere");
    scene.send(scene.stream(1, 0), MEMORY_BYTES_MAX + 1);
    expect([scene.lost, scene.sender.waitingBytes]).toEqual([[1], 0]);
    scene.send(scene.stream(3, 0), MEMORY_BYTES_MAX);
    expect([scene.lost, scene.sender.waitingBytes]).toEqual([[1], MEMORY_BYTES_MAX]);
  });

  test("times a stream whose window is shut, anew with each byte it takes", () => {
    using scene = opened();
    const [first, second] = [scene.stream(1, 0), scene.stream(3, 0)];
    const startMs = scene.clock.nowMs();
    scene.send(first, 10);
    scene.clock.advance(1_000);
    scene.send(second, 10);
    expect(scene.sender.dueMs).toBe(startMs + STALL_MS);
    scene.clock.advance(1_000);
    scene.sender.enlargeWindow(first, 1);
    scene.sender.flush();
    expect(scene.sender.dueMs).toBe(startMs + 1_000 + STALL_MS);
    scene.clock.advance(STALL_MS - 1_000);
    expect(scene.sender.takeStalled(scene.clock.nowMs())).toBe(second);
    expect(scene.sender.takeStalled(scene.clock.nowMs())).toBeNull();
    expect(scene.sender.isStalled(scene.clock.nowMs())).toBe(false);
  });

  test("times the connection's window while a stream could send but for it", () => {
    using scene = new Scene();
    const stream = scene.stream(1, BIG_WINDOW);
    expect(scene.sender.dueMs).toBe(Infinity);
    scene.send(stream, 70_000);
    const startMs = scene.clock.nowMs();
    expect(scene.sender.dueMs).toBe(startMs + STALL_MS);
    scene.clock.advance(STALL_MS - 1);
    expect(scene.sender.isStalled(scene.clock.nowMs())).toBe(false);
    scene.sender.enlargeConnectionWindow(1);
    scene.sender.flush();
    expect(scene.sender.dueMs).toBe(scene.clock.nowMs() + STALL_MS);
    scene.clock.advance(STALL_MS);
    expect(scene.sender.isStalled(scene.clock.nowMs())).toBe(true);
  });
});
