import { describe, expect, test } from "bun:test";
import { SocketApp } from "../../../test/support/socket-app.ts";
import { until } from "../../../test/support/until.ts";
import { close } from "../../../test/support/websocket-frames.ts";

describe("The events of a socket", () => {
  test("come one at a time, in order, with what the app has kept", async () => {
    using app = new SocketApp();
    using client = await app.open({ state: "one" });
    client.sendText("a");
    client.sendText("b");
    await app.untilCalls(1);
    expect(app.events).toEqual(["ws_message a"]);
    expect(app.calls[0]!.frame.includes("one")).toBe(true);
    app.answer({ state: "two", actions: [{ do: "send", data: "A" }] });
    await app.untilCalls(1);
    expect(app.events).toEqual(["ws_message b"]);
    expect(app.calls[0]!.frame.includes("two")).toBe(true);
    app.answer({ actions: [{ do: "close", code: 4000, reason: "enough" }] });
    expect(await client.until(2)).toEqual(["text A", "close 4000 enough"]);
    client.send(close(4000));
    await app.untilCalls(1);
    expect(app.events).toEqual(["ws_close 4000 enough"]);
  });

  test("end with the close, behind the message that is under way", async () => {
    using app = new SocketApp();
    using client = await app.open();
    client.sendText("a");
    await app.untilCalls(1);
    client.raw.reset();
    await until("the socket to be gone", () => app.server.sessions.count === 0);
    expect(app.events).toEqual(["ws_message a"]);
    app.answer({ state: "last", actions: [{ do: "send", data: "nobody" }] });
    expect(app.events).toEqual(["ws_close 1006"]);
    expect(app.calls[0]!.frame.includes("last")).toBe(true);
  });

  test.each([
    ["queue-full", "close 1013 busy"],
    ["unavailable", "close 1013 busy"],
    ["worker-lost", "close 1011"],
    ["timeout", "close 1011"],
    ["too-large", "close 1009"],
    ["stopping", "close 1001"],
  ] as const)("that end with %s close the socket: %s", async (kind, closed) => {
    using app = new SocketApp();
    using client = await app.open();
    client.sendText("a");
    await app.untilCalls(1);
    app.fail({ kind, retryAfterS: 1 });
    expect(await client.until(1)).toEqual([closed]);
  });

  test.each([
    ["an error", { error: "secret" }],
    ["an ordinary response", { type: "response", status: 200, body: "secret" }],
    ["actions that are none", { actions: [{ do: "secret" }] }],
  ])("that are answered with %s close the socket with 1011 and an error id", async (_, answer) => {
    using app = new SocketApp();
    using client = await app.open();
    client.sendText("a");
    await app.untilCalls(1);
    app.answer(answer);
    const [closed = ""] = await client.until(1);
    expect(closed).toMatch(/^close 1011 error [0-9a-f-]{36}$/);
    expect(app.log.named("worker reported an error")[0]?.fields["errorId"]).toBe(closed.slice(-36));
  });
});
