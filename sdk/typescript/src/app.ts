import type { Context } from "./context.ts";
import { type FrameworkApp, fromFramework, hasServerOfItsOwn, type ServedApp } from "./framework-app.ts";
import type { Socket } from "./socket.ts";

type MaybePromise<T> = T | Promise<T>;

/** What happens on the WebSockets of an app; each one stays with the worker that has accepted it. */
export interface WebSocketHandler<Data = unknown> {
  open?(socket: Socket<Data>): MaybePromise<void>;
  /** One whole message: text as a string, everything else as bytes, a `Buffer` unless `binaryType` says another. Messages of a socket come one after the other. */
  message?(socket: Socket<Data>, message: string | Uint8Array): MaybePromise<void>;
  /** The last one. `code` is 1005 when the client gave none, 1006 when the connection was lost. */
  close?(socket: Socket<Data>, code: number, reason: string): MaybePromise<void>;
}

/**
 * What the entry module exports by default; a function is taken for its `fetch`. Hono, Elysia and h3 export objects of this shape.
 */
export interface App<Data = unknown> {
  /** The context comes twice, because frameworks name the second parameter `env` and the third one after its `waitUntil`. */
  fetch(request: Request, context: Context, sameContext: Context): MaybePromise<Response | undefined>;
  /** With it, `context.upgrade` accepts WebSockets. */
  websocket?: WebSocketHandler<Data>;
  /** Runs before the worker counts as ready, within the start timeout. */
  start?(): MaybePromise<void>;
  /** Runs behind the last request. */
  stop?(): MaybePromise<void>;
  /** Answers what `fetch` has thrown, as on Bun; without it, or when it fails as well, the client gets 500 and the log the error. */
  error?(error: unknown): MaybePromise<Response | undefined>;
  /** Requests at a time. Default 100. */
  concurrency?: number;
}

/** The entry module exports nothing that can serve. */
export class AppError extends Error {
  override readonly name = "AppError";
}

/** Takes an entry module's default export for an app. @throws {AppError} when it is none. */
export function toApp(exported: unknown, path: string): ServedApp {
  if (typeof exported === "function" && !hasServerOfItsOwn(exported)) return { fetch: exported as App["fetch"] };
  if (
    exported !== null &&
    typeof exported === "object" &&
    "fetch" in exported &&
    typeof exported.fetch === "function"
  ) {
    return hasServerOfItsOwn(exported) ? fromFramework(exported as FrameworkApp) : membersOf(exported as App);
  }
  throw new AppError(
    `Cannot serve ${path}: its default export is ${describe(exported)}, an object with a fetch method or a function is allowed`,
  );
}

/** Only what the app has: of some routers every name is a method, which adds a route. */
function membersOf(app: App): App {
  return {
    fetch: app.fetch.bind(app),
    ...("websocket" in app && app.websocket && { websocket: app.websocket }),
    ...("start" in app && app.start && { start: app.start.bind(app) }),
    ...("stop" in app && app.stop && { stop: app.stop.bind(app) }),
    ...("error" in app && app.error && { error: app.error.bind(app) }),
    ...("concurrency" in app && app.concurrency && { concurrency: app.concurrency }),
  };
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "function") return "an application of node:http, which listens by itself";
  return typeof value === "object" ? "an object without one" : `a ${typeof value}`;
}
