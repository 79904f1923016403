import { describe, expect, test } from "bun:test";
import { AppError, toApp } from "./app.ts";
import { AppServer } from "./app-server.ts";
import { SERVER } from "./framework-app.ts";
import type { Socket } from "./socket.ts";

function fail(): never {
  throw new Error("it is not meant to be called");
}

describe("toApp", () => {
  test("takes a function for its fetch, and an object with a fetch as it is", () => {
    const fetch = (): Response => new Response();
    expect(toApp(fetch, "app.ts")).toEqual({ fetch });
    const app = { fetch, concurrency: 3, websocket: {} };
    expect(toApp(app, "app.ts")).toMatchObject({ concurrency: 3, websocket: app.websocket });
  });

  test("calls methods as those of the app, which may be an instance", async () => {
    class Counting {
      #count = 0;
      fetch(): Response {
        return new Response(String(++this.#count));
      }
      start(): void {
        this.#count = 7;
      }
    }
    const { fetch, start } = toApp(new Counting(), "app.ts") as { fetch: () => Response; start: () => void };
    start();
    expect(await fetch().text()).toBe("8");
  });

  test("takes of a router that answers to every name only what it has", () => {
    const router = new Proxy(
      { fetch: () => new Response() },
      { get: (target, name) => Reflect.get(target, name) ?? fail },
    );
    expect(Object.keys(toApp(router, "app.ts"))).toEqual(["fetch"]);
  });

  test("takes the fetch alone of what has a server of its own: its start and stop are not those of a worker", () => {
    class Framework {
      readonly answer = "mine";
      fetch(): string {
        return this.answer;
      }
      listen(): void {}
      stop(): never {
        throw new Error("no server runs");
      }
    }
    const app = toApp(new Framework(), "app.ts") as { fetch: () => unknown; stop?: unknown };
    expect([app.fetch(), app.stop]).toEqual(["mine", undefined]);
  });

  test("gives what has a place for its server something that stands for it, and takes the handlers of sockets from their data", async () => {
    const framework = { fetch: () => new Response(), listen() {}, server: null as unknown };
    const app = toApp(framework, "app.ts");
    expect([framework.server, framework.server instanceof AppServer]).toEqual([app[SERVER], true]);
    const told: unknown[] = [];
    const message = (_: unknown, text: unknown): void => void told.push(text);
    const socketWith = (data: unknown): Socket => ({ data }) as Socket;
    await app.websocket?.message?.(socketWith({ message }), "one");
    await app.websocket?.message?.(socketWith(undefined), "two");
    expect(told).toEqual(["one"]);
  });

  test.each([
    [undefined, "its default export is missing"],
    [null, "its default export is null"],
    [7, "its default export is a number"],
    [
      Object.assign(fail, { listen: fail }),
      "its default export is an application of node:http, which listens by itself",
    ],
    [{}, "its default export is an object without one"],
    [{ fetch: "text" }, "its default export is an object without one"],
  ])("refuses %p", (exported, message) => {
    expect(() => toApp(exported, "app.ts")).toThrow(AppError);
    expect(() => toApp(exported, "app.ts")).toThrow(message);
  });
});
