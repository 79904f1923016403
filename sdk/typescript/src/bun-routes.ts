import type { Context } from "./context.ts";

type MaybePromise<T> = T | Promise<T>;

/** A request as handlers of routes get it: Bun's own has these two members besides. */
export interface RoutedRequest extends Request {
  readonly params: Readonly<Record<string, string>>;
  readonly cookies: Bun.CookieMap;
}

type Handler = (request: RoutedRequest, server: Context) => MaybePromise<Response | undefined>;
type Answer = Handler | Response | Blob;

/** What stands in `routes` of `Bun.serve` by a path: an answer, or one for each method. */
export type Route = Answer | false | Readonly<Record<string, Answer | false>>;

/** What a request has found. */
export interface FoundRoute {
  readonly answer: Answer;
  /** Percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly route: Route;
}

/** A wildcard at the end stands for any number of segments, a parameter for one. */
const WILDCARD = "*";
const PARAMETER = ":";

/** The `routes` of `Bun.serve`: the exact path wins over parameters, those over a wildcard, and of two patterns the one that says more first. */
export class BunRoutes {
  readonly #exact = new Map<string, Route>();
  readonly #patterns: Pattern[] = [];

  /** @throws {TypeError} for pages that Bun's own server would bundle. */
  constructor(routes: Readonly<Record<string, Route>>) {
    for (const [path, route] of Object.entries(routes).toSorted(([a], [b]) => (rankOf(a) < rankOf(b) ? -1 : 1))) {
      assertNoPage(path, route);
      if (/[:*]/.test(path)) this.#patterns.push(toPattern(path, route));
      else this.#exact.set(path, route);
    }
  }

  /** `null` where no route is meant, or none for this method; HEAD is answered by what answers GET. */
  find(method: string, path: string): FoundRoute | null {
    const exact = answerOf(this.#exact.get(path), method);
    if (exact !== null) return { answer: exact, params: {} };
    for (const { expression, names, route } of this.#patterns) {
      const found = expression.exec(path);
      const answer = found === null ? null : answerOf(route, method);
      if (answer === null) continue;
      return { answer, params: Object.fromEntries(names.map((name, index) => [name, decode(found![index + 1]!)])) };
    }
    return null;
  }
}

/** In the order of these texts patterns are tried: a letter comes before a parameter, that before a wildcard. */
function rankOf(path: string): string {
  return path
    .split("/")
    .map((segment) => (segment === WILDCARD ? "2" : segment.startsWith(PARAMETER) ? "1" : `0${segment}`))
    .join("/");
}

function toPattern(path: string, route: Route): Pattern {
  const names: string[] = [];
  const segments = path.split("/").map((segment) => {
    if (segment === WILDCARD) return ".*";
    if (!segment.startsWith(PARAMETER)) return segment.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
    names.push(segment.slice(PARAMETER.length));
    return "([^/]+)";
  });
  return { expression: new RegExp(`^${segments.join("/")}$`), names, route };
}

function answerOf(route: Route | undefined, method: string): Answer | null {
  if (route === undefined || route === false) return null;
  if (typeof route === "function" || route instanceof Response || route instanceof Blob) return route;
  const answer = route[method] ?? (method === "HEAD" ? route["GET"] : undefined);
  return answer === undefined || answer === false ? null : answer;
}

function assertNoPage(path: string, route: Route): void {
  const isPage = typeof route === "object" && "index" in route && !(route instanceof Response || route instanceof Blob);
  if (!isPage) return;
  throw new TypeError(
    `Cannot serve the route ${path}: it is a page that Bun would bundle, a handler or a Response is allowed; build it, and serve the files`,
  );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
