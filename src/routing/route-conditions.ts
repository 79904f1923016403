import type { RouteMatchConfig } from "../config/route-config.ts";
import type { RequestHead } from "../protocols/http/request-head.ts";

const ANY = "*";

/** What a request has to have beside host, method and path: parameters of its query, and header fields. */
export class RouteConditions {
  readonly #query: readonly (readonly [name: string, text: string])[];
  readonly #fields: readonly (readonly [lowerCaseName: string, text: string])[];

  constructor({ query, headers }: Pick<RouteMatchConfig, "query" | "headers">) {
    this.#query = Object.entries(query);
    this.#fields = Object.entries(headers);
  }

  get count(): number {
    return this.#query.length + this.#fields.length;
  }

  /** Of several fields or parameters of a name, one has to be right. */
  hold(head: RequestHead): boolean {
    return (
      this.#fields.every(([name, text]) => hasField(head, name, text)) &&
      (this.#query.length === 0 || hasParameters(head.query, this.#query))
    );
  }
}

function hasField({ fields }: RequestHead, lowerCaseName: string, text: string): boolean {
  for (let at = fields.find(lowerCaseName, 0); at !== -1; at = fields.find(lowerCaseName, at + 1)) {
    if (text === ANY || fields.value(at) === text) return true;
  }
  return false;
}

/** The query as forms write it (WHATWG URL §5.1): what cannot be decoded is nobody's parameter. */
function hasParameters(query: string, wanted: readonly (readonly [name: string, text: string])[]): boolean {
  const parameters = new URLSearchParams(query);
  return wanted.every(([name, text]) => (text === ANY ? parameters.has(name) : parameters.getAll(name).includes(text)));
}
