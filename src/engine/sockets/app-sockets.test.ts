import { describe, expect, test } from "bun:test";
import { SocketApp } from "../../../test/support/socket-app.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";

const ELSEWHERE = "ffffffff-1";

function payload(text: string) {
  const bytes = Buffer.from(text);
  return { isBinary: false, bytes, start: 0, end: bytes.length };
}

/** What a worker, or one of another front, does with a socket of this name. */
function actionsOn(socket: string): readonly SocketAction[] {
  return [
    { kind: "send", socket, ...payload("for you") },
    { kind: "subscribe", socket, topic: "news" },
    { kind: "publish", topic: "news", except: null, ...payload("for all") },
    { kind: "unsubscribe", socket, topic: "news" },
    { kind: "publish", topic: "news", except: null, ...payload("for nobody here") },
    { kind: "close", socket, code: 4_000, reason: "enough" },
  ];
}

/** The name of the only socket, as workers know it. */
function nameOf(app: SocketApp): string {
  return app.sockets.factsOf(1).socket;
}

describe("AppSockets", () => {
  test("does what is for its own socket, and tells other fronts of what is published", async () => {
    using app = new SocketApp();
    using client = await app.open();
    app.sockets.onActions({ actions: actionsOn(nameOf(app)), refusal: null });
    expect(await client.until(3)).toEqual(["text for you", "text for all", "close 4000 enough"]);
    expect(app.relayed).toEqual(["publish", "publish"]);
  });

  test("hands on what is for the socket of another front", async () => {
    using app = new SocketApp();
    app.sockets.onActions({ actions: actionsOn(ELSEWHERE), refusal: null });
    expect(app.relayed).toEqual(["send", "subscribe", "publish", "unsubscribe", "publish", "close"]);
  });

  test("does what another front has handed on, and hands nothing on again", async () => {
    using app = new SocketApp();
    using client = await app.open();
    app.sockets.onRelayed({ actions: actionsOn(nameOf(app)), refusal: null });
    app.sockets.onRelayed({ actions: actionsOn(ELSEWHERE), refusal: null });
    expect(await client.until(3)).toEqual(["text for you", "text for all", "close 4000 enough"]);
    expect(app.relayed).toEqual([]);
  });

  test("keeps a publication of another front from the socket that it excepts", async () => {
    using app = new SocketApp();
    using client = await app.open({ actions: [{ do: "subscribe", topic: "news" }] });
    const publish = (except: string | null, text: string): SocketAction => ({
      kind: "publish",
      topic: "news",
      except,
      ...payload(text),
    });
    app.sockets.onRelayed({ actions: [publish(nameOf(app), "not you"), publish(ELSEWHERE, "you")], refusal: null });
    expect(await client.until(1)).toEqual(["text you"]);
  });

  test("does nothing of what breaks the rules, and says so", () => {
    using app = new SocketApp();
    app.sockets.onRelayed({ actions: [], refusal: "action 0: it is to dance" });
    expect(app.log.named("relayed websocket actions refused")).toHaveLength(1);
  });
});
