import type { Exchange } from "../http/exchange.ts";
import type { MatchedRoute } from "../http/matched-route.ts";
import { encodePathText, type RequestWord, type TemplateValues } from "../paths/target-template.ts";
import { hostOf } from "./host-table.ts";

/** What the words of a target are in one request. `{path}` is the path as it was read, so it never begins with two slashes. */
export class RequestWords implements TemplateValues {
  readonly #exchange: Exchange;
  readonly #path: string;
  readonly #match: MatchedRoute;

  /** @param path as `readPath` returned it. */
  constructor(exchange: Exchange, path: string, match: MatchedRoute) {
    this.#exchange = exchange;
    this.#path = path;
    this.#match = match;
  }

  parameter(name: string): string | undefined {
    return this.#match.part(name);
  }

  word(word: RequestWord): string {
    const { head, scheme } = this.#exchange;
    switch (word) {
      case "scheme":
        return scheme;
      case "host":
        return hostOf(head.authority);
      case "path":
        return encodePathText(this.#path);
      case "query":
        return head.query;
    }
  }
}
