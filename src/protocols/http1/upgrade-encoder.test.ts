import { describe, expect, test } from "bun:test";
import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { Arena } from "../../kernel/arena.ts";
import { encodeRefusal } from "./refusal-encoder.ts";
import { encodeUpgrade } from "./upgrade-encoder.ts";

function written(write: (arena: Arena) => void): string {
  const arena = new Arena();
  write(arena);
  return arena.bytes.toString("latin1", arena.start, arena.end);
}

describe("encodeUpgrade", () => {
  test("writes a 101 with its own fields, and nothing of a body", () => {
    const head = { protocol: "websocket", ownFields: [["Sec-WebSocket-Accept", "abc="]], fields: null } as const;
    expect(written((arena) => encodeUpgrade(arena, head))).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: abc=\r\n\r\n",
    );
  });

  test("passes on the application's fields without those that speak of the connection", () => {
    const fields = buildFieldBlock([
      ["Set-Cookie", "a=1"],
      ["Connection", "close"],
      ["Set-Cookie", "b=2"],
      ["Upgrade", "h2c"],
      ["Content-Length", "5"],
    ]);
    expect(written((arena) => encodeUpgrade(arena, { protocol: "websocket", ownFields: [], fields }))).toBe(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n",
    );
  });
});

describe("encodeRefusal", () => {
  test("says with 426 what to ask for, and in which version", () => {
    const facts = { status: 426, isHead: false, versionMinor: 1, isKeepAlive: true, nowMs: 0 } as const;
    const lines = written((arena) => encodeRefusal(arena, { ...facts, upgrade: "websocket" })).split("\r\n");
    for (const line of ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]) {
      expect(lines).toContain(line);
    }
  });
});
