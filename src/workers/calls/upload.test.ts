import { describe, expect, test } from "bun:test";

import { decodeMsgpack, type PlainValue } from "../../../test/support/decode-msgpack.ts";
import { TestCall } from "../../../test/support/worker-calls.ts";
import { Arena } from "../../kernel/arena.ts";
import type { CallSource, CallSourceReader } from "./call.ts";
import { Uploads } from "./uploads.ts";

const WINDOW_BYTES = 10;

/** A body as its test hands it over. */
class TestSource implements CallSource {
  reader: CallSourceReader | null = null;
  readonly calls: string[] = [];

  open(reader: CallSourceReader, creditBytes: number): void {
    this.reader = reader;
    this.calls.push(`open ${creditBytes}`);
  }

  release(): void {
    this.calls.push("release");
  }

  grant(byteCount: number): void {
    this.calls.push(`grant ${byteCount}`);
  }

  close(): void {
    this.calls.push("close");
  }

  give(text: string): void {
    this.reader?.onBodyBytes(Buffer.from(text), 0, text.length);
  }
}

/** One upload, of request 7. */
class Scene {
  readonly output: Arena = new Arena();
  readonly source: TestSource = new TestSource();
  readonly call: TestCall = new TestCall("/");
  /** Whether a client was waited for, at each turn. */
  readonly turns: boolean[] = [];
  readonly uploads: Uploads = new Uploads({
    write: (encode) => encode(this.output),
    windowBytes: WINDOW_BYTES,
    onTurn: (id) => this.turns.push(this.uploads.awaitsClient(id)),
  });

  constructor() {
    this.uploads.start({ call: this.call, source: this.source, id: 7 });
  }

  /** The frames since the last look, as type and body. */
  takeFrames(): readonly (readonly PlainValue[])[] {
    const frames: PlainValue[][] = [];
    const { output } = this;
    while (output.byteLength > 0) {
      const byteLength = output.bytes.readUInt32BE(output.start);
      output.consume(4);
      const frame = decodeMsgpack(Buffer.from(output.bytes.subarray(output.start, output.start + byteLength)));
      if (!(frame instanceof Map) || frame.get("id") !== 7)
        throw new Error("Cannot read a frame: it is not for the request");
      frames.push([frame.get("type") ?? null, frame.get("body") ?? null]);
      output.consume(byteLength);
    }
    return frames;
  }
}

describe("Uploads", () => {
  test("has the window sent, then what the worker takes", () => {
    const scene = new Scene();
    expect(scene.source.calls).toEqual(["open 10"]);
    scene.source.give("0123456789");
    expect(scene.takeFrames()).toEqual([["body", "0123456789"]]);
    scene.uploads.grant(7, 4);
    scene.uploads.grant(7, 6);
    expect(scene.source.calls).toEqual(["open 10", "grant 4", "grant 6"]);
    expect(() => scene.uploads.grant(7, 1)).toThrow(
      "Cannot take credit for request 7: it is for 1 bytes, 0 were sent and not credited",
    );
  });

  test("tells whose turn it is: the client's while there is credit, else the worker's", () => {
    const scene = new Scene();
    scene.source.give("01234");
    expect(scene.turns).toEqual([true]);
    scene.source.give("56789");
    scene.uploads.grant(7, 1);
    scene.uploads.grant(7, 1);
    scene.source.reader!.onBodyEnd(null);
    expect(scene.turns).toEqual([true, false, true, false]);
  });

  test.each([
    ["onBodyEnd", "body_end"],
    ["onBodyAborted", "body_abort"],
  ] as const)("says by %s how the body has ended, and nothing behind that", (event, type) => {
    const scene = new Scene();
    scene.source.reader![event](null);
    scene.uploads.grant(7, 1);
    scene.uploads.stop(7);
    expect(scene.takeFrames()).toEqual([[type, null]]);
    expect([scene.source.calls, scene.uploads.isAny]).toEqual([["open 10"], false]);
  });

  test("stops its source when the worker has answered, and skips credit for it", () => {
    const scene = new Scene();
    scene.source.give("01234");
    scene.uploads.stop(7);
    scene.uploads.grant(7, 5);
    scene.uploads.stop(8);
    expect(scene.source.calls).toEqual(["open 10", "close"]);
    expect([scene.uploads.isAny, scene.uploads.awaitsClient(7)]).toEqual([false, false]);
  });

  test("gives a body back whose worker is lost, unless a part of it was sent", () => {
    const unsent = new Scene();
    unsent.uploads.loseAll();
    expect([unsent.source.calls, unsent.call.isSpent]).toEqual([["open 10", "release"], false]);
    const sent = new Scene();
    sent.source.give("0");
    sent.uploads.loseAll();
    expect([sent.source.calls, sent.call.isSpent]).toEqual([["open 10", "close"], true]);
  });
});
