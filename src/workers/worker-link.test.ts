import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertNoLeaks, type Snapshot, snapshot } from "../../test/support/leak-check.ts";
import { until } from "../../test/support/until.ts";
import { TestCall } from "../../test/support/worker-calls.ts";
import { Listener } from "../kernel/listener.ts";
import { unobserved } from "../kernel/monitor.ts";
import { TimerWheel } from "../kernel/timer-wheel.ts";
import { type LinkEnd, WorkerLink } from "./worker-link.ts";

/** `{"id": 1, "body": "hi"}` */
const ANSWER = frame([0x82, 0xa2, 0x69, 0x64, 0x01, 0xa4, 0x62, 0x6f, 0x64, 0x79, 0xa2, 0x68, 0x69]);

const HELLO = Buffer.concat([
  frameText("\x84", "\xa4type", "\xa5hello", "\xa5level", "\x02", "\xa3sdk", "\xa1x", "\xa8features", "\x90"),
]);

let directory: string;
let before: Snapshot;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "wl-"));
  before = snapshot(directory);
});

afterEach(async () => {
  try {
    await assertNoLeaks(before);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

function frame(bytes: readonly number[]): Buffer {
  return Buffer.from([0, 0, 0, bytes.length, ...bytes]);
}

function frameText(...parts: readonly string[]): Buffer {
  return frame([...Buffer.from(parts.join(""), "latin1")]);
}

/** A link with a test at both of its ends. */
class Scene {
  link!: WorkerLink;
  readonly events: string[] = [];
  end: LinkEnd | null = null;
  received = "";
  onReady: () => void = () => {};
  socket!: Bun.Socket<undefined>;

  static async open(): Promise<Scene> {
    const scene = new Scene();
    const path = join(directory, "worker.sock");
    const options = { wheel: new TimerWheel(), monitor: unobserved, stallMs: 0, connectionCountMax: 1 };
    const owner = {
      onLinkReady: () => {
        scene.events.push("ready");
        scene.onReady();
      },
      onHello: () => 1,
      answers: {
        onResponse: ({ id }: { id: number }) => void scene.events.push(`response ${id}`),
        onInterim: ({ id }: { id: number }) => void scene.events.push(`interim ${id}`),
        onHead: ({ id }: { id: number }) => void scene.events.push(`head ${id}`),
        onChunk: ({ id }: { id: number }) => void scene.events.push(`chunk ${id}`),
        onBodyEnd: ({ id }: { id: number }) => void scene.events.push(`end ${id}`),
        onUploadTurn: () => {},
        onCredit: () => {},
        onOwnAction: () => {},
        onPong: (n: number) => void scene.events.push(`pong ${n}`),
      },
      onActions: () => void scene.events.push("actions"),
      onBatchEnd: () => void scene.events.push("batch"),
      onLinkEnd: (end: LinkEnd) => void (scene.end = end),
    };
    const listener = new Listener({
      ...options,
      address: { path },
      accept: (connection) =>
        (scene.link = new WorkerLink({
          connection,
          owner,
          workerId: 9,
          limits: { frameBytesMax: 1_000, streamCreditBytes: 16 },
        })),
    });
    scene.socket = await Bun.connect({
      unix: path,
      allowHalfOpen: true,
      socket: { binaryType: "buffer", data: (_, chunk) => void (scene.received += chunk.toString("latin1")) },
    });
    await until("the handshake", () => scene.received === "NARYA1");
    listener.stop();
    return scene;
  }

  async sends(bytes: string | Buffer): Promise<void> {
    this.socket.write(bytes);
    this.socket.flush();
    await Bun.sleep(0);
  }

  /** What the link says of its end. */
  async ended(): Promise<LinkEnd> {
    return until("the end of the link", () => this.end);
  }
}

describe("WorkerLink", () => {
  test("takes the same from a worker however its bytes are split", async () => {
    for (const pieceBytes of [1, 3, 7, 1_000]) {
      const scene = await Scene.open();
      for (const bytes of [Buffer.concat([Buffer.from("OK"), HELLO]), Buffer.concat([ANSWER, ANSWER])]) {
        for (let start = 0; start < bytes.length; start += pieceBytes) {
          await scene.sends(bytes.subarray(start, start + pieceBytes));
        }
      }
      await until("both responses", () => scene.events.filter((event) => event === "response 1").length === 2);
      expect(scene.events[0]).toBe("ready");
      expect(scene.link.level).toBe(2);
      await until("the welcome", () => scene.received.includes("welcome"));
      scene.link.close();
    }
  });

  test("speaks level 1 with a worker that says no hello, for good", async () => {
    const scene = await Scene.open();
    await scene.sends("OK");
    await scene.sends(ANSWER);
    await until("the response", () => scene.events.includes("response 1"));
    expect(scene.link.level).toBe(1);
    await scene.sends(HELLO);
    expect((await scene.ended()).error).toMatchObject({ code: "VILYA_WORKER_HELLO_LATE" });
    expect(scene.received).not.toContain("welcome");
  });

  test("welcomes a worker whose hello comes with its OK before anybody can send it a request", async () => {
    const scene = await Scene.open();
    const call = new TestCall("/");
    scene.onReady = () => scene.link.send(call, 1);
    await scene.sends(Buffer.concat([Buffer.from("OK"), HELLO]));
    await until("the request", () => scene.received.includes("remote_addr"));
    expect(scene.received.indexOf("welcome")).toBeLessThan(scene.received.indexOf("remote_addr"));
    expect(scene.received).toContain("welcome");
    scene.link.close();
  });

  test("refuses another answer to the handshake from its first wrong byte", async () => {
    const scene = await Scene.open();
    await scene.sends("N");
    expect((await scene.ended()).error).toMatchObject({ code: "VILYA_WORKER_HANDSHAKE_REFUSED" });
    expect(scene.events).toEqual([]);
  });

  test("writes a request with its id, the worker's, and its body behind it", async () => {
    const scene = await Scene.open();
    await scene.sends("OK");
    const call = new TestCall("/path", { method: "POST", body: "the body" });
    scene.link.send(call, 77);
    const length = call.frame.length + 8;
    await until("the request", () => scene.received.length === "NARYA1".length + length);
    const sent = Buffer.from(scene.received.slice("NARYA1".length), "latin1");
    expect(sent.readUInt32BE(0)).toBe(length - 4);
    expect(sent.indexOf(Buffer.from("a26964cf000000000000004d", "hex"))).toBe(5);
    expect(sent.indexOf(Buffer.from("worker_id\xce\x00\x00\x00\x09", "latin1"))).toBeGreaterThan(0);
    expect(sent.toString("latin1")).toEndWith("the body");
    scene.link.close();
  });

  test("sends nothing to a worker that lacks what the request needs, so that it may run elsewhere", async () => {
    const scene = await Scene.open();
    await scene.sends("OK");
    const call = new TestCall("/path", { method: "POST" });
    call.needs = "request_stream";
    scene.link.send(call, 77);
    const { error, unsentBytes } = await scene.ended();
    expect(error).toMatchObject({ code: "VILYA_WORKER_FEATURE_MISSING" });
    expect(unsentBytes).toBe(call.frame.length);
    expect(scene.received).toBe("NARYA1");
  });

  test("tells a worker that has read everything from one that has not", async () => {
    const read = await Scene.open();
    await read.sends("OK");
    read.link.send(new TestCall("/"), 1);
    await until("the request", () => read.received.length > 6);
    read.socket.end();
    expect(await read.ended()).toEqual({ error: null, unsentBytes: 0, isUnread: false });

    const unread = await Scene.open();
    await unread.sends("OK");
    unread.socket.pause();
    unread.link.send(new TestCall("/"), 1);
    await until("the flush", () => unread.link.outputBytes === 0);
    unread.socket.terminate();
    expect(await unread.ended()).toEqual({ error: null, unsentBytes: 0, isUnread: true });
  });

  test("takes part of a response as proof that the request was read", async () => {
    const scene = await Scene.open();
    await scene.sends("OK");
    await scene.sends(ANSWER.subarray(0, 6));
    scene.socket.end();
    expect((await scene.ended()).error).toMatchObject({ code: "VILYA_WORKER_FRAME_CUT" });
    expect(scene.end?.isUnread).toBe(false);
  });

  test("knows what of its output the worker never got when it ends over an error", async () => {
    const scene = await Scene.open();
    await scene.sends("OK");
    await until("the start", () => scene.events.includes("ready"));
    const call = new TestCall("/");
    scene.events.length = 0;
    await scene.sends(Buffer.from([0, 0, 0, 0]));
    scene.link.send(call, 1);
    const end = await scene.ended();
    expect(end.error).toMatchObject({ code: "VILYA_WORKER_FRAME_EMPTY" });
    expect([0, call.frame.length]).toContain(end.unsentBytes);
  });

  test("closes a worker of level 1 and tells one of level 2 to stop", async () => {
    const first = await Scene.open();
    await first.sends("OK");
    await until("the start", () => first.events.includes("ready"));
    first.link.stop(5_000);
    expect(await first.ended()).toEqual({ error: null, unsentBytes: 0, isUnread: false });

    const second = await Scene.open();
    await second.sends(Buffer.concat([Buffer.from("OK"), HELLO]));
    await until("the welcome", () => second.link.level === 2);
    second.link.stop(5_000);
    await until("the stop", () => second.received.includes("stop"));
    expect(second.end).toBeNull();
    second.socket.end();
    await second.ended();
  });
});
