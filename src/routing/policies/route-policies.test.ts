import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import {
  answerOf,
  openExchange,
  type RequestLine,
  routeOf,
  type RouteWords,
} from "../../../test/support/routed-exchange.ts";
import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import { fieldListOf } from "../../protocols/http/field-list.ts";
import { createFixedAnswer } from "../fixed-answer.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import { createRedirect } from "../redirect-target.ts";
import { Router } from "../router.ts";

const MAINTENANCE = { retryAfterS: 60, allowed: [] };

type Fields = Readonly<Record<string, string>>;

/** An app that answers with the fields it got and one of its own. */
function echo(exchange: Exchange): ExchangeHandler {
  return new ImmediateHandler(exchange, () => {
    const got = fieldListOf(exchange.head.fields).map((field) => field.join("="));
    exchange.respond(fixedResponse(200, { "X-Powered-By": "app" }, got.join(" ")));
  });
}

function routerOf(...routes: readonly RouteWords[]): Router {
  const actions = {
    app: () => echo,
    static: () => echo,
    proxy: () => echo,
    redirect: createRedirect,
    respond: createFixedAnswer,
  };
  const configs = routes.map((words) =>
    routeOf({
      action: { kind: "app", app: "echo", streamsRequests: null, parsesForms: null, timeoutMs: null },
      ...words,
    }),
  );
  return new Router({ routes: configs, actions, encodedSlashes: "refuse", log: new RecordingLog() });
}

function asking(policies: RouteWords["policies"] & object): (line: RequestLine, fields?: Fields) => string {
  const router = routerOf({ policies });
  return (line, fields) => answerOf((exchange) => router.dispatch(exchange), line, fields);
}

describe("header rules", () => {
  test("change what the app gets", () => {
    const ask = asking({
      requestFields: { remove: ["x-secret"], set: { "X-From": "front" }, add: { Via: "1.1 vilya" } },
    });
    expect(ask("GET a/", { "X-Secret": "1", "x-from": "client", Via: "1.1 b", Host: "a" })).toEndWith(
      "Via=1.1 b Host=a X-From=front Via=1.1 vilya",
    );
  });

  test("change what clients get, in answers and in refusals", () => {
    const responseFields = { remove: ["X-Powered-By"], set: { "Cache-Control": "no-store" }, add: { Link: "</a>" } };
    expect(asking({ responseFields })("GET a/")).toBe("200\nCache-Control: no-store\nLink: </a>");
    expect(asking({ responseFields, maintenance: MAINTENANCE })("GET a/")).toBe(
      "refused 503 Cache-Control: no-store, Link: </a>",
    );
  });

  test("add security headers where the app has none, and HSTS over TLS alone", () => {
    const router = routerOf({ policies: { securityHeaders: true } });
    const clear = openExchange("GET a/");
    clear.exchange.handler = router.dispatch(clear.exchange);
    clear.exchange.complete(null);
    expect(clear.writer.answer).toContain("X-Content-Type-Options: nosniff\nX-Frame-Options: SAMEORIGIN");
    expect(clear.writer.answer).not.toContain("Strict-Transport-Security");
    const secure = openExchange("GET a/");
    secure.exchange.cameFrom({ remoteAddress: secure.exchange.remoteAddress, scheme: "https" });
    secure.exchange.handler = router.dispatch(secure.exchange);
    secure.exchange.complete(null);
    expect(secure.writer.answer).toContain("Strict-Transport-Security: max-age=31536000");
    const action = { kind: "respond", status: 200, headers: { "x-frame-options": "DENY" }, body: "" } as const;
    const own = routerOf({ action, policies: { securityHeaders: true } });
    const answer = answerOf((exchange) => own.dispatch(exchange), "GET a/");
    expect(answer.match(/x-frame-options: .*/gi)).toEqual(["x-frame-options: DENY"]);
  });
});

