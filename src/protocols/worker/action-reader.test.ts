import { describe, expect, test } from "bun:test";
import { decodeWorkerBytes } from "../../../test/support/decode-worker-bytes.ts";
import { encodeFrame } from "../../../test/support/msgpack-values.ts";
import { readVectors } from "../../../test/support/worker-vectors.ts";

const vectors = readVectors("answers");
const hello = (...features: readonly string[]): Buffer => encodeFrame({ type: "hello", level: 2, sdk: "x", features });
const decode = (hex: string) => decodeWorkerBytes([hello("websocket", "actions"), Buffer.from(hex, "hex")]);

describe("What a worker says of sockets and topics", () => {
  test.each(vectors.filter(({ event }) => event !== undefined))("$requirement: is taken: $name", ({ hex, event }) => {
    const { responses, fault } = decode(hex);
    expect({ fault, responses }).toMatchObject({ fault: null, responses: [{ id: 7, error: null, event: event! }] });
  });

  test.each(vectors.filter(({ error }) => error !== undefined))("$requirement: fails: $name", ({ hex, error }) => {
    const { responses, fault } = decode(hex);
    expect({ fault, responses }).toMatchObject({ fault: null, responses: [{ id: 7, error: error! }] });
  });

  test.each(vectors.filter(({ actions }) => actions !== undefined))("$requirement: takes $name", ({ hex, actions }) => {
    const { actionLists, responses, fault } = decode(hex);
    expect({ actionLists, responses, fault }).toEqual({ actionLists: [actions as never], responses: [], fault: null });
  });

  test.each(vectors.filter(({ fault }) => fault !== undefined))("$requirement: refuses $name", ({ hex, fault }) => {
    expect(decode(hex)).toMatchObject({ responses: [], actionLists: [], fault: fault! });
  });

  test.each([
    ["1,024 actions", { actions: Array.from({ length: 1_024 }, () => ({ do: "close" })) }, null],
    ["1,025 actions", { actions: Array.from({ length: 1_025 }, () => ({ do: "close" })) }, "one more than the 1024"],
    ["a state of 4,096 bytes", { state: "x".repeat(4_096) }, null],
    ["a state of 4,097 bytes", { state: "x".repeat(4_097) }, "its state has 4097 bytes, 4096 are allowed"],
  ])("bounds %s", (_, said, refusal) => {
    const [response] = decode(encodeFrame({ type: "done", id: 7, ...said }).toString("hex")).responses;
    if (refusal === null) expect(response?.error).toBeNull();
    else expect(response?.error).toContain(refusal);
  });

  test("needs the features it belongs to", () => {
    for (const [feature, frame] of [
      ["actions", encodeFrame({ type: "done", id: 1 })],
      ["websocket", encodeFrame({ type: "actions" })],
    ] as const) {
      expect(decodeWorkerBytes([hello(feature), frame]).fault).toBe("VILYA_WORKER_TYPE_INVALID");
    }
  });

  test("waits for the rest of a frame that is cut anywhere, and refuses a map that is", () => {
    const bytes = Buffer.from(vectors.find(({ name }) => name === "publishes")!.hex, "hex");
    for (let length = 4; length < bytes.length; length++) {
      expect(decode(bytes.toString("hex", 0, length))).toMatchObject({ responses: [], fault: null });
      const cut = Buffer.from(bytes.subarray(0, length));
      cut.writeUInt32BE(length - 4, 0);
      if (length > 4) expect(decode(cut.toString("hex")).fault).toBe("VILYA_WORKER_FRAME_MALFORMED");
    }
  });
});
