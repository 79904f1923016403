import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { servePython, traceOf } from "./python-app.ts";
import { RawClient } from "./raw-client.ts";
import { until } from "./until.ts";
import type { VilyaServer } from "./vilya.ts";
import { WebSocketClient } from "./websocket-client.ts";
import { close } from "./websocket-frames.ts";

/** What a framework's application answers at the paths that all of them have. */
export interface Framework {
  readonly entry: string;
  /** What it is told of its start and its end. Default: nothing. */
  readonly hasLifespan?: boolean;
  /** Default: it has none. */
  readonly hasBackgroundTasks?: boolean;
  /** What it writes down when the client of its socket has left with code 1000; without one it has no sockets. */
  readonly socketEnd?: string;
  /** Where it streams. */
  readonly streamPath?: string;
  readonly eventsPath?: string;
}

const LARGE_BODY_BYTES = 100_000_000;

/** Holds one worker with a framework's application to what every server has to give it. `more` gets the same server. */
export function testFramework(
  name: string,
  framework: Framework,
  more: (server: () => VilyaServer) => void = () => {},
): void {
  const { entry, hasLifespan = false, hasBackgroundTasks = false, socketEnd } = framework;
  const { streamPath = "/stream", eventsPath = "/events" } = framework;
  let running: VilyaServer | null = null;
  const server = (): VilyaServer => {
    if (running === null) throw new Error("Cannot ask the server: it has not started");
    return running;
  };

  describe(name, () => {
    beforeAll(async () => {
      running = await servePython(entry, {
        config: { server: { max_body_size: "128MB" } },
        expectedErrors: ["worker reported an error"],
      });
    });
    afterAll(async () => {
      const stopped = running;
      await running?.stop();
      if (hasLifespan && stopped !== null) expect(traceOf(stopped)).toContain("shutdown");
      await running?.[Symbol.asyncDispose]();
    });

    test("answers with JSON, and knows what its start has made", async () => {
      const response = await fetch(`${server().url}/hello/gr%C3%BC%C3%9Fe`);
      expect([response.status, await response.json()]).toEqual([200, { hello: "gr\u00fc\u00dfe", made: "at start" }]);
      if (hasLifespan) expect(traceOf(server())).toContain("startup");
    });

    test("takes files of a form", async () => {
      const form = new FormData();
      form.set("title", "caf\u00e9");
      form.set("file", new File([new Uint8Array(300_000)], "photo.jpg"));
      const response = await fetch(`${server().url}/upload`, { method: "POST", body: form });
      expect(await response.json()).toEqual({ title: "caf\u00e9", filename: "photo.jpg", bytes: 300_000 });
    });

    test("takes a body of 100 MB", async () => {
      const body = new Uint8Array(LARGE_BODY_BYTES);
      const response = await fetch(`${server().url}/length`, { method: "POST", body });
      expect(await response.json()).toEqual({ bytes: LARGE_BODY_BYTES });
    });

    test("streams", async () => {
      expect(await (await fetch(server().url + streamPath)).text()).toBe("part 0\npart 1\npart 2\n");
    });

    test("sends events until its client leaves, and learns that", async () => {
      using client = await RawClient.connect(server().port);
      client.send(`GET ${eventsPath} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await client.until("events", ({ received }) => received.split("tick").length > 3);
      client.reset();
      await until("the end of the events", () => traceOf(server()).includes("left"));
    });

    test("that fails answers 500, and tells its client nothing", async () => {
      const response = await fetch(`${server().url}/fail`);
      expect([response.status, (await response.text()).includes("secret")]).toEqual([500, false]);
    });

    if (hasLifespan) {
      test("whose start fails is not served, and the log says why", async () => {
        await using broken = await servePython(entry, {
          environment: { FAIL_AT: "startup" },
          waitFor: "listening",
          expectedErrors: ["worker failed to start", "workers keep failing"],
        });
        const { exitCode, stderr } = await broken.logged("worker failed to start");
        expect([exitCode, String(stderr)]).toEqual([3, expect.stringContaining("the startup has failed")]);
        expect((await fetch(broken.url)).status).toBe(503);
      });

      test("whose end fails says so in the log, and ends", async () => {
        await using broken = await servePython(entry, { environment: { FAIL_AT: "shutdown" } });
        await broken.stop();
        expect(broken.log.map(({ line }) => line).join("\n")).toContain("the shutdown has failed");
      });
    }

    if (hasBackgroundTasks) {
      test("goes on behind its answer", async () => {
        const response = await fetch(`${server().url}/background`, { method: "POST" });
        expect(await response.json()).toEqual({ accepted: true });
        await until("the task", () => traceOf(server()).includes("background"));
      });
    }

    if (socketEnd !== undefined) {
      test("holds a WebSocket", async () => {
        using client = await WebSocketClient.open(await RawClient.connect(server().port));
        client.sendText("hello");
        expect(await client.until(1)).toEqual(["text HELLO"]);
        client.send(close(1000));
        await client.untilEnd();
        await until("the end of the socket", () => traceOf(server()).includes(socketEnd));
      });
    }

    more(server);
  });
}
