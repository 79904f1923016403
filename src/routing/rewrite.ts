import { readPath } from "../paths/request-path.ts";
import { TargetTemplate } from "../paths/target-template.ts";
import { RequestWords } from "./request-words.ts";
import type { RouteTarget } from "./route-target.ts";

/** Lets a target see another path. The query goes along unless the template has one of its own. */
export function rewriting(to: string, target: RouteTarget): RouteTarget {
  const template = new TargetTemplate(to);
  return (exchange, match) => {
    const { head } = exchange;
    const path = readPath(head.bytes, head.pathStart, head.pathEnd, "keep");
    const words = new RequestWords(exchange, typeof path === "string" ? path : "/", match);
    const query = template.hasQuery || head.query === "" ? "" : `?${head.query}`;
    // Two slashes at the front would be a host to whoever takes the target for a reference (RFC 3986 §4.2).
    head.retarget(template.render(words).replace(/^\/{2,}/, "/") + query);
    return target(exchange, match);
  };
}
