import type { ErrorPagesConfig } from "../../config/route-policy-config.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import { PassingWriter } from "../../http/passing-writer.ts";
import type { RefusalOptions, ResponseWriter } from "../../http/response-writer.ts";
import { fieldBlockOf, fieldListOf } from "../../protocols/http/field-list.ts";
import { reasonPhrase } from "../../protocols/http/status.ts";
import { preferredType } from "./preferred-type.ts";
import type { Policy } from "./policy.ts";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{status} {reason}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 20vh auto 0; padding: 0 1.5rem }
h1 { font-size: 1.75rem; margin: 0 }
p { opacity: .7 }
</style>
</head>
<body>
<h1>{status} {reason}</h1>
<p>{error_id}</p>
</body>
</html>
`;

/** What a client is shown an error as. */
type ErrorFormat = "html" | "json" | "text";

const TYPES: Readonly<Record<ErrorFormat, readonly string[]>> = {
  html: ["text/html", "application/xhtml+xml"],
  json: ["application/json", "application/problem+json"],
  text: ["text/plain"],
};

/** Gives errors of the engine's own a page, in the form that the client prefers. What apps answer is theirs. */
export function errorPages({ html }: ErrorPagesConfig): Policy {
  return (exchange, match, next) => {
    const format = preferredType(exchange.head.fields, TYPES, "text");
    if (format !== "text") exchange.intercept((writer) => new PageWriter(writer, format, html ?? PAGE));
    return next(exchange, match);
  };
}

class PageWriter extends PassingWriter {
  readonly #format: Exclude<ErrorFormat, "text">;
  readonly #page: string;

  constructor(next: ResponseWriter, format: Exclude<ErrorFormat, "text">, page: string) {
    super(next);
    this.#format = format;
    this.#page = page;
  }

  override writeRefusal(status: number, options: RefusalOptions = {}): void {
    // RFC 9110 §15.5.22: what asks for another protocol has fields that only the connection can write.
    if (options.upgrade !== undefined) {
      this.next.writeRefusal(status, options);
      return;
    }
    const { allow, retryAfterS, errorId, fields = [] } = options;
    const page = this.#format === "html" ? renderHtml(this.#page, status, errorId) : renderProblem(status, errorId);
    const type = this.#format === "html" ? "text/html; charset=utf-8" : "application/problem+json";
    const response = fixedResponse(status, { "Content-Type": type, "Cache-Control": "no-store" }, page);
    const more = [
      ...(allow === undefined ? [] : [["Allow", allow] as const]),
      ...(retryAfterS === undefined ? [] : [["Retry-After", String(retryAfterS)] as const]),
      ...fields,
    ];
    this.next.writeResponse({ ...response, fields: fieldBlockOf([...fieldListOf(response.fields), ...more]) });
  }
}

/** Nothing of it comes from a client or a worker, so nothing has to be escaped. */
function renderHtml(page: string, status: number, errorId: string | undefined): string {
  return page
    .replaceAll("{status}", String(status))
    .replaceAll("{reason}", reasonPhrase(status))
    .replaceAll("{error_id}", errorId === undefined ? "" : `Error id: ${errorId}`);
}

/** RFC 9457 §3.1, with the id of the log line as an extension. */
function renderProblem(status: number, errorId: string | undefined): string {
  const problem = { type: "about:blank", title: reasonPhrase(status), status };
  return `${JSON.stringify(errorId === undefined ? problem : { ...problem, error_id: errorId })}\n`;
}
