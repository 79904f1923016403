import { describe, expect, test } from "bun:test";
import { readFrames } from "../../../test/support/websocket-frames.ts";
import { Arena } from "../../kernel/arena.ts";
import { CloseHandshake } from "./close-handshake.ts";
import { encodeClose } from "./frame-encoder.ts";

const BYE = { code: 1000, reason: "bye" };
const GONE = { code: 1001, reason: "" };

describe("CloseHandshake", () => {
  test("is answered once by us when the peer begins", () => {
    const handshake = new CloseHandshake();
    expect(handshake.isOpen).toBe(true);
    expect(handshake.receive(BYE)).toBe(true);
    expect([handshake.isOpen, handshake.isDone, handshake.status]).toEqual([false, true, BYE]);
    expect(handshake.receive(GONE)).toBe(false);
    expect(handshake.begin(GONE)).toBe(false);
    expect(handshake.status).toEqual(BYE);
  });

  test("sends nothing more when the peer answers what we began", () => {
    const handshake = new CloseHandshake();
    expect(handshake.begin(GONE)).toBe(true);
    expect([handshake.isOpen, handshake.isDone]).toEqual([false, false]);
    expect(handshake.begin(BYE)).toBe(false);
    expect(handshake.receive(BYE)).toBe(false);
    expect([handshake.isDone, handshake.status]).toEqual([true, GONE]);
  });

  test("knows a connection that was lost without a word", () => {
    expect(new CloseHandshake().status).toEqual({ code: 1006, reason: "" });
  });
});

describe("encodeClose", () => {
  const payloadOf = (code: number, reason: string) => {
    const arena = new Arena();
    encodeClose(arena, code, reason);
    const { frames } = readFrames(arena.copyOut());
    return frames[0]!.payload;
  };

  test("writes a code and a reason, or nothing for 1005", () => {
    expect(payloadOf(1000, "bye").toString("latin1")).toBe("\x03\xe8bye");
    expect(payloadOf(1005, "")).toEqual(Buffer.alloc(0));
  });

  test("cuts a long reason at the end of a character", () => {
    expect(payloadOf(1000, "x".repeat(124))).toHaveLength(125);
    expect(payloadOf(1000, "é".repeat(70)).toString("utf8", 2)).toBe("é".repeat(61));
    expect(payloadOf(1000, `${"x".repeat(120)}\u{1f600}`).toString("utf8", 2)).toBe("x".repeat(120));
  });

  test("does not send what may not be sent", () => {
    expect(() => payloadOf(1006, "")).toThrow("a close frame carries a code that may be sent");
  });
});
