import { expect, test } from "bun:test";

import { ReceiveWindow } from "./receive-window.ts";

test("a client may send what the window has, and not an octet more", () => {
  const window = new ReceiveWindow(100);
  expect([window.take(60), window.take(40), window.take(1)]).toEqual([true, true, false]);
});

test("the window is opened when half of it is used, and then wholly", () => {
  const window = new ReceiveWindow(100);
  window.take(49);
  expect(window.reopen()).toBe(0);
  window.take(1);
  expect(window.reopen()).toBe(50);
  expect(window.take(100)).toBe(true);
  expect(window.reopen()).toBe(100);
});
