import type { RouteConfig } from "../../src/config/route-config.ts";
import { Exchange, type ExchangeHandler } from "../../src/http/exchange.ts";
import type { OutgoingResponse, RefusalOptions } from "../../src/http/response-writer.ts";
import { buildRequestHead } from "./build-request-head.ts";
import { RecordingWriter } from "./recording-writer.ts";

/** A request in a line, `GET host/path?query`, and its fields. */
export type RequestLine = `${string} ${string}`;

/** Keeps the answer with its fields, as `status Name: value … body`. */
export class AnswerWriter extends RecordingWriter {
  answer = "";

  override writeResponse({ status, fields, bodyBytes, bodyStart, bodyEnd }: OutgoingResponse): void {
    const lines = Array.from({ length: fields.count }, (_, index) => `${fields.name(index)}: ${fields.value(index)}`);
    this.answer = [String(status), ...lines, bodyBytes.toString("utf8", bodyStart, bodyEnd)].join("\n").trim();
  }

  override writeRefusal(status: number, options?: RefusalOptions): void {
    const { allow, retryAfterS, fields = [] } = options ?? {};
    const wait = status === 429 && retryAfterS !== undefined ? [`retry ${retryAfterS}`] : [];
    const lines = fields.map(([name, value]) => `${name}: ${value}`).join(", ");
    this.answer = ["refused", status, ...(allow === undefined ? [] : [allow]), ...wait, lines].join(" ").trim();
  }
}

/** An exchange for a request of words. */
export function openExchange(
  line: RequestLine,
  fields: Readonly<Record<string, string>> = {},
): { readonly exchange: Exchange; readonly writer: AnswerWriter } {
  const [method = "", url = ""] = line.split(" ", 2);
  const slash = url.indexOf("/");
  const authority = slash === -1 ? "" : url.slice(0, slash);
  const target = slash === -1 ? url : url.slice(slash);
  const [path = "", ...query] = target.split("?");
  const words = { method, target, path, query: query.join("?"), authority, fields: Object.entries(fields) };
  const writer = new AnswerWriter();
  return { exchange: new Exchange(buildRequestHead(words), Buffer.from("192.0.2.1:1"), "http", writer), writer };
}

/** Lets a dispatch answer a request of words; returns the answer of `AnswerWriter`. */
export function answerOf(
  dispatch: (exchange: Exchange) => ExchangeHandler,
  line: RequestLine,
  fields?: Readonly<Record<string, string>>,
): string {
  const { exchange, writer } = openExchange(line, fields);
  exchange.handler = dispatch(exchange);
  exchange.complete(null);
  return writer.answer;
}

/** As much of a route as a test is about. */
export type RouteWords = Partial<Omit<RouteConfig, "match" | "policies">> & {
  readonly match?: Partial<RouteConfig["match"]>;
  readonly policies?: Partial<RouteConfig["policies"]>;
};

const NO_POLICIES: RouteConfig["policies"] = {
  bodyBytesMax: null,
  requestFields: null,
  responseFields: null,
  securityHeaders: false,
  requestId: false,
  cors: null,
  basicAuth: null,
  rateLimit: null,
  maintenance: null,
  errorPages: null,
};

/** A route with defaults for all that is not given; without an action, one that responds with its name. */
export function routeOf({ match, ...given }: RouteWords): RouteConfig {
  const path = match?.path ?? "/*";
  const name = given.name ?? path;
  return {
    name,
    place: "vilya.yaml:1:1",
    match: { hosts: [], methods: [], path, query: {}, headers: {}, ...match },
    rewrite: null,
    compression: null,
    action: { kind: "respond", status: 200, headers: { "Content-Type": "text/x" }, body: name },
    ...given,
    policies: { ...NO_POLICIES, ...given.policies },
  };
}
