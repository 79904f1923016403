import { describe, expect, test } from "bun:test";
import { CallScene, workerResponse } from "../../../test/support/call-scene.ts";
import { TestCall } from "../../../test/support/worker-calls.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";
import type { CallSession, SessionOwner } from "./call-session.ts";
import { ConcurrentCalls } from "./concurrent-calls.ts";

function sends(text: string): SocketAction {
  const bytes = Buffer.from(text);
  return { kind: "send", socket: null, isBinary: false, bytes, start: 0, end: bytes.length };
}

function message(text: string): { isBinary: boolean; bytes: Buffer; start: number; end: number } {
  const bytes = Buffer.from(text);
  return { isBinary: false, bytes, start: 0, end: bytes.length };
}

/** A call that becomes a WebSocket with a window of 100 bytes, and what its owner hears. */
class Scene extends CallScene implements SessionOwner {
  readonly calls: ConcurrentCalls;
  readonly call: TestCall = new TestCall("/");
  readonly heard: string[] = [];
  session!: CallSession;

  constructor() {
    super({ streamCreditBytes: 100, requestTimeoutMs: 1_000 });
    const { context } = this;
    this.calls = new ConcurrentCalls({
      host: this,
      context,
      concurrency: 2,
      features: ["stream", "websocket_session"],
    });
    this.call.session = this;
    this.calls.send(this.call, 0);
  }

  /** The worker answers with 101. */
  accept(): this {
    const head = workerResponse(1);
    head.status = 101;
    this.calls.onHead(head);
    return this;
  }

  onAccepted(_head: unknown, session: CallSession): void {
    this.session = session;
  }

  onAction(action: SocketAction | string): void {
    this.heard.push(typeof action === "string" ? action : action.kind);
  }

  onWritable(): void {
    this.heard.push("writable");
  }

  onLeaving(): void {
    this.heard.push("leaving");
  }

  onEnded(error: string | null): void {
    this.heard.push(`ended ${error}`);
  }

  onLost(): void {
    this.heard.push("lost");
  }
}

describe("CallSession", () => {
  test("takes no place and no deadline from its acceptance on, and keeps its worker from being done", () => {
    const scene = new Scene().accept();
    expect([scene.calls.count, scene.calls.isEmpty, scene.calls.isUnwanted]).toEqual([0, false, false]);
    scene.clock.advance(60_000);
    expect(scene.said).toEqual(["send 1", "served 1", "credit 1 100"]);
    scene.calls.onBodyEnd(workerResponse(1));
    expect([scene.heard, scene.calls.isEmpty, scene.calls.onBatchEnd()]).toEqual([["ended null"], true, true]);
  });

  test("lets the worker send while it has credit, one message beyond it included, and not one more", () => {
    const scene = new Scene().accept();
    scene.calls.onOwnAction(1, sends("x".repeat(83)));
    scene.calls.onOwnAction(1, sends("x".repeat(500)));
    expect(() => scene.calls.onOwnAction(1, sends(""))).toThrow("it has no credit");
    scene.session.grant({ byteCount: 583, messageCount: 2 });
    expect(scene.said.at(-1)).toBe("credit 1 615");
    scene.calls.onOwnAction(1, sends(""));
    expect(scene.heard).toEqual(["send", "send", "send"]);
  });

  test("grants once half of the window is owed", () => {
    const scene = new Scene().accept();
    scene.session.grant({ byteCount: 33, messageCount: 1 });
    expect(scene.said.at(-1)).toBe("credit 1 100");
    scene.session.grant({ byteCount: 1, messageCount: 0 });
    expect(scene.said.at(-1)).toBe("credit 1 50");
  });

  test("counts what the worker is sent, and says when that may go on", () => {
    const scene = new Scene().accept();
    scene.session.send(message("x".repeat(83)));
    expect(scene.session.maySend).toBe(true);
    scene.session.send(message("x".repeat(100)));
    expect(scene.session.maySend).toBe(false);
    scene.calls.onCredit(1, 115);
    expect(scene.heard).toEqual([]);
    scene.calls.onCredit(1, 1);
    expect(scene.heard).toEqual(["writable"]);
  });

  test("believes no credit for more than the worker was sent", () => {
    const scene = new Scene().accept();
    scene.session.send(message("x".repeat(20)));
    expect(() => scene.calls.onCredit(1, 37)).toThrow("it is for 37 bytes, 36 were sent and not credited");
    scene.calls.onCredit(1, 36);
    expect(() => scene.calls.onCredit(1, 1)).toThrow("0 were sent");
  });

  test("tells the worker of the end once, drops what crosses with it, and gives up a worker that is never done", () => {
    const scene = new Scene().accept();
    scene.session.close({ code: 1000, reason: "", isClean: true });
    scene.session.close({ code: 1006, reason: "", isClean: false });
    scene.calls.onOwnAction(1, sends("late"));
    scene.session.send(message("late"));
    scene.session.grant({ byteCount: 100, messageCount: 1 });
    scene.calls.onCredit(1, 100);
    expect([scene.said.slice(3), scene.heard]).toEqual([["close 1 1000"], []]);
    scene.clock.advance(1_010);
    expect(scene.said.at(-1)).toBe("give up");
  });

  test("is over at once when its client has left before it was accepted", () => {
    const scene = new Scene();
    scene.call.cancellable!.cancel();
    scene.accept();
    expect(scene.said).toEqual(["send 1", "cancel 1", "served 1", "close 1 1006"]);
    scene.calls.onBodyEnd(workerResponse(1));
    expect(scene.calls.isEmpty).toBe(true);
  });

  test("was never there where its head could not be sent: what the worker says of it meanwhile is dropped", () => {
    const scene = new Scene();
    const head = workerResponse(1);
    head.error = "Cannot send the worker's response";
    scene.calls.onHead(head);
    scene.call.cancellable!.cancel();
    scene.calls.onOwnAction(1, sends("greeting"));
    scene.calls.onBodyEnd(workerResponse(1));
    expect([scene.said, scene.heard]).toEqual([["send 1", "credit 1 100", "cancel 1", "served 1"], []]);
    expect(scene.calls.isEmpty).toBe(true);
  });

  test("hears that its worker leaves, and that it is lost", () => {
    const scene = new Scene().accept();
    scene.calls.leave();
    expect(scene.calls.lose(null, "worker-lost")).toBe(true);
    expect(scene.heard).toEqual(["leaving", "lost"]);
  });

  test("does not begin with a message", () => {
    const scene = new Scene();
    expect(() => scene.calls.onOwnAction(1, sends("early"))).toThrow("it has not accepted its WebSocket");
    expect(() => scene.calls.onOwnAction(9, sends("early"))).toThrow("request 9, which it does not run");
  });
});
