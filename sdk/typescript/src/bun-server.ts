import type { App, WebSocketHandler } from "./app.ts";
import { AppServer } from "./app-server.ts";
import { BunRoutes, type FoundRoute, type Route } from "./bun-routes.ts";
import type { Context } from "./context.ts";
import { SERVER, type ServedApp } from "./framework-app.ts";

type Answer = ReturnType<App["fetch"]>;

/** What of the options of `Bun.serve` means something where the engine listens. */
export interface ServeOptions {
  readonly fetch?: (this: BunServer, request: Request, server: Context) => Answer;
  readonly routes?: Readonly<Record<string, Route>>;
  /** The older name of `routes`. */
  readonly static?: Readonly<Record<string, Route>>;
  readonly websocket?: WebSocketHandler;
  readonly error?: (this: BunServer, error: unknown) => Answer;
  readonly port?: number | string;
  readonly hostname?: string;
}

/** Where Bun listens unless it is told another. */
const PORT_DEFAULT = 3_000;

/**
 * What `Bun.serve` returns to an entry module that exports nothing: the app is what it was given, and it is the engine that listens.
 *
 * docs/decisions/0029-bun-serve-in-an-entry-module.md
 */
export class BunServer extends AppServer {
  readonly id: string = "";
  readonly development: boolean = false;
  readonly pendingRequests: number = 0;
  readonly pendingWebSockets: number = 0;
  #options: ServeOptions;
  #routes: BunRoutes;

  /** @throws {TypeError} for routes that only Bun's own server can serve. */
  constructor(options: ServeOptions) {
    super();
    this.#options = options;
    this.#routes = routesOf(options);
  }

  /** What the worker serves; it follows `reload`. */
  get app(): ServedApp {
    const options = (): ServeOptions => this.#options;
    return {
      fetch: (request, context) => this.#answer(request, context),
      ...(options().websocket && { websocket: byOptions(options) }),
      ...(options().error && { error: (error) => options().error?.call(this, error) }),
      [SERVER]: this,
    };
  }

  /** What the module has asked for; the engine listens where the configuration says. */
  get port(): number {
    return Number(this.#options.port ?? process.env["PORT"] ?? PORT_DEFAULT);
  }

  get hostname(): string {
    return this.#options.hostname ?? "localhost";
  }

  get url(): URL {
    return new URL(`http://${this.hostname}:${this.port}/`);
  }

  /** From the next request on. */
  reload(options: ServeOptions): this {
    this.#routes = routesOf(options);
    this.#options = options;
    return this;
  }

  /** Answers without a connection, as tests of an app do. */
  async fetch(request: Request | string): Promise<Response | undefined> {
    const asked = typeof request === "string" ? new Request(new URL(request, this.url).href) : request;
    return this.#options.fetch?.call(this, asked, this as unknown as Context);
  }

  /** The engine decides when it is over. */
  async stop(): Promise<void> {}

  subscriberCount(): number {
    return 0;
  }

  ref(): void {}

  unref(): void {}

  [Symbol.dispose](): void {}

  #answer(request: Request, context: Context): Answer {
    const found = this.#routes.find(request.method, new URL(request.url).pathname);
    if (found !== null) return answerRoute(found, request, context);
    const { fetch } = this.#options;
    // What it returns may be nothing: for a WebSocket, or by mistake, which the caller tells.
    return fetch === undefined ? new Response(null, { status: 404 }) : fetch.call(this, request, context);
  }
}

function routesOf({ static: older, routes }: ServeOptions): BunRoutes {
  return new BunRoutes({ ...older, ...routes });
}

function byOptions(options: () => ServeOptions): WebSocketHandler {
  return {
    open: (socket) => options().websocket?.open?.(socket),
    message: (socket, message) => options().websocket?.message?.(socket, message),
    close: (socket, code, reason) => options().websocket?.close?.(socket, code, reason),
  };
}

async function answerRoute(
  { answer, params }: FoundRoute,
  request: Request,
  context: Context,
): Promise<Response | undefined> {
  if (answer instanceof Response) return answer.clone() as Response;
  if (answer instanceof Blob) return new Response(answer);
  const cookies = new Bun.CookieMap(request.headers.get("cookie") ?? "");
  const response = await answer(Object.assign(request, { params, cookies }), context);
  for (const cookie of cookies.toSetCookieHeaders()) response?.headers.append("set-cookie", cookie);
  return response;
}
