import { isIP } from "node:net";

import type { Dispatch, Exchange } from "../../http/exchange.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import type { OutgoingResponse, RefusalOptions } from "../../http/response-writer.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { fieldListOf } from "../../protocols/http/field-list.ts";
import { reasonPhrase } from "../../protocols/http/status.ts";
import { ImmediateHandler } from "../../routing/immediate-handler.ts";
import { type ErrorFacts, renderErrorPage } from "./error-page.ts";
import type { LivePages } from "./live-pages.ts";
import type { LogMemory } from "./log-tap.ts";
import { EVENTS_PATH, PAGE_SCRIPT, SCRIPT_PATH } from "./page-script.ts";
import { PageWriter } from "./page-writer.ts";
import { findSourceFrame } from "./source-frame.ts";

export interface DevelopOptions {
  readonly pages: LivePages;
  readonly memory: LogMemory;
  /** Where the code of the apps is that pages may show. */
  readonly folders: readonly string[];
}

/** What answers in development: pages that load again by themselves and say what is wrong. Everything but pages goes by untouched. */
export function developDispatch(next: Dispatch, options: DevelopOptions): Dispatch {
  const { pages } = options;
  return (exchange) => {
    const { head } = exchange;
    if (head.path === EVENTS_PATH) return pages.follow(exchange);
    if (head.path === SCRIPT_PATH) return new ImmediateHandler(exchange, sendScript);
    if (!isNavigation(head) || !isLocalName(head.authority)) return next(exchange);
    const { problem } = pages;
    if (problem !== null) {
      const { title, lines } = problem;
      const frame = findSourceFrame(lines.join("\n"), options.folders);
      const facts = { status: 500, title, detail: "", frame, app: null, request: null, fields: [], output: lines };
      return new ImmediateHandler(exchange, () => exchange.respond(pageOf(facts)));
    }
    const request = `${head.method} ${head.target}`;
    const fields = fieldListOf(head.fields);
    const handler = next(exchange);
    // Behind what the app's routes do to answers, so that it sees them before they are compressed.
    exchange.intercept(
      (writer) =>
        new PageWriter(writer, (status, refusal) => explain(exchange, { status, refusal, request, fields }, options)),
    );
    return handler;
  };
}

interface Refused extends Pick<ErrorFacts, "status" | "fields"> {
  readonly request: string;
  readonly refusal: RefusalOptions;
}

/** A page for what went wrong on our side; what the client did wrong is said as ever. */
function explain(
  exchange: Exchange,
  { status, refusal, request, fields }: Refused,
  { memory, folders }: DevelopOptions,
): OutgoingResponse | null {
  if (status < 500 || refusal.upgrade !== undefined) return null;
  const app = exchange.trace?.app ?? null;
  const error = refusal.errorId === undefined ? "" : memory.errorOf(refusal.errorId);
  const output = app === null ? [] : memory.outputOf(app);
  const [firstLine = ""] = error.split("\n", 1);
  const end = app === null || status === 504 ? "" : memory.endOf(app);
  const title = firstLine || end || reasonPhrase(status);
  const frame = findSourceFrame(error === "" ? output.join("\n") : error, folders);
  return pageOf({ status, title, detail: error, frame, app, request, fields, output });
}

function pageOf(facts: ErrorFacts): OutgoingResponse {
  const fields = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" };
  return fixedResponse(facts.status, fields, renderErrorPage(facts));
}

function sendScript(exchange: Exchange): void {
  const fields = { "Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache" };
  exchange.respond(fixedResponse(200, fields, PAGE_SCRIPT));
}

/** Whether a browser is going to show the answer as a page: scripts that fetch a piece of HTML get it as it is. */
function isNavigation(head: RequestHead): boolean {
  if (head.isMethod("HEAD")) return false;
  const destination = head.fields.get("sec-fetch-dest");
  if (destination !== null) return destination === "document" || destination === "iframe" || destination === "frame";
  return head.fields.get("accept")?.includes("text/html") === true;
}

/**
 * Whether the server was reached by an address or a name of this machine. A page from elsewhere whose name has been made to lead here must not
 * read source code.
 */
function isLocalName(host: string): boolean {
  const name = host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
  return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost");
}