describe("maintenance", () => {
  test("sends everybody away but those at the addresses that may look on", () => {
    expect(asking({ maintenance: { retryAfterS: 90, allowed: [] } })("GET a/")).toBe("refused 503");
    expect(asking({ maintenance: { retryAfterS: 90, allowed: ["192.0.2.0/24"] } })("GET a/")).toStartWith("200");
    expect(asking({ maintenance: { retryAfterS: 90, allowed: ["192.0.2.2", "unix"] } })("GET a/")).toBe("refused 503");
  });
});

describe("request_id", () => {
  const ask = asking({ requestId: true });

  test("keeps a usable one of the client and tells the app and the client", () => {
    expect(ask("GET a/", { "x-request-id": "abc-1" })).toBe(
      "200\nX-Powered-By: app\nX-Request-Id: abc-1\nX-Request-Id=abc-1",
    );
  });

  test.each([{}, { "X-Request-Id": "a b" }, { "X-Request-Id": "" }, { "X-Request-Id": "x".repeat(129) }])(
    "makes a new one for %j",
    (fields: Fields) => {
      expect(ask("GET a/", fields)).toMatch(/\nX-Request-Id: ([0-9a-f]{32})\nX-Request-Id=\1$/);
    },
  );
});

describe("cors and limits", () => {
  test("let scripts read what is refused, and count no preflight", () => {
    const cors = {
      origins: ["https://a.example"],
      methods: ["GET"],
      headers: [],
      exposed: ["Retry-After"],
      allowsCredentials: false,
      maxAgeS: 60,
    };
    const ask = asking({ cors, rateLimit: { requestCount: 1, periodMs: 60_000, burstCount: 1 } });
    const fields = { Origin: "https://a.example" };
    const preflight = { ...fields, "Access-Control-Request-Method": "GET" };
    for (let round = 0; round < 3; round++) expect(ask("OPTIONS a/", preflight)).toStartWith("204");
    expect(ask("GET a/", fields)).toStartWith("200");
    expect(ask("GET a/", fields)).toMatch(/^refused 429 retry 60 .*Access-Control-Allow-Origin: https:\/\/a\.example/);
  });
});

describe("cors", () => {
  const cors = {
    origins: ["https://app.example"],
    methods: ["GET", "PUT"],
    headers: ["X-A"],
    exposed: ["X-B"],
    allowsCredentials: true,
    maxAgeS: 600,
  };
  const preflight = { Origin: "https://App.example", "Access-Control-Request-Method": "PUT" };

  test("answers preflights, also where the route is for other methods only", () => {
    const router = routerOf({ match: { methods: ["PUT"] }, policies: { cors } });
    const ask = (fields: Fields) => answerOf((exchange) => router.dispatch(exchange), "OPTIONS a/", fields);
    expect(ask(preflight)).toBe(
      [
        "204",
        "Access-Control-Allow-Origin: https://App.example",
        "Access-Control-Allow-Methods: GET, PUT",
        "Access-Control-Max-Age: 600",
        "Access-Control-Allow-Headers: X-A",
        "Access-Control-Allow-Credentials: true",
        "Vary: Origin",
      ].join("\n"),
    );
    expect(ask({ ...preflight, Origin: "https://evil.example" })).toBe("204\nVary: Origin");
    expect(ask({ ...preflight, Origin: "https://app.example.evil.example" })).toBe("204\nVary: Origin");
    expect(ask({ ...preflight, Origin: "null" })).toBe("204\nVary: Origin");
  });

  test("says on every answer who may read it, refusals included", () => {
    const action = { kind: "respond", status: 200, headers: { "Access-Control-Allow-Origin": "*" }, body: "" } as const;
    const router = routerOf({ action, policies: { cors } });
    const ask = (fields: Fields) => answerOf((exchange) => router.dispatch(exchange), "GET a/", fields);
    expect(ask({ Origin: "https://app.example" })).toBe(
      "200\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Expose-Headers: X-B\nVary: Origin",
    );
    expect(ask({ Origin: "https://evil.example" })).toBe("200\nVary: Origin");
    const guarded = asking({ cors, bodyBytesMax: 0, basicAuth: { realm: "r", users: { a: "$2b$" } } });
    expect(guarded("GET a/", { Origin: "https://app.example" })).toContain(
      "Access-Control-Allow-Origin: https://app.example",
    );
  });

  test("lets any origin and any field through where it is said so", () => {
    const ask = asking({ cors: { ...cors, origins: ["*"], headers: ["*"], allowsCredentials: false, exposed: [] } });
    expect(ask("GET a/", { Origin: "null" })).toBe(
      "200\nX-Powered-By: app\nAccess-Control-Allow-Origin: *\nOrigin=null",
    );
    const asked = { ...preflight, "Access-Control-Request-Headers": "x-one, x-two" };
    expect(ask("OPTIONS a/", asked)).toContain("Access-Control-Allow-Headers: x-one, x-two");
    expect(ask("OPTIONS a/", { ...asked, "Access-Control-Request-Headers": "a;b" })).not.toContain("Allow-Headers");
  });
});

