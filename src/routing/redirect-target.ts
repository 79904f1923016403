import { fixedResponse } from "../http/fixed-response.ts";
import { TargetTemplate } from "../paths/target-template.ts";
import { readPath } from "../paths/request-path.ts";
import { ImmediateHandler } from "./immediate-handler.ts";
import { RequestWords } from "./request-words.ts";
import type { RouteTarget } from "./route-target.ts";

/**
 * Sends clients elsewhere. A target on this server stays there: it never begins with two slashes, which would name another host
 * (RFC 3986 §4.2). Nothing in it can end the header line, for neither a target nor what a path is read into has a control character.
 */
export function createRedirect({ status, to }: { readonly status: number; readonly to: string }): RouteTarget {
  const template = new TargetTemplate(to);
  return (exchange, match) =>
    new ImmediateHandler(exchange, () => {
      const { head } = exchange;
      const path = readPath(head.bytes, head.pathStart, head.pathEnd, "keep");
      const words = new RequestWords(exchange, typeof path === "string" ? path : "/", match);
      const query = template.hasQuery || head.query === "" ? "" : `?${head.query}`;
      const location = template.render(words).replace(/^\/{2,}/, "/") + query;
      exchange.respond(fixedResponse(status, { Location: location, "Content-Type": "text/plain" }, ""));
    });
}
