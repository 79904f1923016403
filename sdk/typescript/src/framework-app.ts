import type { App, WebSocketHandler } from "./app.ts";
import { AppServer } from "./app-server.ts";

/** Where an app has what stands for its server; a symbol, because it may have any member. */
export const SERVER: unique symbol = Symbol("server");

/** An app as workers serve it. */
export interface ServedApp extends App {
  readonly [SERVER]?: AppServer;
}

/** An app of a framework that can start a server: Elysia, and others of its shape. */
export interface FrameworkApp extends Pick<App, "fetch"> {
  /** Set by `listen`, until then `null`. Elysia upgrades its WebSockets by it. */
  server?: unknown;
}

export function hasServerOfItsOwn(exported: object): boolean {
  return "listen" in exported && typeof exported.listen === "function";
}

/** Only its `fetch` is meant for us: its `stop`, and the like of it in others, ends a server that does not run here. */
export function fromFramework(app: FrameworkApp): ServedApp {
  const fetch = app.fetch.bind(app);
  if (app.server !== null) return { fetch };
  const server = new AppServer();
  app.server = server;
  return { fetch, websocket: BY_DATA, [SERVER]: server };
}

/** Of a socket that has its handlers in what the request left it, as each route of Elysia does. */
const BY_DATA: WebSocketHandler<WebSocketHandler | undefined> = {
  open: (socket) => socket.data?.open?.(socket),
  message: (socket, message) => socket.data?.message?.(socket, message),
  close: (socket, code, reason) => socket.data?.close?.(socket, code, reason),
};
