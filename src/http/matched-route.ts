import { segmentText } from "../paths/request-path.ts";

/** What is the same for all requests of a route. */
export interface RouteIdentity {
  readonly name: string;
  /** The pattern of its path, as it stands in the configuration. */
  readonly path: string;
  /** In the order of the pattern. */
  readonly parameterNames: readonly string[];
}

/** The route that a request was found to be for, and what its path has in the place of the route's parameters. */
export class MatchedRoute {
  readonly route: RouteIdentity;
  /** As `readPath` left them, in the order of the names. */
  readonly #parts: readonly string[];

  /** How many times the request has been rewritten, and routes asked again, before. */
  readonly rewriteCount: number;

  constructor(route: RouteIdentity, parts: readonly string[], rewriteCount = 0) {
    this.route = route;
    this.rewriteCount = rewriteCount;
    this.#parts = parts;
  }

  /** The texts of the parameters, decoded, in the order of their names. */
  get values(): readonly string[] {
    return this.#parts.map(segmentText);
  }

  /** What the path has for a parameter, with kept slashes still told from others; undefined for one that the route does not have. */
  part(name: string): string | undefined {
    const index = this.route.parameterNames.indexOf(name);
    return index === -1 ? undefined : this.#parts[index];
  }
}
