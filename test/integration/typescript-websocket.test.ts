import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";
import { close } from "../support/websocket-frames.ts";

const APP = join(import.meta.dir, "../support/apps/room.mjs");

function startRoom(runtime: string): Promise<VilyaServer> {
  return startVilya({ config: { runtime, entry: APP, workers: { count: 2 } } });
}

async function enter(server: VilyaServer, name: string): Promise<WebSocketClient> {
  const client = await WebSocketClient.open(await RawClient.connect(server.port), {}, `/?name=${name}`);
  await client.until(1);
  return client;
}

describe.each(["bun", "node"])("a WebSocket of an app on %s", (runtime) => {
  test("hears what is published to its topics, and no longer when it has unsubscribed", async () => {
    await using server = await startRoom(runtime);
    using ada = await enter(server, "Ada");
    using bob = await enter(server, "Bob");
    expect(await ada.until(2)).toEqual([expect.stringContaining("text Ada is "), "text Bob has come"]);
    bob.sendText("Hello");
    expect((await ada.until(3))[2]).toBe("text Hello");
    expect((await bob.until(2))[1]).toBe("text said");

    ada.sendText("leave");
    expect((await ada.until(4))[3]).toBe("text said");
    bob.sendText("Unheard");
    await bob.until(4);
    ada.sendText("Last");
    expect((await ada.until(5))[4]).toBe("text said");
    expect((await bob.until(5)).slice(1)).toEqual(["text said", "text leave", "text said", "text Last"]);
  });

  test("is reached from requests, with all others or alone", async () => {
    await using server = await startRoom(runtime);
    using ada = await enter(server, "Ada");
    using bob = await enter(server, "Bob");
    const [welcome = ""] = bob.events;
    await ada.until(2);
    await fetch(server.url, { method: "POST", body: "To all" });
    expect([(await ada.until(3))[2], (await bob.until(2))[1]]).toEqual(["text To all", "text To all"]);
    await fetch(`${server.url}/${welcome.slice("text Bob is ".length)}`, { method: "POST", body: "To Bob" });
    expect((await bob.until(3))[2]).toBe("text To Bob");
    expect(ada.events.length).toBe(3);
  });

  test("tells others when it has gone, and is closed with 1011 when its handler throws", async () => {
    await using server = await startRoom(runtime);
    using ada = await enter(server, "Ada");
    {
      using bob = await enter(server, "Bob");
      bob.sendText("throw");
      expect((await bob.until(2))[1]).toBe("close 1011");
      bob.send(close(1011));
      await bob.untilEnd();
    }
    expect((await ada.until(3)).slice(1)).toEqual(["text Bob has come", "text Bob has left with 1011"]);
    using eve = await enter(server, "Eve");
    eve.raw[Symbol.dispose]();
    expect((await ada.until(5)).slice(3)).toEqual(["text Eve has come", "text Eve has left with 1006"]);
  });

  test("is an ordinary request where nobody has asked for one", async () => {
    await using server = await startRoom(runtime);
    expect((await fetch(server.url)).status).toBe(426);
  });
});
