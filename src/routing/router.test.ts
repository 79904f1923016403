import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../test/support/recording-log.ts";
import { answerOf, openExchange, type RequestLine, routeOf } from "../../test/support/routed-exchange.ts";
import type { RouteConfig } from "../config/route-config.ts";
import type { Exchange, ExchangeHandler } from "../http/exchange.ts";
import { fixedResponse } from "../http/fixed-response.ts";
import { createFixedAnswer } from "./fixed-answer.ts";
import { ImmediateHandler } from "./immediate-handler.ts";
import { createRedirect } from "./redirect-target.ts";
import { Router } from "./router.ts";

/** Apps answer with their name, the route, its parameters and what they were asked. */
function echo(app: string): (exchange: Exchange) => ExchangeHandler {
  return (exchange) =>
    new ImmediateHandler(exchange, () => {
      const { route, head } = exchange;
      const values = route?.values ?? [];
      const parameters = route?.route.parameterNames.map((name, index) => `${name}=${values[index]}`) ?? [];
      const said = [app, route?.route.name, ...parameters, head.method, head.target, head.path, head.query].join(" ");
      exchange.respond(fixedResponse(200, {}, said.trim()));
    });
}

function routerOf(
  routes: readonly Parameters<typeof routeOf>[0][],
  encodedSlashes: "refuse" | "keep" = "refuse",
): { readonly ask: (line: RequestLine, fields?: Record<string, string>) => string; readonly log: RecordingLog } {
  const log = new RecordingLog();
  const actions = {
    app: ({ app }: { readonly app: string }) => echo(app),
    static: () => echo("files"),
    proxy: () => echo("upstream"),
    redirect: createRedirect,
    respond: createFixedAnswer,
  };
  const router = new Router({ routes: routes.map(routeOf), actions, encodedSlashes, log });
  return { ask: (line, fields) => answerOf((exchange) => router.dispatch(exchange), line, fields), log };
}

const shop: Pick<RouteConfig, "action"> = {
  action: { kind: "app", app: "shop", streamsRequests: null, parsesForms: null, timeoutMs: null },
};
const blog: Pick<RouteConfig, "action"> = {
  action: { kind: "app", app: "blog", streamsRequests: null, parsesForms: null, timeoutMs: null },
};

