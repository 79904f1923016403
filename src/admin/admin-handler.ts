import { timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

import { LOG_LEVELS, type LogLevel } from "../base/log-level.ts";
import type { Dispatch, Exchange, ExchangeHandler } from "../http/exchange.ts";
import { fixedResponse } from "../http/fixed-response.ts";
import type { SpooledBody } from "../http/body-spool.ts";
import type { AdminInstance } from "./admin-instance.ts";
import { chooseMetricsFormat, CONTENT_TYPES } from "./metrics-text.ts";
import { renderMetrics } from "./render-metrics.ts";

/** Who may ask the admin interface. */
export interface AdminAccess {
  /** `null` asks for none. */
  readonly token: string | null;
  /** True on a Unix socket that its owner alone can reach: then neither token nor host is looked at. */
  readonly isPrivate: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly fields?: Readonly<Record<string, string>>;
}

/** The head is over when the body is there: what counts of it is kept. */
interface AdminRequest {
  readonly body: string;
  readonly accept: string | null;
}

type Operation = (instance: AdminInstance, request: AdminRequest) => Answer | Promise<Answer>;

/** By method and path. HEAD is GET without the content. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /health": () => ({ status: 200, body: { status: "ok" } }),
  "GET /ready": ready,
  "GET /metrics": async (instance, { accept }) => {
    const format = chooseMetricsFormat(accept);
    const body = renderMetrics(await instance.report(), format);
    return { status: 200, body, fields: { "Content-Type": CONTENT_TYPES[format] } };
  },
  "GET /v1/status": async (instance) => ({ status: 200, body: await instance.report() }),
  "POST /v1/recycle": async (instance, { body }) => {
    const { app = null } = readJson(body);
    if (app !== null && typeof app !== "string") return refusal(400, "`app` is the name of an app");
    return (await instance.recycle(app))
      ? { status: 202, body: { app } }
      : refusal(404, "there is no app of this name");
  },
  "POST /v1/stop": (instance, { body }) => {
    const { now = false } = readJson(body);
    if (typeof now !== "boolean") return refusal(400, "`now` is true or false");
    instance.stop(now);
    return { status: 202, body: { now } };
  },
  "POST /v1/log-level": (instance, { body }) => {
    const { level } = readJson(body);
    if (!isLogLevel(level)) return refusal(400, `\`level\` is one of ${LOG_LEVELS.join(", ")}`);
    instance.setLogLevel(level);
    return { status: 200, body: { level } };
  },
};

/** Answers requests to the admin interface: what the instance is, and what it shall do. */
export function createAdminDispatch(instance: AdminInstance, access: AdminAccess): Dispatch {
  return (exchange) => new AdminHandler(exchange, instance, access);
}

class AdminHandler implements ExchangeHandler {
  readonly #exchange: Exchange;
  readonly #instance: AdminInstance;
  readonly #access: AdminAccess;

  constructor(exchange: Exchange, instance: AdminInstance, access: AdminAccess) {
    this.#exchange = exchange;
    this.#instance = instance;
    this.#access = access;
  }

  onRequest(body: SpooledBody | null): void {
    const { head } = this.#exchange;
    const denial = deny(this.#exchange, this.#access);
    if (denial !== null) {
      this.#respond(denial);
      return;
    }
    const method = head.method === "HEAD" ? "GET" : head.method;
    const operation = OPERATIONS[`${method} ${head.path}`];
    if (operation === undefined) {
      this.#respond(noOperation(head.path));
      return;
    }
    const request = { body: readText(body), accept: head.fields.get("accept") };
    void this.#perform(operation, request);
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // What was asked for is done all the same.
  }

  async #perform(operation: Operation, request: AdminRequest): Promise<void> {
    try {
      this.#respond(await operation(this.#instance, request));
    } catch (error) {
      this.#respond(
        error instanceof SyntaxError ? refusal(400, "the body is not a JSON object") : refusal(500, "it failed"),
      );
    }
  }

  #respond({ status, body, fields }: Answer): void {
    const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
    const common = {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    };
    this.#exchange.respond(fixedResponse(status, { ...common, ...fields }, text));
  }
}

async function ready(instance: AdminInstance): Promise<Answer> {
  const { front, isStopping } = await instance.report();
  const apps = Object.fromEntries(front?.pools.map(({ app, status }) => [app, status.workerCount > 0]) ?? []);
  const isReady = front?.isReady === true && !isStopping && Object.values(apps).every(Boolean);
  return { status: isReady ? 200 : 503, body: { status: isReady ? "ready" : "not ready", apps } };
}

/** Why a request may not be made; `null` when it may. */
function deny({ head }: Exchange, { token, isPrivate }: AdminAccess): Answer | null {
  if (isPrivate) return null;
  const { fields } = head;
  if (token !== null) {
    if (isToken(fields.get("authorization"), token)) return null;
    return { ...refusal(401, "a token is needed"), fields: { "WWW-Authenticate": 'Bearer realm="vilya"' } };
  }
  // Without a token the browser of somebody on this machine must not be made to ask: neither by a page of another site, nor by a name of
  // another site that was made to point here.
  if (fields.get("origin") !== null) return refusal(403, "requests of web pages are not taken");
  return isLocalName(head.authority) ? null : refusal(403, "the host has to be an IP address or localhost");
}

/** Compares in a time that says nothing of how much of it is right. */
function isToken(authorization: string | null, token: string): boolean {
  const given = Buffer.from(/^bearer (.+)$/i.exec(authorization ?? "")?.[1] ?? "");
  const expected = Buffer.from(token);
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(bytes: Buffer): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(bytes).digest();
}

function isLocalName(authority: string): boolean {
  const host = authority.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || isIP(host) !== 0;
}

function noOperation(path: string): Answer {
  const methods = Object.keys(OPERATIONS)
    .filter((key) => key.endsWith(` ${path}`))
    .map((key) => key.slice(0, key.indexOf(" ")));
  if (methods.length === 0) return refusal(404, "there is nothing at this path");
  return { ...refusal(405, "the method is another one"), fields: { Allow: methods.join(", ") } };
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

function readText(body: SpooledBody | null): string {
  let text = "";
  body?.read((bytes, start, end) => (text += Buffer.from(bytes.slice(start, end)).toString("utf8")));
  return text;
}

/** @throws {SyntaxError} for anything but a JSON object; nothing at all is an empty one. */
function readJson(body: string): Readonly<Record<string, unknown>> {
  const value: unknown = body.trim() === "" ? {} : JSON.parse(body);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError("not an object");
  return { ...value };
}

function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.includes(value as LogLevel);
}