describe("max_body_size", () => {
  const open = (contentLength: number, isChunked = false) => {
    const opened = openExchange("POST a/");
    opened.exchange.head.contentLength = contentLength;
    opened.exchange.head.isChunked = isChunked;
    opened.exchange.handler = routerOf({ policies: { bodyBytesMax: 10 } }).dispatch(opened.exchange);
    return opened;
  };
  test("refuses a body unread where its length is announced", () => {
    expect(open(11).writer.answer).toBe("refused 413");
    expect(open(10).writer.answer).toBe("");
  });

  test("lets its connection measure one whose length is not announced", () => {
    expect(open(-1, true).exchange.bodyBytesMax).toBe(10);
  });
});

describe("error_pages", () => {
  const ask = asking({
    errorPages: { html: "<h1>{status} {reason}</h1>" },
    maintenance: MAINTENANCE,
    responseFields: null,
  });

  test.each([
    ["text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", "<h1>503 Service Unavailable</h1>"],
    [
      "application/json",
      "application/problem+json",
      '{"type":"about:blank","title":"Service Unavailable","status":503}',
    ],
    [
      "text/html;q=0.5, application/json",
      "application/problem+json",
      '{"type":"about:blank","title":"Service Unavailable","status":503}',
    ],
  ])("are what %s asks for", (accept, type, body) => {
    expect(ask("GET a/", { Accept: accept })).toBe(
      `503\nContent-Type: ${type}\nCache-Control: no-store\nRetry-After: 60\n${body}`,
    );
  });

  test.each(["*/*", "text/*", "text/plain", "application/json;q=0", ",;q=,", "x".repeat(9_000)])(
    "are plain for %s",
    (accept) => {
      expect(ask("GET a/", { Accept: accept })).toBe("refused 503");
    },
  );

  test("have the fields of later policies, too", () => {
    const asked = asking({ errorPages: { html: null }, maintenance: MAINTENANCE, requestId: true })("GET a/", {
      Accept: "text/html",
      "X-Request-Id": "7",
    });
    expect(asked).toContain("\nX-Request-Id: 7\n");
    expect(asked).toContain("<title>503 Service Unavailable</title>");
  });

  test("leave the app's own errors alone", () => {
    const action = { kind: "respond", status: 500, headers: {}, body: "mine" } as const;
    const router = routerOf({ action, policies: { errorPages: { html: null } } });
    expect(answerOf((exchange) => router.dispatch(exchange), "GET a/", { Accept: "text/html" })).toEndWith("mine");
  });
});

test("policies of a route that rewrites hold for whatever answers in the end", () => {
  const router = routerOf(
    { match: { path: "/old/*" }, rewrite: "/new", action: { kind: "reroute" }, policies: { maintenance: MAINTENANCE } },
    { match: { path: "/new" } },
  );
  const ask = (line: RequestLine) => answerOf((exchange) => router.dispatch(exchange), line);
  expect(ask("GET a/old/x")).toBe("refused 503");
  expect(ask("GET a/new")).toStartWith("200");
});