describe("Router", () => {
  test("hands a request to the app of the most specific route, with its name and parameters", () => {
    const { ask } = routerOf([
      { match: { path: "/*" }, ...blog },
      { name: "item", match: { path: "/items/{id:int}/{rest:path}" }, ...shop },
    ]);
    expect(ask("GET a/items/7/x%20y/z?q=1")).toBe(
      "200\nshop item id=7 rest=x y/z GET /items/7/x%20y/z?q=1 /items/7/x%20y/z q=1",
    );
    expect(ask("GET a/items/x")).toStartWith("200\nblog /*");
  });

  test.each([
    ["GET example.org/", "exact"],
    ["GET EXAMPLE.org.:8080/", "exact"],
    ["GET %65xample.org:80/", "exact"],
    ["GET www.example.org/", "below"],
    ["GET www.ex%41mple.org/", "below"],
    ["GET a%00b/", "any"],
    ["GET a.b.example.org/", "below"],
    ["GET x.deep.example.org/", "deep"],
    ["GET notexample.org/", "any"],
    ["GET .example.org/", "any"],
    ["GET [::1]:80/", "address"],
    ["GET /", "any"],
    // The host's own routes have nothing there.
    ["GET example.org/elsewhere", "any"],
  ] as const)("chooses by host: %s is for %s", (line, name) => {
    const { ask } = routerOf([
      { name: "any" },
      { name: "below", match: { hosts: ["*.example.org"] } },
      { name: "exact", match: { hosts: ["example.org"], path: "/" } },
      { name: "deep", match: { hosts: ["*.deep.example.org"] } },
      { name: "address", match: { hosts: ["[::1]"] } },
    ]);
    expect(ask(line)).toEndWith(`\n${name}`);
  });

  test("chooses by conditions, the route with the most of them first", () => {
    const { ask } = routerOf([
      { name: "plain", match: { path: "/x" } },
      { name: "query", match: { path: "/x", query: { page: "2", sort: "*" } } },
      { name: "field", match: { path: "/x", headers: { "x-beta": "yes" } } },
      { name: "both", match: { path: "/x", headers: { "x-beta": "*" }, query: { page: "*" }, methods: ["GET"] } },
    ]);
    expect(ask("GET a/x")).toEndWith("plain");
    expect(ask("GET a/x?page=2")).toEndWith("plain");
    expect(ask("GET a/x?sort=&page=%32")).toEndWith("query");
    expect(ask("GET a/x?page=3", { "X-Beta": "yes" })).toEndWith("both");
    expect(ask("POST a/x", { "X-Beta": "yes" })).toEndWith("field");
    expect(ask("POST a/x", { "X-Beta": "no" })).toEndWith("plain");
  });

  test("refuses methods that no route takes with 405 and those that one would", () => {
    const { ask } = routerOf([
      { name: "read", match: { path: "/x", methods: ["GET"] } },
      { name: "write", match: { path: "/x", methods: ["PUT"] } },
      { name: "name", match: { path: "/{name}", methods: ["DELETE"] } },
      { match: { path: "/x", methods: ["PATCH"], headers: { "x-beta": "yes" } } },
    ]);
    expect(ask("GET a/x")).toEndWith("read");
    expect(ask("HEAD a/x")).toEndWith("read");
    expect(ask("PUT a/x")).toEndWith("write");
    // Back from the text to the parameter.
    expect(ask("DELETE a/x")).toEndWith("name");
    expect(ask("POST a/x")).toBe("refused 405 DELETE, GET, HEAD, OPTIONS, PUT");
    expect(ask("get a/x")).toBe("refused 405 DELETE, GET, HEAD, OPTIONS, PUT");
    expect(ask("OPTIONS a/x")).toBe("204\nAllow: DELETE, GET, HEAD, OPTIONS, PUT");
    expect(ask("GET a/nowhere/at/all")).toBe("refused 404");
    expect(ask("OPTIONS *")).toBe("204");
  });

  test("lets no method past the route for it by its letter case", () => {
    const { ask } = routerOf([
      { name: "guarded", match: { path: "/admin/*", methods: ["DELETE"] } },
      { name: "rest", match: { path: "/*" } },
    ]);
    expect(ask("DELETE a/admin/x")).toEndWith("guarded");
    expect(ask("delete a/admin/x")).toBe("refused 405 DELETE, OPTIONS");
    expect(ask("GET a/admin/x")).toContain("rest");
    expect(ask("delete a/x")).toContain("rest");
  });

  test("takes an extended CONNECT for the GET it is in HTTP/1.1", () => {
    const { exchange, writer } = openExchange("CONNECT a/chat");
    exchange.head.protocolStart = exchange.head.pathStart + 1;
    exchange.head.protocolEnd = exchange.head.pathEnd;
    const actions = {
      app: () => echo("chat"),
      static: () => echo("files"),
      proxy: () => echo("upstream"),
      redirect: createRedirect,
      respond: createFixedAnswer,
    };
    const routes = [routeOf({ match: { path: "/chat", methods: ["GET"] }, ...shop })];
    const router = new Router({ routes, actions, encodedSlashes: "refuse", log: new RecordingLog() });
    exchange.handler = router.dispatch(exchange);
    exchange.complete(null);
    expect(writer.answer).toStartWith("200\nchat /chat");
  });

  test.each(["GET a/%2e%2e/admin", "GET a/public/..%2fadmin", "GET a/x%00", "GET a/%c0%af", "GET a/a\\b"] as const)(
    "refuses %s before a route is asked",
    (line) => {
      expect(routerOf([{}]).ask(line)).toBe("refused 400");
    },
  );

  test.each(["GET a/admin/x", "GET a//admin/x", "GET a/%61dmin/x", "GET a/admin", "GET a/admin/"] as const)(
    "guards all spellings of a path: %s",
    (line) => {
      expect(routerOf([{ name: "open" }, { name: "guarded", match: { path: "/admin/*" } }]).ask(line)).toEndWith(
        "guarded",
      );
    },
  );

  test("gives encoded slashes to a parameter where they are kept", () => {
    const { ask } = routerOf([{ name: "project", match: { path: "/projects/{id}" }, ...shop }], "keep");
    expect(ask("GET a/projects/group%2Fname")).toStartWith("200\nshop project id=group/name");
    expect(ask("GET a/projects/group/name")).toBe("refused 404");
  });

  describe("rewrites", () => {
    test("let the action see another path, and keep the query unless they have one", () => {
      const { ask } = routerOf([
        { name: "old", match: { path: "/old/{rest:path}" }, rewrite: "/new/{rest}", ...shop },
        { name: "page", match: { path: "/page/{id}" }, rewrite: "/index.php?id={id}&{query}", ...shop },
      ]);
      expect(ask("GET a/old/x%20y/z?q=1")).toBe("200\nshop old rest=x y/z GET /new/x%20y/z?q=1 /new/x%20y/z q=1");
      expect(ask("POST a/page/a%26b?x=1")).toBe(
        "200\nshop page id=a&b POST /index.php?id=a%26b&x=1 /index.php id=a%26b&x=1",
      );
    });

    test("ask the routes again when they stand alone", () => {
      const { ask } = routerOf([
        { match: { path: "/old/*" }, rewrite: "/new{path}", action: { kind: "reroute" } },
        { name: "new", match: { path: "/new/old/{id}" }, ...shop },
      ]);
      expect(ask("GET a/old/7")).toStartWith("200\nshop new id=7 GET /new/old/7");
    });

    test("end in 500 when they go round in circles", () => {
      const { ask, log } = routerOf([{ name: "round", rewrite: "/x{path}", action: { kind: "reroute" } }]);
      expect(ask("GET a/")).toBe("refused 500");
      expect(log.events).toMatchObject([{ level: "error", event: "request rewritten without end" }]);
    });
  });

  describe("redirects", () => {
    test.each([
      ["/new/{rest}", "GET a/old/x%20y?q=1", "/new/x%20y?q=1"],
      ["/new?from={rest}", "GET a/old/x&y?q=1", "/new?from=x%26y"],
      ["https://{host}{path}", "GET A.example:8080/old/x", "https://a.example/old/x"],
      // No request chooses the host.
      ["/{rest}", "GET a/old//evil.example/x", "/evil.example/x"],
      ["{path}", "GET a//old/x", "/old/x"],
      ["https://shop.example/{rest}", "GET a/old/@evil.example", "https://shop.example/%40evil.example"],
    ] as const)("to %s send %s to %s", (to, line, location) => {
      const action = { kind: "redirect", status: 307, to } as const;
      const { ask } = routerOf([{ match: { path: "/old/{rest:path}" }, action }]);
      expect(ask(line)).toBe(`307\nLocation: ${location}\nContent-Type: text/plain`);
    });

    test("carry line breaks encoded, so that they stay one line", () => {
      const action = { kind: "redirect", status: 307, to: "/new/{rest}" } as const;
      const { ask } = routerOf([{ match: { path: "/old/{rest:path}" }, action }]);
      expect(ask("GET a/old/x%0d%0aSet-Cookie:%20a=b")).toContain("Location: /new/x%0D%0ASet-Cookie%3A%20a%3Db\n");
    });
  });

  test("answers fixed responses with their own type or as text", () => {
    const respond = { kind: "respond", status: 410, body: "gone" } as const;
    const { ask } = routerOf([
      { match: { path: "/a" }, action: { ...respond, headers: { "X-A": "1" } } },
      { match: { path: "/b" }, action: { ...respond, headers: { "content-type": "text/html" } } },
      { match: { path: "/c" }, action: { ...respond, headers: {}, body: "" } },
    ]);
    expect(ask("GET a/a")).toBe("410\nX-A: 1\nContent-Type: text/plain; charset=utf-8\ngone");
    expect(ask("GET a/b")).toBe("410\ncontent-type: text/html\ngone");
    expect(ask("GET a/c")).toBe("410");
  });
});
