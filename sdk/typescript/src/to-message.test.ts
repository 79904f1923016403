import { expect, test } from "bun:test";

import type { Message } from "./context.ts";
import { toMessage } from "./to-message.ts";

test.each([
  ["text", "text"],
  [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  [new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2])],
  [new Uint16Array([0x0201]), new Uint8Array([1, 2])],
  [new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2), new Uint8Array([1, 2])],
  [5 as unknown as Message, "5"],
] as const)("toMessage takes %p", (message, expected) => {
  expect(toMessage(message)).toEqual(expected);
});
