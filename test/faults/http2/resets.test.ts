import { describe, expect, test } from "bun:test";

import { SETTING } from "../../../src/protocols/http2/settings.ts";
import { buildFieldBlock } from "../../support/build-field-block.ts";
import type { Http2Client } from "../../support/http2-client.ts";
import { content, reset } from "../../support/http2-frames.ts";
import { HttpServer, type ReceivedRequest } from "../../support/http-server.ts";
import { until } from "../../support/until.ts";

interface Scene {
  readonly server: HttpServer;
  readonly client: Http2Client;
}

const HEAD = { status: 200, fields: buildFieldBlock([]) };

/** Takes a stream to a state and returns it, and whether its app is still at it. */
type Approach = (scene: Scene) => Promise<{ readonly stream: number; readonly isAppWaiting: boolean }>;

async function requestOf({ server }: Scene, count: number = 1): Promise<ReceivedRequest> {
  await until(`request ${count}`, () => server.requests.length === count);
  return server.requests[count - 1]!;
}

/** The states of a stream in which its client may reset it. The client's windows are shut in all of them. */
const STATES: Readonly<Record<string, Approach>> = {
  "before its body": async (scene) => {
    const stream = scene.client.request("/", "POST", null);
    await requestOf(scene);
    return { stream, isAppWaiting: true };
  },
  "in its body, in memory": async (scene) => {
    const stream = scene.client.request("/", "POST", null);
    scene.client.send(content(stream, "some"));
    await requestOf(scene);
    return { stream, isAppWaiting: true };
  },
  "in its body, in a file": async (scene) => {
    const stream = scene.client.request("/", "POST", null);
    scene.client.send(content(stream, "x".repeat(15_000)));
    await requestOf(scene);
    return { stream, isAppWaiting: true };
  },
  "while its app thinks": async (scene) => {
    const stream = scene.client.request("/", "POST", "x".repeat(15_000));
    const received = await requestOf(scene);
    await until("its body", () => received.isComplete);
    return { stream, isAppWaiting: true };
  },
  "with its answer waiting": async (scene) => {
    const stream = scene.client.request();
    (await requestOf(scene)).answer("x".repeat(60_000));
    await scene.client.until("the head", () => scene.client.response(stream).status === 200);
    return { stream, isAppWaiting: false };
  },
  "with parts of its answer waiting": async (scene) => {
    const stream = scene.client.request();
    const body = (await requestOf(scene)).exchange.begin(HEAD, () => {});
    body!.write(Buffer.alloc(60_000), 0, 60_000);
    await scene.client.until("the head", () => scene.client.response(stream).status === 200);
    return { stream, isAppWaiting: true };
  },
  "held back for want of room": async (scene) => {
    const stuck = scene.client.request();
    (await requestOf(scene)).answer("x".repeat(70_000));
    await scene.client.until("the head", () => scene.client.response(stuck).status === 200);
    const stream = scene.client.request("/", "POST", "held");
    await requestOf(scene, 2);
    return { stream, isAppWaiting: true };
  },
};

describe.each(["a stream", "a connection"])("%s that is reset", (what) => {
  test.each(Object.entries(STATES))("%s", async (_name, approach) => {
    using server = new HttpServer();
    const scene = { server, client: await server.connectHttp2([[SETTING.initialWindowSize, 0]]) };
    const { client } = scene;
    const { stream, isAppWaiting } = await approach(scene);
    const received = server.requests.at(-1)!;
    if (what === "a stream") client.send(reset(stream));
    else client.raw.reset();
    if (isAppWaiting) await until("the app to know", () => received.isAbandoned);
    received.answer("too late");
    if (what === "a connection") {
      await until("the end", () => server.listener.connectionCount === 0);
    } else {
      server.respond = (next) => next.answer("", 204);
      for (const open of server.requests) if (!open.isAbandoned) open.answer("", 204);
      const stuck = server.requests.length === 2 ? [reset(1)] : [];
      client.send(...stuck);
      expect((await client.untilEnded(client.request("/next", "POST", "next"))).status).toBe(204);
      client[Symbol.dispose]();
    }
    expect(received.isAbandoned).toBe(isAppWaiting);
    expect(server.listener.bodyMemoryBytes).toBe(0);
    expect(server.errors).toEqual([]);
  });
});
