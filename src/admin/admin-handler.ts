import { VERSION } from "../base/version.ts";
import type { SpooledBody } from "../http/body/body-spool.ts";
import type { Dispatch, Exchange, ExchangeHandler } from "../http/exchange.ts";
import { fixedResponse } from "../http/fixed-response.ts";
import { type AdminAccess, denialOf } from "./admin-access.ts";
import type { AdminInstance } from "./admin-instance.ts";
import {
  type ApiAnswer,
  type ApiOperation,
  type ApiRequest,
  refusal,
  type StreamOperation,
} from "./api/api-operation.ts";
import { openApiDocument } from "./api/open-api.ts";
import { OPERATIONS } from "./api/operations.ts";
import { findPage } from "./dashboard/pages.ts";
import type { LiveFeed } from "./live/live-feed.ts";
import { STREAM_OPERATIONS } from "./live/stream-operations.ts";

const DESCRIPTION_PATH = "/v1/openapi.json";

const DESCRIBED = [...OPERATIONS, ...STREAM_OPERATIONS];

/** What admin requests are answered from. */
export interface AdminParts {
  readonly instance: AdminInstance;
  readonly feed: LiveFeed;
  readonly access: AdminAccess;
}

/** Answers requests to the admin interface: what the instance is, and what it shall do. */
export function createAdminDispatch(parts: AdminParts): Dispatch {
  return (exchange) => new AdminHandler(exchange, parts);
}

class AdminHandler implements ExchangeHandler {
  readonly #exchange: Exchange;
  readonly #parts: AdminParts;
  /** Ends an answer that goes on; null for any other. */
  #endStream: (() => void) | null = null;

  constructor(exchange: Exchange, parts: AdminParts) {
    this.#exchange = exchange;
    this.#parts = parts;
  }

  onRequest(body: SpooledBody | null): void {
    const { head } = this.#exchange;
    const page = findPage(head.path);
    const denial = denialOf(head, this.#parts.access, page !== null);
    if (denial !== null) {
      const fields = denial.status === 401 ? { "WWW-Authenticate": 'Bearer realm="vilya"' } : {};
      this.#respond({ ...refusal(denial.status, denial.reason), fields });
      return;
    }
    const method = head.method === "HEAD" ? "GET" : head.method;
    const request = { query: new URLSearchParams(head.query), accept: head.fields.get("accept") };
    const isAsked = (each: { method: string; path: string }): boolean =>
      each.method === method && each.path === head.path;
    const operation = OPERATIONS.find(isAsked);
    const streaming = STREAM_OPERATIONS.find(isAsked);
    if (operation !== undefined) void this.#perform(operation, readText(body), request);
    else if (streaming !== undefined) this.#stream(streaming, request);
    else if (method === "GET" && page !== null) this.#respond(page);
    else if (method === "GET" && head.path === DESCRIPTION_PATH) {
      this.#respond({ status: 200, body: openApiDocument(DESCRIBED, VERSION) });
    } else this.#respond(noOperation(head.path));
  }

  /** A stream whose client has stopped sending has lost its client. */
  onClientEnd(): "answer" | "drop" {
    return this.#endStream === null ? "answer" : "drop";
  }

  /** What was asked for is done all the same. */
  onAbandoned(): void {
    this.#endStream?.();
  }

  #stream({ stream }: StreamOperation, request: ApiRequest): void {
    const outcome = stream(this.#exchange, this.#parts.feed, request);
    if (typeof outcome === "function") this.#endStream = outcome;
    else this.#respond(outcome);
  }

  async #perform(operation: ApiOperation, body: string, request: ApiRequest): Promise<void> {
    try {
      this.#respond(await operation.perform(this.#parts.instance, body, request));
    } catch (error) {
      this.#respond(
        error instanceof SyntaxError ? refusal(400, "the body is not a JSON object") : refusal(500, "it failed"),
      );
    }
  }

  #respond({ status, body, fields }: ApiAnswer): void {
    const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
    const common = {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    };
    this.#exchange.respond(fixedResponse(status, { ...common, ...fields }, text));
  }
}

function noOperation(path: string): ApiAnswer {
  const methods: string[] = DESCRIBED.filter((each) => each.path === path).map(({ method }) => method);
  if (path === DESCRIPTION_PATH || findPage(path) !== null) methods.push("GET");
  if (methods.length === 0) return refusal(404, "there is nothing at this path");
  return { ...refusal(405, "the method is another one"), fields: { Allow: methods.join(", ") } };
}

function readText(body: SpooledBody | null): string {
  let text = "";
  body?.read((bytes, start, end) => (text += Buffer.from(bytes.slice(start, end)).toString("utf8")));
  return text;
}
