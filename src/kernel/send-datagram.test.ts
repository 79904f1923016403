import { expect, test } from "bun:test";
import { join } from "node:path";

import { NotifySocket } from "../../test/support/notify-socket.ts";
import { sendDatagram } from "./send-datagram.ts";

test("sendDatagram sends one message to a socket with a file", () => {
  using socket = new NotifySocket();
  expect(sendDatagram(socket.path, "READY=1")).toBe(true);
  expect(sendDatagram(socket.path, "STATUS=Ünï")).toBe(true);
  expect(socket.messages).toEqual(["READY=1", "STATUS=Ünï"]);
});

test("sendDatagram says when nobody takes it, and never waits", () => {
  using socket = new NotifySocket();
  expect(sendDatagram(join(socket.path, "nobody"), "x")).toBe(false);
  expect(sendDatagram("@nobody-of-this-name", "x")).toBe(false);
  expect(sendDatagram(`/${"x".repeat(200)}`, "x")).toBe(false);
  let sentCount = 0;
  while (sendDatagram(socket.path, "x".repeat(1_000))) sentCount++;
  expect(sentCount).toBeGreaterThan(0);
  expect(socket.messages).toHaveLength(sentCount);
});
