import type { RequestHead } from "../../protocols/http/request-head.ts";
import type { Dispatch, Exchange, ExchangeHandler } from "../exchange.ts";
import { fixedResponse } from "../fixed-response.ts";
import type { OutgoingResponse } from "../response-writer.ts";
import { renderListing } from "./directory-listing.ts";
import { FileAnswer } from "./file-answer.ts";
import { parseRequestPath } from "./request-path.ts";
import type { Resource } from "./resource.ts";
import type { StaticSite } from "./static-site.ts";

const METHODS = "GET, HEAD, OPTIONS";

/**
 * Answers with the site's files, and leaves what is none to `fallback`.
 *
 * @param fallback who answers for paths without a file, and for methods other than GET and HEAD; `null` answers those with 404 and 405.
 */
export function serveStatic(site: StaticSite, fallback: Dispatch | null): Dispatch {
  return (exchange) => {
    const { head } = exchange;
    const isRead = head.isMethod("GET") || head.isMethod("HEAD");
    if (!isRead && fallback !== null) return fallback(exchange);
    const answer = answerOf(exchange, site, isRead) ?? (isRead ? fallbackFile(exchange, site) : null);
    return answer ?? fallback?.(exchange) ?? new ShortAnswer(exchange, { status: 404 });
  };
}

/** `null` when the path names nothing that is served. */
function answerOf(exchange: Exchange, site: StaticSite, isRead: boolean): ExchangeHandler | null {
  const path = pathBelow(site.options.prefix, exchange.head);
  if (path === null) return null;
  // Most requests spell a file's name as it is: what is known of it is found without taking the path apart.
  const known = path.includes("%") ? null : site.recall(path.slice(1));
  if (known?.kind === "file" && isRead) return new FileAnswer(exchange, site, known);
  // The prefix itself is the root without its slash.
  const parsed = path === "" ? { name: "", isDirectory: false } : parseRequestPath(path);
  if (parsed === null) return null;
  const nowMs = Date.now();
  const resource = site.find(parsed.name, nowMs);
  if (resource.kind === "missing" || (resource.kind === "file" && parsed.isDirectory)) return null;
  if (!isRead) return methodAnswer(exchange);
  if (resource.kind === "file") return new FileAnswer(exchange, site, resource);
  if (!parsed.isDirectory)
    return new ShortAnswer(exchange, fixedResponse(301, { Location: withSlash(exchange.head) }, ""));
  return directoryAnswer(exchange, site, resource, nowMs);
}

function directoryAnswer(
  exchange: Exchange,
  site: StaticSite,
  directory: Extract<Resource, { kind: "directory" }>,
  nowMs: number,
): ExchangeHandler | null {
  if (directory.indexPath === null) {
    const html = renderListing(site, directory.path, exchange.head.path, nowMs);
    if (html === null) return null;
    return new ShortAnswer(exchange, fixedResponse(200, { "Content-Type": "text/html;charset=utf-8" }, html));
  }
  const index = site.find(directory.indexPath, nowMs);
  return index.kind === "file" ? new FileAnswer(exchange, site, index) : null;
}

/** What an application that routes in the browser is served as, whatever it calls its pages. */
function fallbackFile(exchange: Exchange, site: StaticSite): ExchangeHandler | null {
  const { fallbackPath } = site.options;
  const resource = fallbackPath === null ? null : site.find(fallbackPath, Date.now());
  return resource?.kind === "file" ? new FileAnswer(exchange, site, resource) : null;
}

/** The path below the prefix, as received; `null` when it is not below it. */
function pathBelow(prefix: string, head: RequestHead): string | null {
  const { path } = head;
  if (prefix === "") return path;
  const end = path.startsWith(prefix) ? prefix.length : endOfPrefix(prefix, path);
  return end !== -1 && (path.length === end || path.charCodeAt(end) === 0x2f) ? path.slice(end) : null;
}

/** Where the prefix ends in a path that spells it otherwise, percent-encoded or in UTF-8 (RFC 3986 §6.2.2.2); -1 for one that does not begin with it. */
function endOfPrefix(prefix: string, path: string): number {
  let end = 0;
  for (let left = prefix.split("/").length - 1; left > 0; left--) {
    const next = path.indexOf("/", end + 1);
    end = next === -1 ? path.length : next;
  }
  const name = parseRequestPath(path.slice(0, end))?.name;
  return name === Buffer.from(prefix.slice(1)).toString("latin1") ? end : -1;
}

/** A path alone, so that it leads to no other host: it does not begin with two slashes, for those name no directory. */
function withSlash({ path, query }: RequestHead): string {
  return `${path}/${query === "" ? "" : `?${query}`}`;
}

function methodAnswer(exchange: Exchange): ExchangeHandler {
  if (exchange.head.isMethod("OPTIONS")) return new ShortAnswer(exchange, fixedResponse(204, { Allow: METHODS }, ""));
  return new ShortAnswer(exchange, { status: 405, allow: METHODS });
}

/** An error of the engine's own. */
interface Refusal {
  readonly status: 404 | 405;
  readonly allow?: string;
}

/** An answer that is known before the request is complete. */
class ShortAnswer implements ExchangeHandler {
  readonly isHeadEnough = true;
  readonly #exchange: Exchange;
  readonly #answer: OutgoingResponse | Refusal;

  constructor(exchange: Exchange, answer: OutgoingResponse | Refusal) {
    this.#exchange = exchange;
    this.#answer = answer;
  }

  onRequest(): void {
    const answer = this.#answer;
    if ("fields" in answer) this.#exchange.respond(answer);
    else this.#exchange.refuse(answer.status, answer.allow === undefined ? {} : { allow: answer.allow });
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // Nothing is under way.
  }
}
