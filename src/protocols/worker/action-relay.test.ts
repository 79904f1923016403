import { describe, expect, test } from "bun:test";
import { encodeFrame } from "../../../test/support/msgpack-values.ts";
import { Segments } from "../../kernel/segments.ts";
import { ActionRelayDecoder, encodeRelayedAction } from "./action-relay.ts";
import type { SocketAction } from "./socket-action.ts";

const BYTES = Buffer.from("..Grüße..");
const TEXT = { isBinary: false, bytes: BYTES, start: 2, end: BYTES.length - 2 };

const ACTIONS: readonly SocketAction[] = [
  { kind: "send", socket: "0badcafe-1", ...TEXT },
  { kind: "send", socket: "0badcafe-2", isBinary: true, bytes: Buffer.alloc(70_000, 0xff), start: 0, end: 70_000 },
  { kind: "publish", topic: "räume", except: "0badcafe-3", ...TEXT },
  { kind: "publish", topic: "", except: null, ...TEXT, end: 2 },
  { kind: "subscribe", socket: "0badcafe-4", topic: "lobby" },
  { kind: "unsubscribe", socket: "0badcafe-5", topic: "x".repeat(300) },
  { kind: "close", socket: "0badcafe-6", code: 4_000, reason: "genug" },
];

/** What is relayed, in plain words. */
function decode(chunks: readonly Buffer[], frameBytesMax = 100_000): string[] {
  const decoder = new ActionRelayDecoder({ frameBytesMax });
  const segments = new Segments();
  const heard: string[] = [];
  for (const chunk of chunks) {
    segments.append(Buffer.from(chunk));
    decoder.decode(segments, {
      onRelayed: (app, { actions, refusal }) => heard.push(`${app}: ${refusal ?? actions.map(describeAction).join()}`),
    });
  }
  return heard;
}

function describeAction(action: SocketAction): string {
  if (!("bytes" in action)) return JSON.stringify(action);
  const { bytes, start, end, ...rest } = action;
  return JSON.stringify({ ...rest, data: bytes.toString("latin1", start, end) });
}

describe("Relayed actions", () => {
  const frames = ACTIONS.map((action) => encodeRelayedAction("schöner Laden", action));
  const expected = ACTIONS.map((action) => `schöner Laden: ${describeAction(action)}`);

  test("arrive as they were, in their order", () => {
    expect(decode(frames)).toEqual(expected);
  });

  test("arrive the same however the stream is split", () => {
    const all = Buffer.concat(frames);
    const every = (byteCount: number) =>
      Array.from({ length: Math.ceil(all.length / byteCount) }, (_, index) =>
        all.subarray(index * byteCount, (index + 1) * byteCount),
      );
    for (const byteCount of [1, 7, 4_096, all.length]) expect(decode(every(byteCount))).toEqual(expected);
  });

  test("are no larger than the limit", () => {
    const [frame] = frames as [Buffer];
    expect(decode([frame], frame.length - 4)).toHaveLength(1);
    expect(() => decode([frame], frame.length - 5)).toThrow("bytes, ");
  });

  test.each([
    ["names no app", { actions: [] }, "it names no app"],
    ["is no map", [], "only a map is allowed"],
  ])("are refused in a frame that %s", (_, value, message) => {
    expect(() => decode([encodeFrame(value as never)])).toThrow(message);
  });

  test("that break the rules of workers are told as a whole to be none", () => {
    expect(decode([encodeFrame({ app: "a", actions: [{ do: "dance" }] })])).toEqual([
      expect.stringContaining("a: action 0: it is to do"),
    ]);
    expect(decode([encodeFrame({ app: "a", extra: [1, { b: 2 }] })])).toEqual(["a: "]);
  });
});
