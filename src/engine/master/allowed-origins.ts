import type { RequestHead } from "../../protocols/http/request-head.ts";

/** Ports that an origin does not name. */
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * The pages that may open WebSockets. Browsers let any page open one to any host and send that host's cookies with it; what protects the
 * user is that the server looks at Origin (RFC 6455 §10.2). Clients that are no browsers send none, and are let in: they hold nobody's cookies.
 */
export class AllowedOrigins {
  readonly #areAllAllowed: boolean;
  readonly #isSameAllowed: boolean;
  readonly #origins: ReadonlySet<string>;
  /** What stands before and behind the `*` of an entry. */
  readonly #patterns: readonly (readonly [start: string, end: string])[];

  /** @param entries of `server.websocket.allowed_origins`: `*`, `same`, origins, and origins whose host begins with `*.`. */
  constructor(entries: readonly string[]) {
    const origins = entries.map((entry) => entry.toLowerCase());
    this.#areAllAllowed = origins.includes("*");
    this.#isSameAllowed = origins.includes("same");
    this.#origins = new Set(origins);
    this.#patterns = origins
      .filter((origin) => origin.includes("://*."))
      .map((origin) => {
        const at = origin.indexOf("*");
        return [origin.slice(0, at), origin.slice(at + 1)] as const;
      });
  }

  /** Whether the page that sends this request may. Of several Origin fields none can be believed. */
  allow({ fields, authority }: RequestHead): boolean {
    if (this.#areAllAllowed) return true;
    const index = fields.find("origin", 0);
    if (index === -1) return true;
    if (fields.find("origin", index + 1) !== -1) return false;
    const origin = fields.value(index).toLowerCase();
    if (this.#origins.has(origin)) return true;
    if (this.#isSameAllowed && isSame(origin, authority)) return true;
    return this.#patterns.some(([start, end]) => isBetween(origin, start, end));
  }
}

/** Compares host and port. A proxy in front may have ended TLS, so the scheme alone proves nothing. */
function isSame(origin: string, authority: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host, port } = new URL(origin);
  const defaultPort = DEFAULT_PORTS[protocol];
  if (defaultPort === undefined) return false;
  const asked = authority.toLowerCase();
  return asked === host || (port === "" && asked === `${host}:${defaultPort}`);
}

function isBetween(origin: string, start: string, end: string): boolean {
  return origin.length > start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
}
